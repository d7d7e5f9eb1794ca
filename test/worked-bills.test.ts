import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { billedBy, findPrices, priceForRequest } from '../src/core/prices/find-prices.ts';
import type { Meter } from '../src/core/prices/meters.ts';
import type { ScenarioObject } from './helpers/forecasting.ts';
import { catalogue, forecastOf, tierOf, today } from './helpers/forecasting.ts';
import { rationalOf, textOf } from './helpers/rational.ts';
import { wrongMoney } from './xlsx/money.ts';
import { writeScenario } from './xlsx/samples.ts';
import { recalculate } from './xlsx/spreadsheet-engine.ts';

/** `32 * 0.6 * 5 = 96.00`: arithmetic, and what it comes to in cents. */
type Sum = string;
type WorkedBill = {
  readonly provider: string;
  readonly name: string;
  readonly month: string;
  readonly model: string;
  readonly terms?: ScenarioObject;
  readonly workload: ScenarioObject;
  readonly prices: readonly {
    readonly meter: Meter;
    readonly above?: number;
    readonly price: string;
    readonly source: string;
    readonly read: string;
  }[];
  readonly lines: Readonly<Record<string, Sum>>;
  readonly bill: Sum;
};

const { bills } = parse(readFileSync('models/worked-bills.yaml', 'utf8')) as { bills: readonly WorkedBill[] };
const patience = 120_000;

function amountOf(sum: Sum): string {
  const [arithmetic = '', amount = ''] = sum.split('=').map((side) => side.trim());
  const worked = textOf(rationalOf(arithmetic), 2);
  if (Number(worked) !== Number(amount)) throw new Error(`${arithmetic} is ${worked}, not ${amount}`);
  return amount;
}

function scenarioOf({ provider, name, month, model, terms, workload }: WorkedBill): ScenarioObject {
  return {
    name: name.slice(0, 120),
    start: month,
    months: 1,
    as_of: today,
    sampling: { draws: 100 },
    workloads: [{ id: 'chat', volatility: '0%', spikes: 'none', model: { [provider]: model }, ...workload }],
    tiers: [{ id: provider, ...terms }],
    comparison: { baseline: provider },
  };
}

test('every one of the six providers has a bill with at least four meters, each price with its source and date', () => {
  expect(bills.map(({ provider }) => provider).toSorted()).toEqual([
    'anthropic',
    'fireworks',
    'google',
    'openai',
    'openrouter',
    'together',
  ]);
  for (const { prices } of bills) {
    expect(new Set(prices.map(({ meter }) => meter)).size).toBeGreaterThanOrEqual(4);
    for (const { source, read } of prices) {
      expect(source).toMatch(/^https:/);
      expect(read).toMatch(/^2026-\d\d-\d\d$/);
    }
  }
});

describe.each(bills)('a month of $provider: $name', (bill) => {
  const { provider, model, month, prices, lines } = bill;

  test('the prices entered by hand are those of the price book', () => {
    const found = findPrices(catalogue.book, { provider, model, asOf: today, months: [month], overrides: [] });
    if (!found.ok) throw new Error(found.problem.message);
    const booked = prices.map(({ meter, above }) => {
      const [point] = billedBy(found, meter, [month]);
      return point === undefined
        ? null
        : priceForRequest(point, (above ?? 0) + (above === undefined ? 0 : 1))?.toFixed();
    });
    expect(booked).toEqual(prices.map(({ price }) => price));
  });

  test('has these lines, to the cent, and no others', () => {
    const tier = tierOf(forecastOf(scenarioOf(bill)), provider);
    const found = Object.fromEntries(tier.lines.map(({ id, total }) => [id, total]));
    expect({ ...found, 'the bill': tier.total.bill.base }).toEqual({
      ...Object.fromEntries(Object.entries(lines).map(([id, sum]) => [id, amountOf(sum)])),
      'the bill': amountOf(bill.bill),
    });
  });

  test(
    'a spreadsheet calculates the same workbook to the cent',
    async () => {
      const written = await writeScenario(provider, scenarioOf(bill));
      const { compared, wrong } = wrongMoney(written, await recalculate(written.bytes));
      expect(wrong).toEqual([]);
      expect(compared).toBeGreaterThanOrEqual(Object.keys(lines).length);
    },
    patience,
  );
});

test('a wrong cent in a worked line is seen', () => {
  expect(() => amountOf('1 * 2 = 2.01')).toThrow('1 * 2 is 2.00, not 2.01');
});
