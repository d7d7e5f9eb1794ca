import { expect, test } from '@jest/globals';
import { loadTiers } from '../../../src/files/tiers.ts';
import { composePage } from '../../../src/services/page/view.ts';
import { checkOf, forecastOf, tierOf } from './forecast-of.ts';

const stated = new Map((await loadTiers('models/tiers.yaml')).map((tier) => [tier.id, tier]));
const viewOf = (...tiers: Parameters<typeof forecastOf>[0]) =>
  composePage({ forecast: forecastOf(tiers), stated, staysInside: false, about: [] });

test('a tier whose bill is all it costs has one row, any other has two', () => {
  const { tiers } = viewOf(
    tierOf({ id: 'openai', bill: [10, 20] }),
    tierOf({ id: 'local', bill: [10, 20], full: [10, 20.01] }),
  );
  expect(tiers.map(({ rows }) => rows.map(({ label }) => label))).toEqual([
    ['Bill = full cost'],
    ['Bill', 'Full cost'],
  ]);
  expect(tiers.map(({ monthly }) => monthly.map(({ bands }) => bands.length))).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test('the bars of all tiers share one scale, which ends at the highest P90', () => {
  const { tiers } = viewOf(tierOf({ id: 'openai', bill: [100] }), tierOf({ id: 'local', bill: [50] }));
  // The highest P90 is 100 × 1.1 = 110: 90 ÷ 110, 100 ÷ 110, 110 ÷ 110, and half of each.
  expect(tiers.map(({ rows }) => rows[0]?.range)).toEqual([
    { low: 81.82, middle: 90.91, high: 100 },
    { low: 40.91, middle: 45.45, high: 50 },
  ]);
});

test('credits below zero stay on the scale', () => {
  const { tiers } = viewOf(tierOf({ id: 'openai', bill: [-5] }));
  expect(tiers[0]?.rows[0]?.range).toEqual({ low: 0, middle: 0, high: 0 });
  expect(tiers[0]?.rows[0]?.total.text).toBe('−$5.00');
});

test('the stated rating stands beside the computed ones, and it is said where they differ', () => {
  const check = (rating: 'Excellent' | 'Poor') => checkOf({ rating });
  const local = tierOf({ id: 'local', bill: [10], full: [20], check: check('Excellent') });
  const mixed = { ...local, predictability: { bill: check('Excellent'), full: check('Poor') } };
  const own = tierOf({ id: 'own-cloud', label: 'Own cloud', bill: [10] });
  expect(viewOf(local).claims[0]).toMatchObject({ stated: 'Excellent', agrees: 'yes' });
  expect(viewOf(mixed).claims[0]).toMatchObject({
    stated: 'Excellent',
    full: { rating: 'Poor' },
    agrees: 'on the bill only',
  });
  expect(viewOf(tierOf({ id: 'openai', bill: [10], check: check('Poor') })).claims[0]).toMatchObject({
    stated: 'Limited',
    agrees: 'no',
  });
  expect(viewOf(own).claims[0]).toMatchObject({ label: 'Own cloud', stated: 'not stated', agrees: '–' });
});

test('a tier without figures keeps its place in words, also with a reason that has none here', () => {
  const view = viewOf(
    { id: 'google', label: 'Google Gemini', months: null, total: null, reason: 'no-model' },
    { id: 'openai', label: 'OpenAI', months: null, total: null, reason: 'some-new-reason' },
  );
  expect(view.answer).toBeNull();
  expect(view.tiers).toEqual([]);
  expect(view.unavailable.map(({ label, reason }) => `${label}: ${reason}`)).toEqual([
    'Google Gemini: a workload names no model for it',
    'OpenAI: some new reason',
  ]);
});

test('what the chart shows is said in a sentence', () => {
  const [finding] = viewOf(tierOf({ id: 'openai', label: 'OpenAI', bill: [100, 200] })).tiers.flatMap(({ rows }) =>
    rows.map((row) => row.finding),
  );
  // The last month's P10 and P90: 200 × 0.9 and 200 × 1.1.
  expect(finding).toBe(
    'OpenAI, bill = full cost: the median rises from about $100 in January 2027 to about $200 in February 2027, when 80 of 100 simulated futures lie between $180 and $220.',
  );
});
