import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { ScenarioObject } from './helpers/forecasting.ts';
import { catalogue, forecastOf, tierOf } from './helpers/forecasting.ts';
import { rationalOf, textOf } from './helpers/rational.ts';

/** `216 * 0.75 = 162.00`: arithmetic, and what it comes to in cents. */
type Sum = string;
type WorkedMonth = {
  readonly tier: string;
  readonly name: string;
  readonly scenario: ScenarioObject;
  readonly lines: Readonly<Record<string, Sum>>;
  readonly bill: Sum;
  readonly full: Sum;
};

const { months } = parse(readFileSync('models/worked-months.yaml', 'utf8'), { merge: true }) as {
  months: readonly WorkedMonth[];
};

/** The amount after the equals sign, once the arithmetic before it has been done again without decimals of ours. */
function amountOf(sum: Sum): string {
  const [arithmetic = '', amount = ''] = sum.split('=').map((side) => side.trim());
  const worked = textOf(rationalOf(arithmetic), 2);
  if (worked !== amount) throw new Error(`${arithmetic} is ${worked}, not ${amount}`);
  return amount;
}

function amountsOf({ lines, bill, full }: WorkedMonth): Readonly<Record<string, string>> {
  const amounts = Object.entries(lines).map(([id, sum]) => [id, amountOf(sum)]);
  return { ...Object.fromEntries(amounts), 'the bill': amountOf(bill), 'full cost': amountOf(full) };
}

for (const month of months) {
  describe(`a month of ${month.tier} by hand: ${month.name}`, () => {
    const tier = tierOf(forecastOf(month.scenario), month.tier);
    const [first] = tier.months;

    test('has the same lines, to the cent, and no others', () => {
      const lines = tier.lines.map(({ id, months: [amount] }) => [id, amount]);
      const found = { ...Object.fromEntries(lines), 'the bill': first?.bill.base, 'full cost': first?.full.base };
      expect(found).toEqual(amountsOf(month));
      expect(tier.lines.map(({ id }) => id)).toEqual(Object.keys(month.lines));
    });

    test('adds up to the totals', () => {
      const inPerimeter = (...perimeters: readonly string[]): string =>
        tier.lines
          .flatMap(({ perimeter, months: [amount] }) => (perimeters.includes(perimeter) ? [amount] : []))
          .join(' + ');
      expect(textOf(rationalOf(inPerimeter('bill')), 2)).toBe(amountOf(month.bill));
      expect(textOf(rationalOf(inPerimeter('bill', 'full')), 2)).toBe(amountOf(month.full));
    });
  });
}

test('every shipped tier has a month worked by hand', () => {
  expect(months.map(({ tier }) => tier).sort()).toEqual([...catalogue.tiers.keys()].sort());
});

test('the box at its limit sends a quarter of its tokens elsewhere', () => {
  const worked = months.find(({ tier }) => tier === 'local');
  const [capacity] = tierOf(forecastOf(worked?.scenario), 'local').capacity ?? [];
  // Twice 70 % in the busiest hour; a quarter of 4,599,000 × 1,500 tokens.
  expect(capacity).toEqual({
    month: '2027-01',
    peak_utilization: '1.4',
    overflow_tokens: '1724625000',
    unserved_tokens: '0',
  });
});

describe('the check itself', () => {
  const [month] = months as readonly [WorkedMonth, ...WorkedMonth[]];

  test('refuses a sum that does not come to its amount', () => {
    expect(() => amountOf('198 * 0.02 = 3.97')).toThrow('198 * 0.02 is 3.96, not 3.97');
  });

  test('notices cached and uncached prices changed over', () => {
    const swapped = {
      ...month.scenario,
      prices: [{ provider: 'openrouter', model: 'meta-llama/llama-3.1-8b-instruct', input: 0.03, output: 0.02 }],
    };
    const [line] = tierOf(forecastOf(swapped), 'openrouter').lines;
    expect(line?.months[0]).not.toBe(amountOf(month.lines['input.chat'] ?? ''));
  });
});
