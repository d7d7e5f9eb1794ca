import { describe, expect, test } from '@jest/globals';
import { importBytes } from '../../helpers/import-bytes.ts';

const csv =
  'Usage Date,Model Name,Amount (cents),Tokens,Team\n2026-10-01,big-model,1250,100000,red\n2026-10-02,big-model,-50,0,\n';
const mapping = {
  ChargePeriodStart: { column: 'Usage Date' },
  x_Model: { column: 'Model Name' },
  BilledCost: { column: 'Amount (cents)', scale: '0.01' },
  ConsumedQuantity: { column: 'Tokens' },
  ConsumedUnit: { value: 'Tokens' },
  BillingCurrency: { value: 'EUR' },
  ServiceProviderName: { value: 'Some cloud' },
};

describe('a file of no known format', () => {
  test('is refused with its columns, what it is nearest to, and a mapping to edit', async () => {
    const { outcome } = await importBytes(csv);
    expect(outcome).toMatchObject({
      ok: false,
      problems: [{ code: 'unknown-format', pointer: '/lines/1' }],
      columns: ['Usage Date', 'Model Name', 'Amount (cents)', 'Tokens', 'Team'],
      suggested_mapping: {
        ChargePeriodStart: { column: 'Usage Date' },
        x_Model: { column: 'Model Name' },
        BilledCost: { column: 'Amount (cents)', scale: '0.01' },
        ConsumedQuantity: { column: 'Tokens' },
        BillingCurrency: { value: 'EDIT: a currency code such as USD' },
        ServiceProviderName: { value: 'EDIT: who sends the bill' },
      },
    });
  });

  test('is never read by a suggestion that nobody edited', async () => {
    const { outcome } = await importBytes(csv);
    if (outcome.ok || outcome.suggested_mapping === undefined) throw new Error('Nothing was suggested.');
    const taken = await importBytes(csv, { mapping: outcome.suggested_mapping });
    expect(taken.outcome.problems.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/mapping/BillingCurrency/value',
      '/mapping/ServiceProviderName/value',
    ]);
  });

  test('names the export it nearly is, with what it lacks', async () => {
    const { outcome } = await importBytes('Date,Slug,Requests,Prompt Tokens\n2026-10-01,x,1,2\n');
    expect(outcome.ok ? [] : outcome.nearest_formats?.[0]).toMatchObject({ id: 'openrouter-activity' });
  });

  test('is read by a mapping: cents as euros, a value for all lines, the rest kept', async () => {
    const { outcome, lines } = await importBytes(csv, { mapping });
    expect(outcome).toMatchObject({ ok: true, format: { id: 'column-mapping' }, problems: [], questions: [] });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      BillingCurrency: 'EUR',
      ChargePeriodStart: '2026-10-01T00:00:00Z',
      ChargePeriodEnd: '2026-10-02T00:00:00Z',
      ServiceProviderName: 'Some cloud',
      ChargeCategory: 'Usage',
      x_Model: 'big-model',
      x_FirstLine: 2,
      x_CostReason: null,
      x_Other: { Team: 'red' },
    });
    // 1250 × 0.01 = 12.50 and −50 × 0.01 = −0.50.
    expect(lines.map((line) => line.BilledCost?.toFixed(2))).toEqual(['12.50', '-0.50']);
  });

  test('a mapping wins over a format that would match', async () => {
    const focus = 'BilledCost,BillingCurrency,ChargePeriodStart,ServiceProviderName\n1,USD,2026-10-01,A\n';
    const own = {
      BilledCost: { column: 'BilledCost' },
      BillingCurrency: { column: 'BillingCurrency' },
      ChargePeriodStart: { column: 'ChargePeriodStart' },
      ServiceProviderName: { value: 'B' },
    };
    expect((await importBytes(focus, { mapping: own })).lines[0]?.ServiceProviderName).toBe('B');
  });

  test('every fault of a mapping is told at once, with the nearest right name', async () => {
    const { outcome } = await importBytes(csv, {
      mapping: {
        BiledCost: { column: 'Tokens' },
        x_Model: { column: 'Model Nam', scale: '2' },
        BillingCurrency: { value: ' ' },
      },
    });
    expect(outcome.problems.map(({ pointer, suggestions }) => [pointer, suggestions?.[0]])).toEqual([
      ['/mapping/BiledCost', 'BilledCost'],
      ['/mapping/x_Model/column', 'Model Name'],
      ['/mapping/x_Model/scale', undefined],
      ['/mapping/BillingCurrency/value', undefined],
      ['/mapping', 'ChargePeriodStart'],
      ['/mapping', 'ServiceProviderName'],
      ['/mapping', 'BilledCost'],
    ]);
  });

  test('what is wrong in a mapped column is told by the name the file gives it', async () => {
    const bad = csv.replace('1250', 'n/a').replace('2026-10-02', '');
    const { outcome } = await importBytes(bad, { mapping });
    expect(outcome.problems.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'no-number /lines/2/Amount (cents)',
      'missing-value /lines/3/Usage Date',
    ]);
  });

  test('numbers, days and times that could be read in two ways are asked about', async () => {
    const two = 'Day,Cost\n1/2/2026 10:00,1.234\n';
    const own = {
      BilledCost: { column: 'Cost' },
      ChargePeriodStart: { column: 'Day' },
      BillingCurrency: { value: 'EUR' },
      ServiceProviderName: { value: 'A' },
    };
    const { outcome } = await importBytes(two, { mapping: own });
    expect(outcome.ok && outcome.questions.map(({ id }) => id).toSorted()).toEqual([
      'date-order',
      'number-format',
      'zone',
    ]);
    const answers = { 'date-order': 'day-first', 'number-format': 'comma', zone: 'Europe/Berlin' };
    const { lines } = await importBytes(two, { mapping: own, answers });
    expect([lines[0]?.BilledCost?.toFixed(), lines[0]?.ChargePeriodStart]).toEqual(['1234', '2026-02-01T09:00:00Z']);
  });
});
