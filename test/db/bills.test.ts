import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { BillDecimal } from '../../src/core/bills/bill-decimal.ts';
import type { BillLine } from '../../src/core/bills/bill-line.ts';
import { findBill, listBillLines, loadPeriodLines, streamBillFile, streamBillLines } from '../../src/db/bills.ts';
import type { Database } from '../../src/db/connect.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import type { BillStorage, NewBill } from '../../src/db/store-bills.ts';
import { insertBillEvent, insertBills } from '../../src/db/store-bills.ts';
import { openMigrated } from '../helpers/app.ts';
import { billLine } from '../helpers/bill-lines.ts';
import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';

const created_at = '2026-11-22T12:00:00.000Z';
const october = { provider: 'openai', account: '', period: '2026-10', currency: 'USD' };

function bill(id: string, over: Partial<NewBill> = {}): NewBill {
  return {
    id,
    kind: 'billed',
    ...october,
    content_sha256: 'c'.repeat(64),
    reading: '{}',
    lines: 1,
    billed: '1.6',
    effective: '1.6',
    categories: '{"Usage":"1.6"}',
    invoices: '[]',
    balance: 'not-stated',
    models: '[]',
    created_at,
    ...over,
  };
}

function storage(
  id: string,
  lines: readonly BillLine[],
  over: Partial<BillStorage> & { readonly bill?: Partial<NewBill> } = {},
): BillStorage {
  const { bill: changed, ...rest } = over;
  return {
    file: {
      id: `file_${id}`,
      sha256: Buffer.from(id).toString('hex').padEnd(64, '0').slice(0, 64),
      file_name: '=cmd().csv',
      media_type: 'text/csv',
      bytes: '3',
      created_at,
    },
    chunks: async function* () {
      yield Buffer.from([0, 1, 255]);
      yield Buffer.from('b');
    },
    bills: [bill(id, { lines: lines.length, ...changed })],
    lines: async function* () {
      for (const [place, line] of lines.entries()) yield [{ bill_id: id, place, line, model: 'gpt-5.4-mini' }];
    },
    reversals: [],
    models: [],
    judged: { identities: [{ ...october, ...changed } as typeof october], bills: [] },
    ...rest,
  };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** The same promises on both databases. */
describe.each(['embedded', 'postgres'] as const)('bills on the %s database', (kind) => {
  let server: Postgres | undefined;
  let database: Database;
  beforeAll(async () => {
    if (kind === 'embedded') {
      database = await openMigrated();
      return;
    }
    server = await startPostgres();
    database = await openDatabase({
      url: server.url('postgres'),
      dataDir: '',
      poolMax: 4,
      statementTimeoutMs: 5_000,
      ssl: 'off',
      onConnectionLost: () => {},
      onFatal: () => {},
    });
    await migrateToLatest(database.db);
  });
  afterAll(async () => {
    await database.close();
    await server?.stop();
  });

  test('give back every column of a line as it was, and the file byte by byte', async () => {
    const { db } = database;
    const line = billLine({
      BilledCost: new BillDecimal('0.8958740000000000'),
      EffectiveCost: new BillDecimal('-12345678901234567890123.0000000000000000000000001'),
      ListCost: new BillDecimal(0),
      ChargeClass: 'Correction',
      ChargeDescription: `=HYPERLINK("x") "' -- ; drop table bills 2026-10-01T00:00:00.000Z`,
      ChargePeriodStart: '2026-10-03T00:00:00.123Z',
      SubAccountName: 'Clé-1 ≤ 200k \ud83d\ude00',
      x_Requests: new BillDecimal(5),
      x_FirstLine: 3_000_000_000,
      x_LastLine: 3_000_000_001,
      x_Other: { __proto__x: 'y', 'a\\u0000"': '≤', '': '' },
    });
    expect(await insertBills(db, storage('bill_a', [line, billLine()]))).toBe(true);
    const [first, second] = await collect(streamBillLines(db, 'bill_a'));
    expect(first).toEqual({ place: 0, line, model: 'gpt-5.4-mini' });
    expect(second?.line).toEqual(billLine());
    const stored = await findBill(db, 'bill_a');
    expect(stored).toMatchObject({
      status: 'provisional',
      counts: true,
      file_name: '=cmd().csv',
      billed: '1.6',
      created_at,
    });
    expect(Buffer.concat(await collect(streamBillFile(db, 'file_bill_a')))).toEqual(Buffer.from([0, 1, 255, 98]));
    expect((await listBillLines(db, 'bill_a', { after: 0, limit: 1 })).map(({ place }) => place)).toEqual([1]);
  });

  test('are stored whole or not at all', async () => {
    const { db } = database;
    const wrong = billLine({ ChargeCategory: 'Gift' as 'Usage' });
    const many = storage('bill_half', [...Array.from({ length: 20 }, () => billLine()), wrong], {
      bill: { period: '2026-01' },
    });
    await expect(insertBills(db, many)).rejects.toThrow('chargecategory');
    const broken = storage('bill_half', [], {
      bill: { period: '2026-01', lines: 1 },
      lines: async function* () {
        yield [{ bill_id: 'bill_half', place: 0, line: billLine(), model: null }];
        throw new Error('the disk is gone');
      },
    });
    await expect(insertBills(db, broken)).rejects.toThrow('the disk is gone');
    for (const table of ['bills', 'bill_lines', 'bill_files', 'bill_file_chunks'] as const) {
      const id =
        table === 'bills' ? 'id' : table === 'bill_files' ? 'id' : table === 'bill_lines' ? 'bill_id' : 'file_id';
      const { rows } = await sql<{
        n: number;
      }>`select count(*)::int as n from ${sql.table(table)} where ${sql.ref(id)} like '%half'`.execute(db);
      expect([table, rows[0]?.n]).toEqual([table, 0]);
    }
    expect(await insertBills(db, storage('bill_half', [billLine()], { bill: { period: '2026-01' } }))).toBe(true);
  });

  test('are not stored where others stand at their months meanwhile', async () => {
    const { db } = database;
    const at = { period: '2026-02' };
    expect(await insertBills(db, storage('bill_one', [billLine()], { bill: at }))).toBe(true);
    expect(await insertBills(db, storage('bill_two', [billLine()], { bill: at }))).toBe(false);
    expect(await findBill(db, 'bill_two')).toBeUndefined();
    // Of eight at once one is stored.
    const racing = Array.from({ length: 8 }, (_, n) =>
      insertBills(db, storage(`bill_race${n}`, [billLine()], { bill: { period: '2026-03' } })),
    );
    expect((await Promise.all(racing)).filter((stored) => stored)).toHaveLength(1);
  });

  test('count no longer once they are reversed, and every total is what it was', async () => {
    const { db } = database;
    const total = async (): Promise<string> => {
      const { rows } = await sql<{ sum: string }>`
        SELECT SUM(BilledCost) AS sum FROM focus_data_table WHERE ChargePeriodStart >= '2026-01-01' AND BillingCurrency = 'USD'`.execute(
        db,
      );
      return rows[0]?.sum ?? '';
    };
    const before = await total();
    const dear = billLine({ BilledCost: new BillDecimal('0.1000000000000000001') });
    await insertBills(db, storage('bill_dear', [dear, dear], { bill: { period: '2026-04' } }));
    expect(new BillDecimal(await total()).minus(before).toFixed()).toBe('0.2000000000000000002');
    const event = {
      bill_id: 'bill_dear',
      reason: 'twice',
      replaced_by: null,
      payable: null,
      difference: null,
      created_at,
    };
    expect(await insertBillEvent(db, { ...event, event: 'locked' })).toEqual({ done: true });
    expect(await insertBillEvent(db, { ...event, event: 'locked' })).toEqual({ done: false, status: 'locked' });
    expect(await insertBillEvent(db, { ...event, event: 'reversed' })).toEqual({ done: true });
    expect(await insertBillEvent(db, { ...event, event: 'locked' })).toEqual({ done: false, status: 'reversed' });
    expect(await total()).toBe(before);
    expect(await findBill(db, 'bill_dear')).toMatchObject({ status: 'reversed', counts: false });
    // The same file may come again, under another id.
    expect(await insertBills(db, storage('bill_again', [dear], { bill: { period: '2026-04' } }))).toBe(true);
  });

  test('of quantities count only while no bill of the provider stands for the month', async () => {
    const { db } = database;
    const usage = storage('bill_usage', [billLine()], { bill: { period: '2026-05', kind: 'usage' } });
    await insertBills(db, usage);
    const counts = async () => (await findBill(db, 'bill_usage'))?.counts;
    expect(await counts()).toBe(true);
    const judged = { identities: [{ ...october, period: '2026-05' }], bills: ['bill_usage'] };
    await insertBills(
      db,
      storage('bill_money', [billLine()], { bill: { period: '2026-05', account: 'other' }, judged }),
    );
    expect(await counts()).toBe(false);
    const lines = await collect(loadPeriodLines(db, { period: '2026-05', provider: 'openai' }));
    expect(lines.map(({ bill: of }) => [of.id, of.counts])).toEqual([
      ['bill_money', true],
      ['bill_usage', false],
    ]);
    await insertBillEvent(db, {
      bill_id: 'bill_money',
      event: 'reversed',
      reason: 'wrong',
      replaced_by: null,
      payable: null,
      difference: null,
      created_at,
    });
    expect(await counts()).toBe(true);
  });

  test('are never changed and never removed', async () => {
    for (const statement of [
      'update bills set billed = 0',
      'delete from bills',
      'update bill_lines set billedcost = 0',
      'delete from bill_lines',
      "update bill_events set event = 'locked'",
      'delete from bill_events',
      'delete from bill_file_chunks',
      "update bill_files set sha256 = repeat('0', 64)",
    ])
      await expect(sql.raw(statement).execute(database.db)).rejects.toThrow('are never changed');
  });
});
