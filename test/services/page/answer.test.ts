import { describe, expect, test } from '@jest/globals';
import type { Forecast } from '../../../src/core/forecast/result.ts';
import { figureTextFor } from '../../../src/services/figure-text.ts';
import type { Answer, Fits } from '../../../src/services/page/answer.ts';
import { answerInWords, findLeadingTier } from '../../../src/services/page/answer.ts';
import { checkOf, forecastOf, tierOf } from './forecast-of.ts';

/** The answer with plain spaces. */
function answerOf(forecast: Forecast, fits: Fits = () => true): Answer {
  const lead = findLeadingTier(forecast, fits);
  if (lead === null) throw new Error('no tier was computed');
  const { cost, bill, because, beside } = answerInWords(forecast, lead, fits, figureTextFor(forecast.currency));
  const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
  return { cost: plain(cost), bill: plain(bill), because: plain(because), beside: beside.map(plain) };
}

const hybrid = tierOf({ id: 'hybrid', label: 'Hybrid', bill: [287.63, 300], full: [976.51, 990] });
const openai = tierOf({ id: 'openai', label: 'OpenAI', bill: [580, 600] });
const pair = {
  a: 'openai',
  b: 'hybrid',
  difference: { p10: '0.00', p50: '0.00', p90: '0.00' },
  break_even: {
    month: null,
    p10: null,
    p90: null,
    never_probability: '1',
    monthly_tokens: null,
    capex_payback_months: null,
  },
};

describe('the answer', () => {
  test('is about the hybrid, at its full cost and its bill', () => {
    const { cost, bill } = answerOf(forecastOf([openai, hybrid]));
    // 976.51 + 990 = 1,966.51
    expect(cost).toBe('Hybrid costs about $977 a month to begin with, and about $1,970 over 2 months.');
    expect(bill).toBe('Next month’s bill within ±10 %: not enough evidence (89 %).');
  });

  test('is about the cheapest tier where there is no hybrid', () => {
    const local = tierOf({ id: 'local', label: 'Local inference', bill: [900, 900] });
    const forecast = forecastOf([local, openai], {
      comparison: { baseline: 'openai', ranking: ['openai', 'local'], pairs: [] },
    });
    expect(answerOf(forecast).cost).toMatch(/^OpenAI costs about \$580 a month/);
    expect(answerOf(forecast).beside).toEqual(['On average no other tier costs less.']);
  });

  test('passes over tiers that could not be computed', () => {
    const without = { id: 'hybrid', label: 'Hybrid', months: null, total: null, reason: 'no-model' } as const;
    expect(answerOf(forecastOf([without, openai])).cost).toMatch(/^OpenAI/);
    expect(findLeadingTier(forecastOf([without]), () => true)).toBeNull();
  });

  test('says in how many futures the tier is cheaper than the baseline, also where the pair is listed the other way round', () => {
    const comparison = {
      baseline: 'openai',
      ranking: ['openai', 'hybrid'],
      pairs: [{ ...pair, probability_a_cheaper: '0.57' }],
    };
    // 1 − 0.57 = 0.43; the baseline costs 580 + 600 = 1,180.
    expect(answerOf(forecastOf([openai, hybrid], { comparison })).beside).toEqual([
      'Hybrid is cheaper than OpenAI (about $1,180) in 43 % of the futures.',
      'Cheapest on average is OpenAI, at about $1,180.',
    ]);
  });
});

describe('where a workload has to stay on machines of its own', () => {
  const local = tierOf({ id: 'local', label: 'Local inference', bill: [900] });
  const cloud = tierOf({ id: 'openai', label: 'OpenAI', bill: [500] });
  const forecast = forecastOf([local, cloud, hybrid], {
    comparison: { baseline: 'openai', ranking: ['openai', 'local', 'hybrid'], pairs: [] },
  });

  test('the answer is about a tier that can, however cheap the others are', () => {
    const { cost, beside } = answerOf(forecast, (id) => id === 'local');
    expect(cost).toMatch(/^Local inference costs about \$900/);
    expect(beside).toEqual([
      'A workload has to stay on machines of your own, which rules out OpenAI and Hybrid: shown for comparison.',
    ]);
  });

  test('and still about one where no tier can', () => {
    expect(answerOf(forecast, () => false).cost).toMatch(/^Hybrid/);
  });
});

describe('what the verdict rests on', () => {
  const because = (check: Parameters<typeof checkOf>[0]): string =>
    answerOf(forecastOf([tierOf({ id: 'hybrid', bill: [100], check: checkOf(check) })])).because;

  test('holds, and by how much', () => {
    expect(because({ verdict: 'holds', probability: '0.9877', safety_factor: '17.4568' })).toBe(
      'In 99 % of 10,000 simulated futures the bill of January 2027 lies within ±10 % of its forecast; 80 % are asked for. It would hold even if errors were 17 times as large as modelled.',
    );
  });

  test('not enough evidence: a little more spread would break it', () => {
    expect(because({})).toMatch(/; 80 % are asked for\. Errors 1\.3 times as large as modelled would break it/);
  });

  test('does not hold, and what would', () => {
    const check = {
      verdict: 'does not hold',
      probability: '0.5888',
      safety_factor: '0.63',
      tightest_tolerance: '0.1577',
    } as const;
    expect(because(check)).toMatch(/^In 59 % .* 80 % are asked for\. ±15\.8 % is what 80 % of them reach\.$/);
  });

  test('too little evidence where the model itself misses the share never promises that it held before', () => {
    const check = { probability: '0.78', safety_factor: '0.9', tightest_tolerance: '0.11' };
    expect(because(check)).toMatch(/80 % are asked for\. ±11 % is what 80 % of them reach\.$/);
  });

  test('a bill that does not vary', () => {
    const check = { verdict: 'holds', probability: '1', safety_factor: null, reason: 'does-not-vary' } as const;
    expect(because(check)).toBe(
      'In 100 % of 10,000 simulated futures the bill of January 2027 lies within ±10 % of its forecast: it does not vary.',
    );
  });

  test('no bill at all', () => {
    const check = { verdict: null, probability: null, safety_factor: null, rating: null, reason: 'no-cost' };
    const answer = answerOf(forecastOf([tierOf({ id: 'hybrid', bill: [0], check: checkOf(check) })]));
    expect(answer.bill).toBe('Next month’s bill within ±10 %: there is no bill to foresee.');
    expect(answer.because).toBe('In January 2027 this tier is expected to bill nothing.');
  });
});
