import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BILL_COLUMN_NAMES } from '../../../src/core/bills/bill-columns.ts';
import { matchModel } from '../../../src/core/bills/match-model.ts';
import { isMeter } from '../../../src/core/prices/meters.ts';
import { loadPriceBook } from '../../../src/files/price-book.ts';
import { bareContext } from '../../../src/importers/bills/bill-context.ts';
import type { BillFormat, BillRecord } from '../../../src/importers/bills/bill-format.ts';
import { BILL_FORMATS } from '../../../src/importers/bills/formats.ts';
import { readBill, recordsOf } from '../../helpers/bill-fixtures.ts';

const fixtures = readdirSync('test/importers/bills/fixtures').filter((name) => /\.(csv|tsv|jsonl?)$/.test(name));

describe('formats of bills', () => {
  test('each is known by a name of its own, and says which columns it usually has', () => {
    const ids = BILL_FORMATS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { columns } of BILL_FORMATS) expect(columns.length).toBeGreaterThan(3);
  });

  test('every format has a fixture', () => {
    const read = new Set(fixtures.map((name) => readBill(name).format.id));
    expect([...read].sort()).toEqual(BILL_FORMATS.map(({ id }) => id).sort());
  });

  test.each(fixtures)('%s is of one format, without a problem, and every line is whole', (name) => {
    const { lines, problems } = readBill(name);
    expect(problems).toEqual([]);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(Object.keys(line).sort()).toEqual([...BILL_COLUMN_NAMES].sort());
      expect(line.ChargePeriodStart < line.ChargePeriodEnd).toBe(true);
      expect(line.BillingCurrency).toMatch(/^[A-Z]{3}$/);
      expect(line.x_Meter === null || isMeter(line.x_Meter)).toBe(true);
      if (line.BilledCost === null) expect(line.x_CostReason).not.toBeNull();
      if (line.ConsumedQuantity !== null) expect(line.ConsumedUnit).not.toBe('');
    }
  });

  test('names of models as bills spell them find their prices, or say that they find none', async () => {
    const book = await loadPriceBook('models/prices');
    const found = fixtures.flatMap((name) =>
      readBill(name).lines.flatMap(({ x_Provider, x_Model }) =>
        x_Provider === null || x_Model === null ? [] : [matchModel(book, x_Provider, x_Model, undefined)],
      ),
    );
    const meant = new Map(found.map(({ provider, billed, model }) => [`${provider} ${billed}`, model]));
    expect(Object.fromEntries(meant)).toMatchObject({
      'openai gpt-5.4-mini-2026-03-17': 'gpt-5.4-mini',
      'anthropic Claude Haiku 4.5': 'claude-haiku-4-5',
      'anthropic Claude Opus 4.6': 'claude-opus-4-6',
      'anthropic claude-haiku-4-5-20251001': 'claude-haiku-4-5',
      'openrouter meta-llama/llama-3.1-8b-instruct': 'meta-llama/llama-3.1-8b-instruct',
      'google gemini 3.8 flash': 'gemini-3.8-flash',
      'google Gemini 3.7 Flash': 'gemini-3.7-flash',
      'together meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo': 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
      'fireworks accounts/fireworks/models/llama-v3p1-8b-instruct': 'llama-v3p1-8b-instruct',
      'fireworks accounts/fireworks/models/llama4-maverick-instruct-basic': 'llama4-maverick-instruct-basic',
    });
  });

  test.each(fixtures)('%s: whatever stands in its fields ends in lines or in problems with their place', (name) => {
    const { format } = readBill(name);
    const [record] = recordsOf(name);
    if (record === undefined) throw new Error(`${name} is empty`);
    for (const column of Object.keys(record.fields)) {
      for (const text of STRANGE) judge(format, { line: 7, fields: { ...record.fields, [column]: text } });
    }
    const fields = fc.dictionary(
      fc.constantFrom(...Object.keys(record.fields)),
      fc.oneof(fc.string(), fc.constantFrom(...STRANGE)),
    );
    fc.assert(
      fc.property(fields, (changed) => judge(format, { line: 7, fields: { ...record.fields, ...changed } })),
      { numRuns: 50 },
    );
  });
});

/** Text that readers have stumbled over; the names are members of every object. */
const STRANGE = [
  ...['', ' ', '0', '-1', '1e99', '1e-99', '9'.repeat(50), '=1+1', '1,5', 'NaN', 'Infinity', '∞', '−5', '٣', '\u0000'],
  ...['constructor', '__proto__', 'toString', 'hasOwnProperty'],
  ...['{"TokenDirection":{"toString":1}}', '[{"amount":{"toString":1},"name":{}}]', '[null]', '[[', '{"__proto__":1}'],
  ...['2026-02-30', '5/1/25', '99999999999', '2026-10-01 25:00', '202613', '\ud800'],
];

/** Throws where a reader breaks its promise; a matcher of jest for each of 40,000 records would take its time. */
function judge(format: BillFormat, record: BillRecord): void {
  const { lines, problems } = format.read(record, bareContext());
  const isWhole = lines.every(
    ({ BilledCost, ConsumedQuantity, ChargePeriodStart, ChargePeriodEnd }) =>
      (BilledCost?.isFinite() ?? true) &&
      (ConsumedQuantity?.isFinite() ?? true) &&
      [ChargePeriodStart, ChargePeriodEnd].every((instant) => /^\d{4}-\d\d-\d\dT/.test(instant)),
  );
  const isPlaced = problems.every(({ pointer }) => pointer.startsWith('/lines/7/'));
  if (!isWhole || !isPlaced || (problems.length > 0 && lines.length > 0))
    throw new Error(`${format.id}: ${JSON.stringify({ fields: record.fields, lines, problems })}`);
}
