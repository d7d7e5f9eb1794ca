import { expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { compareTier } from '../../src/core/bills/compare-tier.ts';
import type { Comparison, TierComparison } from '../../src/core/bills/comparison.ts';
import { layOutComparison } from '../../src/core/workbook/comparison/layout.ts';
import { loadComparisonReport } from '../../src/files/reports.ts';
import { writeXlsx } from '../../src/xlsx/write.ts';
import { amountLine, bandAt, billed, metered, spendOf, tierQuestion } from '../core/bills/tier-question.ts';
import { readCells, withCell } from './cells.ts';
import { differences, recalculate } from './spreadsheet-engine.ts';

const report = await loadComparisonReport();

const item = { kind: 'local', provider: 'local', unit: 'kWh', currency: 'EUR' } as const;

/** Two workloads, two units, a fee, another exchange rate, a new model, power from a bill, odd fractions of cents. */
const many = compareTier(
  tierQuestion({
    id: 'router',
    label: 'Router: A/B',
    bill: bandAt('1234.56'),
    currency: 'EUR',
    exchangeRate: (currency) => new Decimal(currency === 'EUR' ? 1 : '0.9371'),
    now: { input: '0.37', output: '1.91', web_searches: '9.5' },
    before: { cached_input: '0.05' },
    lines: [
      metered('input', '812.345678', '0.33', { exchangeRate: '0.91', rate: '1.1' }),
      metered('output', '301.77', '2', { exchangeRate: '0.91', rate: '1.1' }),
      metered('web_searches', '17.5', 10, { exchangeRate: '0.91', unit: 'ksearches' }),
      metered('input', '99.123', '0.33', { exchangeRate: '0.91', workload: 'search' }),
      amountLine('router_fee', '51.17', { kind: 'fee', provider: 'anthropic' }),
      amountLine('rent', '137.50', { label: 'Rent' }),
      amountLine('electricity', '16.00', { label: 'Electricity' }),
    ],
    spend: spendOf(
      [
        billed('input', '1000.000001', '371.119999'),
        billed('output', '222.2', '431.0055', {
          listCost: new Decimal('424.402'),
          contractedCost: new Decimal('429.9'),
        }),
        billed('web_searches', '19', '180.5', { unit: 'ksearches' }),
        billed('cached_input', '44.4', '2.221'),
        billed('input', '7', '3.005', { model: 'another' }),
      ],
      { items: [{ ...item, label: 'Electricity', quantity: new Decimal(90), amount: new Decimal('17.314') }] },
    ),
  }),
);

const plain = compareTier(
  tierQuestion({
    lines: [metered('input', 100, 3)],
    spend: spendOf([billed('input', 120, 363)]),
    bill: bandAt('290.00', '300.00'),
    now: { input: 3 },
  }),
);

const nothing = compareTier(
  tierQuestion({ id: 'idle', label: 'Idle', lines: [], spend: spendOf([]), bill: bandAt('0.00') }),
);

function comparisonOf(tiers: readonly TierComparison[], currency: string): Comparison {
  return {
    id: 'cmp_1',
    scenario: { id: 'sc_1', name: '=HYPERLINK("x")', version: 1 },
    forecast: {
      id: 'fc_1',
      as_of: '2026-09-20',
      created_at: '2026-09-30T10:00:00.000Z',
      engine: '1.0.0',
      frozen: true,
    },
    period: '2026-10',
    currency,
    status: 'final',
    created_at: '2026-11-03T06:00:00.000Z',
    bills: [
      {
        id: 'bill_1',
        provider: '@anthropic',
        account: '',
        currency: 'USD',
        status: 'locked',
        kind: 'billed',
        counts: true,
      },
    ],
    tiers,
    workloads: [],
    unforeseen: [{ provider: 'other', model: null, currency: 'USD', amount: '7.5' }],
    warnings: [],
  };
}

function write(comparison: Comparison): Promise<Uint8Array> {
  return writeXlsx(layOutComparison(comparison, report));
}

test.each([
  ['one tier', comparisonOf([plain], 'USD')],
  ['many things at once', comparisonOf([many, nothing], 'EUR')],
])(
  '%s: a spreadsheet with no cached value left comes to the cents of the service',
  async (_name, comparison) => {
    const bytes = await write(comparison);
    const calculated = await recalculate(bytes);
    expect(differences(readCells(bytes), calculated)).toEqual([]);
    expect(calculated.get('Summary!A3')).toBe('Checks: OK');
    const steps = readCells(bytes).filter(({ sheet, formula }) => sheet === 'Summary' && formula !== null);
    const amounts = steps.map(({ address }) => Number(calculated.get(`Summary!${address}`)));
    for (const { actual, bridge } of comparison.tiers)
      for (const amount of [actual, ...bridge.map((step) => step.amount)]) expect(amounts).toContain(Number(amount));
  },
  120_000,
);

test("a step that is not the service's turns the master check", async () => {
  const bytes = await write(comparisonOf([plain], 'USD'));
  const [input] = readCells(bytes).filter(
    ({ sheet, formula, value }) => sheet === 'Anthropic' && formula === null && value === '363',
  );
  const calculated = await recalculate(
    withCell(bytes, 'Anthropic', input?.address ?? '', (cell) => cell.replace('<v>363<', '<v>373<')),
  );
  expect(calculated.get('Summary!A3')).toBe('Checks: ERROR: 1 checks');
}, 120_000);

test('the same comparison is the same bytes, with a native chart and names that stay text', async () => {
  const comparison = comparisonOf([many], 'EUR');
  const [first, second] = [await write(comparison), await write(comparison)];
  expect(Buffer.from(first).equals(second)).toBe(true);
  const sheet = layOutComparison(comparison, report).sheets[1];
  expect(sheet?.name).toBe('Router  A B');
  expect(sheet?.charts.map(({ kind, series }) => [kind, series.map(({ as }) => as)])).toEqual([
    ['waterfall', ['space', 'column', 'column', 'column']],
  ]);
});
