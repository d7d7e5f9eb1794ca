import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { sql } from 'kysely';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import { importBills } from '../../../src/services/bills/bill-imports.ts';
import { digestLine, digestLines } from '../../../src/services/bills/bill-line-file.ts';
import type { BillImportRequest } from '../../../src/services/bills/bill-request.ts';
import { findBills, lockBill, reverseBill } from '../../../src/services/bills/bills.ts';
import { makeId } from '../../../src/services/ids.ts';
import { Refusal } from '../../../src/services/refusal.ts';
import { requireRoom } from '../../../src/services/storage.ts';
import type { TestService } from '../../helpers/app.ts';
import { startTestService } from '../../helpers/app.ts';
import { billLine } from '../../helpers/bill-lines.ts';
import { plainImport } from '../../helpers/plain-import.ts';

jest.setTimeout(120_000);

let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startTestService();
  folder = await mkdtemp(join(tmpdir(), 'infercast-test-'));
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

let files = 0;

async function importText(text: string, over: Partial<BillImportRequest> = {}) {
  const own = await mkdtemp(join(folder, 'upload-'));
  const path = join(own, 'file');
  await writeFile(path, text);
  const sha256 = String(++files).padStart(64, '0');
  const upload = { folder: own, path, bytes: Buffer.byteLength(text), sha256, mediaType: 'text/csv' };
  return importBills(service.app, makeId('bill'), upload, { ...plainImport, ...over });
}

const header =
  'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceProviderName,BillingAccountId,SkuId';

type Day = { readonly day: number; readonly cents: number };

function csvOf(account: string, days: readonly Day[]): string {
  const date = (day: number): string => `2026-10-${String(day).padStart(2, '0')}T00:00:00Z`;
  const lines = days.map(
    ({ day, cents }) => `${cents / 100},USD,Usage,${date(day)},${date(day + 1)},ACME,${account},sku`,
  );
  return [header, ...lines].join('\n');
}

/** What everything that counts comes to, by the query FOCUS would use. */
async function total(): Promise<string> {
  const { rows } = await sql<{ sum: string | null }>`SELECT SUM(BilledCost) AS sum FROM focus_data_table`.execute(
    service.app.db,
  );
  return new Decimal(rows[0]?.sum ?? 0).toFixed();
}

test('the digest of a bill is of what its lines say, in any order and at any place', () => {
  const lines = fc.array(fc.tuple(fc.integer(), fc.string({ maxLength: 5 })), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lines, fc.infiniteStream(fc.nat()), (drawn, places) => {
      const made = drawn.map(([cost, x_Model], i) =>
        billLine({ BilledCost: new BillDecimal(cost), x_Model, x_FirstLine: i }),
      );
      const moved = made
        .map((line) => ({ line: { ...line, x_FirstLine: places.next().value }, at: places.next().value }))
        .toSorted((a, b) => a.at - b.at);
      const digest = digestLines(made.map(digestLine));
      expect(digestLines(moved.map(({ line }) => digestLine(line)))).toBe(digest);
      // A line twice is another bill, and so is one that says a cent more.
      const [first = billLine()] = made;
      expect(digestLines([...made, first].map(digestLine))).not.toBe(digest);
      const dearer = { ...first, BilledCost: new BillDecimal('0.01').plus(first.BilledCost ?? 0) };
      expect(digestLines([dearer, ...made.slice(1)].map(digestLine))).not.toBe(digest);
    }),
    { numRuns: 1_500 },
  );
});

test('whatever is imported, replaced, added and reversed, the total is that of the bills that stand', async () => {
  const days = fc.uniqueArray(
    fc.record({ day: fc.integer({ min: 1, max: 4 }), cents: fc.integer({ min: 1, max: 3 }) }),
    {
      minLength: 1,
      maxLength: 4,
      selector: ({ day }) => day,
    },
  );
  const command = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('import' as const),
        days,
        overlap: fc.constantFrom('refuse' as const, 'replace' as const, 'add' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('reverse' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('lock' as const), which: fc.nat() }) },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 8 }), async (commands) => {
      const account = `run-${run++}`;
      const before = await total();
      const own = async () => {
        const { data } = await findBills(service.app, {
          cursor: null,
          limit: 200,
          provider: 'acme',
          period: null,
          status: null,
        });
        return data.filter((bill) => bill.account === account);
      };
      for (const each of commands) {
        const standing = (await own()).filter(({ status }) => status !== 'reversed');
        if (each.kind === 'import') {
          const made = await importText(csvOf(account, each.days), { overlap: each.overlap }).catch(
            (error: unknown) => {
              if (error instanceof Refusal && error.code === 'conflict') return null;
              throw error;
            },
          );
          // What a file says of its month holds once it is in place of the rest.
          if (made?.stored === true && each.overlap === 'replace') {
            const cents = each.days.reduce((sum, day) => sum + day.cents, 0);
            expect(new Decimal(await total()).minus(before).toFixed()).toBe(new Decimal(cents).div(100).toFixed());
          }
        } else {
          const { id } = standing[each.which % Math.max(1, standing.length)] ?? {};
          if (id === undefined) continue;
          if (each.kind === 'reverse') await reverseBill(service.app, id, 'test');
          else await lockBill(service.app, id, { payable: null, reason: null, acceptDifference: false });
        }
        const sum = (await own())
          .filter(({ counts }) => counts)
          .reduce((all, { billed }) => all.plus(billed), new Decimal(before));
        expect(await total()).toBe(sum.toFixed());
      }
      for (const { id, status } of await own()) if (status !== 'reversed') await reverseBill(service.app, id, 'test');
      expect(await total()).toBe(before);
    }),
    { numRuns: 12 },
  );
});

test('nothing is stored on a disk that would be full of it', async () => {
  const settings = { ...service.app.settings, guardedFolder: folder, minFreeMb: 1 };
  await requireRoom({ settings });
  await expect(requireRoom({ settings }, 1e12)).rejects.toMatchObject({ code: 'out-of-space' });
});
