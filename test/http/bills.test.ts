import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { BillImportReport } from '../../src/services/bills/bill-report.ts';
import type { BillLineView, BillView } from '../../src/services/bills/bills.ts';
import type { TestService } from '../helpers/app.ts';
import { startTestService } from '../helpers/app.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

const fixtures = join(import.meta.dirname, '../importers/bills/fixtures');
const focus = readFileSync(join(fixtures, 'focus-1.2-2026-10.csv'), 'utf8');

type Sent = {
  readonly query?: Readonly<Record<string, unknown>>;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

function send(
  body: string | Uint8Array,
  { query = {}, type = 'text/csv', headers = {} }: Sent = {},
): Promise<Response> {
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]),
  );
  return service.fetch(`/v1/bills?${parameters}`, {
    method: 'POST',
    body: body as string,
    headers: { 'Content-Type': type, 'Idempotency-Key': randomUUID(), ...headers },
  });
}

async function reportOf(
  response: Response | Promise<Response>,
): Promise<BillImportReport & { readonly errors: { pointer: string; code: string; suggestions?: string[] }[] }> {
  return (await (await response).json()) as never;
}

async function get<Answer>(path: string): Promise<Answer> {
  return (await (await service.fetch(path)).json()) as Answer;
}

async function post(path: string, json: unknown): Promise<Response> {
  return service.fetch(path, { json });
}

async function countRows(): Promise<Readonly<Record<string, string>>> {
  const { rows } = await sql<Record<string, string>>`
    select (select count(*) from bills) as bills, (select count(*) from bill_lines) as lines,
      (select count(*) from bill_files) as files, (select count(*) from bill_events) as events,
      (select count(*) from bill_models) as models`.execute(service.app.db);
  return rows[0] ?? {};
}

const header =
  'BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingPeriodEnd,InvoiceId,ServiceProviderName,BillingAccountId,SkuId,ConsumedQuantity,ConsumedUnit';

/** A line of FOCUS for one day of a month. */
function line(
  month: string,
  day: number,
  cost: string,
  { sku = 'tokens', invoice = '', account = 'acct', provider = 'ACME' } = {},
): string {
  const date = (n: number): string => `${month}-${String(n).padStart(2, '0')}T00:00:00Z`;
  const next = new Date(Date.parse(date(1)));
  next.setUTCMonth(next.getUTCMonth() + 1);
  const end = next.toISOString().replace('.000', '');
  return `${cost},${cost},USD,Usage,${date(day)},${date(day + 1)},${date(1)},${end},${invoice},${provider},${account},${sku},1000,Tokens`;
}

function csv(...lines: readonly string[]): string {
  return `${[header, ...lines].join('\n')}\n`;
}

describe('a file of a bill', () => {
  test('is shown by a dry run with its sums, its models and its invoice, and nothing is stored', async () => {
    const before = await countRows();
    const response = await send(focus, { query: { dry_run: true, file_name: 'focus.csv', payable: '524.62' } });
    expect(response.status).toBe(200);
    const report = await reportOf(response);
    // 9.00 + 0.30 + 13.50 − 2.00 − 0.45 + 500.00 + 4.27
    expect(report.bills).toMatchObject([
      {
        id: null,
        action: 'store',
        provider: 'openai',
        account: 'acct-1',
        period: '2026-10',
        currency: 'USD',
        kind: 'billed',
        lines: 7,
        billed: '524.62',
        // The commitment is spread elsewhere: 524.62 − 500.00.
        effective: '24.62',
        categories: { Usage: '22.35', Credit: '-2', Purchase: '500', Tax: '4.27' },
        invoices: [{ invoice_id: 'INV-7', billed: '524.62', payable: '524.62', difference: '0' }],
        balance: 'balanced',
        overlap: null,
      },
    ]);
    expect(report).toMatchObject({ stored: false, dry_run: true, repeated: false, file: { name: 'focus.csv' } });
    expect(report.file.digest).toBe(`sha256:${createHash('sha256').update(focus).digest('hex')}`);
    expect(await countRows()).toEqual(before);
  });

  test('is stored with its lines in FOCUS columns and its bytes, and is read back', async () => {
    const response = await send(focus, { query: { file_name: '../=1+1 "x".csv', payable: '524.62' } });
    expect(response.status).toBe(201);
    const [made] = (await reportOf(response)).bills;
    expect(response.headers.get('location')).toBe(`/v1/bills/${made?.id}`);
    const bill = await get<BillView>(`/v1/bills/${made?.id}`);
    expect(bill).toMatchObject({
      status: 'provisional',
      counts: true,
      billed: '524.62',
      balance: 'balanced',
      lines: 7,
    });
    const page = await get<{ data: BillLineView[]; next_cursor: string }>(`/v1/bills/${made?.id}/lines?limit=5`);
    expect(page.data[0]).toMatchObject({
      BilledCost: '9',
      ConsumedQuantity: '12000000',
      x_FirstLine: 2,
      InvoiceId: 'INV-7',
    });
    const rest = await get<{ data: BillLineView[]; has_more: boolean }>(
      `/v1/bills/${made?.id}/lines?cursor=${page.next_cursor}`,
    );
    expect([...page.data, ...rest.data].map(({ place }) => place)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(rest.has_more).toBe(false);

    const original = await service.fetch(`/v1/bills/${made?.id}/original`);
    expect(original.headers.get('content-type')).toBe('application/octet-stream');
    expect(original.headers.get('x-content-type-options')).toBe('nosniff');
    expect(original.headers.get('content-disposition')).toMatch(/^attachment; filename="[^"/]*\.csv"/);
    expect(await original.text()).toBe(focus);
    const listed = await get<{ data: BillView[] }>('/v1/bills?provider=openai&period=2026-10&status=provisional');
    expect(listed.data.map(({ id }) => id)).toEqual([made?.id]);
  });

  test('is known again by its bytes, and by its lines under another name, order, mark and line end', async () => {
    const before = await countRows();
    const [head = '', ...rows] = focus.trimEnd().split('\n');
    const variants = [
      focus,
      `\ufeff${focus}`,
      focus.replaceAll('\n', '\r\n'),
      [head, ...rows.toReversed()].join('\n'),
      `${focus}\n\n`,
    ];
    for (const [i, text] of variants.entries()) {
      const response = await send(text, { query: { file_name: `${i}.csv` } });
      expect([i, response.status]).toEqual([i, 200]);
      expect(await reportOf(response)).toMatchObject({
        stored: false,
        repeated: true,
        bills: [{ action: 'repeated', billed: '524.62' }],
      });
    }
    expect(await countRows()).toEqual(before);
  });

  test('with several months becomes one bill each, and one month may be picked out', async () => {
    const text = csv(
      line('2026-07', 1, '1'),
      line('2026-08', 1, '2'),
      line('2026-08', 2, '3'),
      line('2026-08', 1, '4', { account: 'other' }),
    );
    const picked = await reportOf(send(text, { query: { period: '2026-07' } }));
    expect(picked).toMatchObject({
      stored: true,
      bills: [{ period: '2026-07', billed: '1' }],
      left_out: [{ period: '2026-08', lines: 3 }],
    });
    const all = await reportOf(send(text));
    expect(all.bills.map(({ period, account, billed, action }) => [period, account, billed, action])).toEqual([
      ['2026-07', 'acct', '1', 'repeated'],
      ['2026-08', 'acct', '5', 'store'],
      ['2026-08', 'other', '4', 'store'],
    ]);
    // Both came from one file.
    const ids = all.bills.map(({ id }) => id ?? '');
    const stored = await Promise.all(ids.map((id) => get<BillView>(`/v1/bills/${id}`)));
    expect(new Set(stored.map(({ file }) => file.digest)).size).toBe(1);
    // One that is reversed may come again by the same file, and the others stay.
    await post(`/v1/bills/${ids[1]}/reverse`, { reason: 'test' });
    const again = await reportOf(send(text));
    expect(again.bills.map(({ action }) => action)).toEqual(['repeated', 'store', 'repeated']);
  });
});

describe('what overlaps', () => {
  const month = '2026-06';
  const stored = csv(line(month, 1, '1.00'), line(month, 2, '2.00'), line(month, 3, '3.00'));

  test('is shown line by line before anything is stored, and refused until somebody decides', async () => {
    const first = await reportOf(send(stored));
    const before = await countRows();
    const longer = csv(line(month, 2, '2.00'), line(month, 3, '3.30'), line(month, 4, '4.00'));
    const shown = await reportOf(send(longer, { query: { dry_run: true } }));
    expect(shown.bills).toMatchObject([
      {
        action: 'undecided',
        overlap: {
          bills: [{ id: first.bills[0]?.id, status: 'provisional', billed: '6' }],
          same: 1,
          added: 1,
          removed: 1,
          changed: 1,
          restated_days: [`${month}-03`],
          lines: [
            { verdict: 'removed', day: `${month}-01`, stored: { billed: '1' }, sent: null },
            { verdict: 'changed', day: `${month}-03`, stored: { billed: '3' }, sent: { billed: '3.3' } },
            { verdict: 'added', day: `${month}-04`, stored: null, sent: { billed: '4' } },
          ],
        },
      },
    ]);
    const refused = await send(longer);
    expect(refused.status).toBe(409);
    const problem = (await refused.json()) as { existing: string[]; errors: { code: string; detail: string }[] };
    expect(problem.existing).toEqual([`/v1/bills/${first.bills[0]?.id}`]);
    expect(problem.errors.map(({ code }) => code)).toEqual(['overlap-removed', 'overlap-changed', 'overlap-added']);
    // A day that says otherwise would count twice.
    expect((await send(longer, { query: { add: true } })).status).toBe(409);
    expect((await send(longer, { query: { add: true, replace: true } })).status).toBe(400);
    expect(await countRows()).toEqual(before);
  });

  test('is put in the place of what was there, which is reversed and names what came instead', async () => {
    const longer = csv(line(month, 1, '1.00'), line(month, 2, '2.00'), line(month, 3, '3.30'));
    const before = await get<{ data: BillView[] }>(`/v1/bills?period=${month}`);
    const replaced = await reportOf(send(longer, { query: { replace: true } }));
    expect(replaced).toMatchObject({ stored: true, bills: [{ action: 'replace', billed: '6.3' }] });
    const old = await get<BillView>(`/v1/bills/${before.data[0]?.id}`);
    expect(old).toMatchObject({
      status: 'reversed',
      counts: false,
      events: [{ event: 'reversed', replaced_by: replaced.bills[0]?.id }],
    });
    // The file that was replaced may come back.
    const back = await reportOf(send(stored, { query: { replace: true } }));
    expect(back).toMatchObject({ stored: true, bills: [{ billed: '6' }] });
  });

  test('adds only the lines that are not there', async () => {
    const later = csv(line(month, 3, '3.00'), line(month, 4, '4.00'), line(month, 5, '5.00'));
    const added = await reportOf(send(later, { query: { add: true } }));
    expect(added).toMatchObject({ stored: true, bills: [{ action: 'add', lines: 2, billed: '9' }] });
    expect(await reportOf(send(later, { query: { add: true } }))).toMatchObject({ stored: false, repeated: true });
    const whole = csv(...[1, 2, 3, 4, 5].map((day) => line(month, day, `${day}.00`)));
    expect(await reportOf(send(whole))).toMatchObject({ stored: false, repeated: true });
    // Without the bill that was added the same file is no repetition.
    await post(`/v1/bills/${added.bills[0]?.id}/reverse`, { reason: 'test' });
    expect(await reportOf(send(whole, { query: { add: true } }))).toMatchObject({
      bills: [{ action: 'add', billed: '9' }],
    });
  });

  test('of a locked month is refused: what is there has to be reversed first', async () => {
    const text = csv(line('2026-05', 1, '1.00'));
    const [made] = (await reportOf(send(text))).bills;
    await post(`/v1/bills/${made?.id}/lock`, { payable: '1.00' });
    for (const query of [{ replace: true }, { add: true }, {}]) {
      const refused = await send(csv(line('2026-05', 2, '2.00')), { query });
      expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
        409,
        expect.stringContaining('locked'),
      ]);
    }
    expect((await post(`/v1/bills/${made?.id}/reverse`, { reason: 'a corrected invoice came' })).status).toBe(200);
    expect((await send(csv(line('2026-05', 2, '2.00')))).status).toBe(201);
  });
});

describe('files of one provider and month that do not name the same account', () => {
  const own = csv(line('2025-09', 1, '1.00'));
  const bare = csv(line('2025-09', 1, '1.10', { account: '' }));

  test('are taken for two accounts where both are named, and asked about where one is not', async () => {
    expect((await send(own)).status).toBe(201);
    expect((await send(csv(line('2025-09', 1, '1.10', { account: 'other' })))).status).toBe(201);
    expect((await send(bare)).status).toBe(409);
    const named = await reportOf(send(bare, { query: { account: 'third' } }));
    expect(named).toMatchObject({ stored: true, bills: [{ account: 'third', billed: '1.1', action: 'store' }] });
  });
});

test('power, hours and tokens of one month and provider are not taken for one another', async () => {
  const own = { 'electricity-bill-2026.csv': 201, 'timesheet-2026-10.csv': 201 };
  for (const [name, status] of Object.entries(own))
    expect([name, (await send(readFileSync(join(fixtures, name)))).status]).toEqual([name, status]);
});

describe('what is payable', () => {
  const text = csv(line('2026-04', 1, '10.004', { invoice: 'A' }), line('2026-04', 2, '20', { invoice: 'B' }));

  test('is asked by invoice, held against the sum of the lines, and the difference is kept', async () => {
    const asked = await send(text, { query: { payable: '30.00' } });
    expect(asked.status).toBe(422);
    expect((await reportOf(asked)).errors).toMatchObject([{ pointer: '/payable', suggestions: ['A', 'B'] }]);
    const [made] = (await reportOf(send(text, { query: { payable: 'A:10.00,B:20.50' } }))).bills;
    expect(made).toMatchObject({
      balance: 'unbalanced',
      invoices: [
        { invoice_id: 'A', billed: '10.004', payable: '10', difference: '0.004' },
        { invoice_id: 'B', billed: '20', payable: '20.5', difference: '-0.5' },
      ],
    });
    const refused = await post(`/v1/bills/${made?.id}/lock`, {});
    expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
      409,
      expect.stringContaining('-0.5 USD'),
    ]);
    const locked = await post(`/v1/bills/${made?.id}/lock`, {
      accept_difference: true,
      reason: 'half a dollar is a bank fee',
    });
    expect(await locked.json()).toMatchObject({
      status: 'locked',
      balance: 'unbalanced',
      events: [{ event: 'locked', reason: 'half a dollar is a bank fee' }],
    });
    // The same again changes nothing.
    expect((await post(`/v1/bills/${made?.id}/lock`, { accept_difference: true })).status).toBe(200);
  });

  test('may be stated when the bill is locked', async () => {
    const [made] = (await reportOf(send(csv(line('2026-03', 1, '12.3449'))))).bills;
    expect(made?.balance).toBe('not-stated');
    expect((await post(`/v1/bills/${made?.id}/lock`, { payable: '12.35' })).status).toBe(409);
    const locked = await post(`/v1/bills/${made?.id}/lock`, { payable: '12.34' });
    expect(await locked.json()).toMatchObject({
      status: 'locked',
      payable: '12.34',
      difference: '0.0049',
      balance: 'balanced',
    });
  });
});

describe('quantities without dollars', () => {
  const usage = readFileSync(join(fixtures, 'fireworks-metrics-2026-10.csv'), 'utf8');

  test('are priced from the price book of their month and say so; what has no price stays unknown with its reason', async () => {
    const report = await reportOf(send(usage));
    const [bill] = report.bills;
    // 50 Mtok of input at 0.20 USD, 2.5 Mtok of cached input at half of that, 12.345678 Mtok of output at 0.20 USD.
    expect(Number(bill?.billed)).toBeCloseTo(50 * 0.2 + 2.5 * 0.1 + 12.345678 * 0.2, 9);
    expect(bill).toMatchObject({ kind: 'usage', priced_lines: 3, unpriced: [{ reason: 'no-meter', lines: 1 }] });
    const { data } = await get<{ data: BillLineView[] }>(`/v1/bills/${bill?.id}/lines`);
    expect(data.filter(({ x_CostReason }) => x_CostReason === 'priced-from-price-book')).toHaveLength(3);
    expect(data.find(({ x_CostReason }) => x_CostReason !== 'priced-from-price-book')?.BilledCost).toBeNull();
  });

  test('count no longer once the provider’s own bill of the month is there', async () => {
    const listed = await get<{ data: BillView[] }>('/v1/bills?provider=fireworks');
    expect(listed.data).toMatchObject([{ kind: 'usage', counts: true }]);
    const money = await reportOf(send(csv(line('2026-10', 1, '14.00', { provider: 'Fireworks AI' }))));
    expect(money.bills).toMatchObject([{ provider: 'fireworks', kind: 'billed', action: 'store' }]);
    expect((await get<BillView>(`/v1/bills/${listed.data[0]?.id}`)).counts).toBe(false);
  });
});

describe('billed names of models', () => {
  const console2 = readFileSync(join(fixtures, 'anthropic-console-cost-2.csv'), 'utf8');

  test('are matched for certain or not at all, can be corrected, and the correction is remembered', async () => {
    const shown = await reportOf(send(console2, { query: { dry_run: true } }));
    expect(shown.models).toEqual([
      {
        provider: 'anthropic',
        billed: 'Claude Opus 4.6',
        model: 'claude-opus-4-6',
        certainty: 'display-name',
        nearest: [],
        lines: 2,
      },
    ]);
    const wrong = await send(console2, {
      query: { models: { 'Claude Opus 4.6': 'claude-opus-46', 'Claude X': null } },
    });
    expect(wrong.status).toBe(422);
    expect((await reportOf(wrong)).errors).toMatchObject([
      {
        pointer: '/models/Claude Opus 4.6',
        code: 'unknown-model',
        suggestions: expect.arrayContaining(['claude-opus-4-6']),
      },
      { pointer: '/models/Claude X', code: 'unknown-name' },
    ]);
    const made = await reportOf(send(console2, { query: { models: { 'Claude Opus 4.6': 'claude-opus-4-5' } } }));
    const { data } = await get<{ data: BillLineView[] }>(`/v1/bills/${made.bills[0]?.id}/lines`);
    expect(data.map(({ x_Model, x_ModelId }) => [x_Model, x_ModelId])).toEqual([
      ['Claude Opus 4.6', 'claude-opus-4-5'],
      ['Claude Opus 4.6', 'claude-opus-4-5'],
    ]);
    const later = await reportOf(send(console2.replaceAll('2026-03', '2026-02'), { query: { dry_run: true } }));
    expect(later.models).toMatchObject([{ model: 'claude-opus-4-5', certainty: 'remembered' }]);
    expect(await get('/v1/bill-models?provider=anthropic')).toMatchObject({
      data: [{ billed: 'Claude Opus 4.6', model: 'claude-opus-4-5' }],
    });
    const models = [{ provider: 'anthropic', billed: 'Claude Opus 4.6', model: null }];
    expect((await service.fetch('/v1/bill-models', { method: 'PUT', json: { models } })).status).toBe(204);
    const none = await reportOf(send(console2.replaceAll('2026-03', '2026-01'), { query: { dry_run: true } }));
    expect(none.models).toMatchObject([{ model: null, certainty: 'remembered' }]);
    const unknown = { models: [{ provider: 'anthropic', billed: 'x', model: 'claude-opus-46' }] };
    expect((await service.fetch('/v1/bill-models', { method: 'PUT', json: unknown })).status).toBe(422);
  });
});

describe('a file that cannot be stored as it is', () => {
  const sample = readFileSync(join(fixtures, 'focus-specification-sample.csv'));

  test('of dates that may be read in two ways is asked about, and stored once the answer is there', async () => {
    const before = await countRows();
    const shown = await send(sample, { query: { dry_run: true } });
    expect(shown.status).toBe(200);
    expect((await reportOf(shown)).questions).toMatchObject([{ id: 'date-order', choices: expect.anything() }]);
    const asked = await send(sample);
    expect(asked.status).toBe(422);
    const { errors } = await reportOf(asked);
    expect(errors).toMatchObject([
      {
        code: 'question',
        pointer: '/answers/date-order',
        suggestions: expect.arrayContaining(['month-first', 'day-first']),
      },
    ]);
    expect(await countRows()).toEqual(before);
    const answered = await reportOf(send(sample, { query: { answers: { 'date-order': 'month-first' } } }));
    expect(answered.bills).toMatchObject([{ period: '2025-04', account: '12345', billed: '100000', effective: '0' }]);
    // The same bytes need no answer again.
    expect((await send(sample)).status).toBe(200);
  });

  test('of no known format shows its columns and a mapping to be edited, and is read by it', async () => {
    const text = 'when;what;euros\n2026-01-05;tokens;1,50\n2026-01-06;tokens;2,50\n';
    const refused = await send(text);
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({
      columns: ['when', 'what', 'euros'],
      suggested_mapping: expect.anything(),
    });
    const mapping = {
      BilledCost: { column: 'euros' },
      ChargePeriodStart: { column: 'when' },
      ChargeDescription: { column: 'what' },
      ServiceProviderName: { value: 'Stadtwerke' },
      BillingCurrency: { value: 'EUR' },
    };
    const report = await reportOf(
      send(text, { query: { mapping, answers: { 'number-format': 'comma', zone: 'UTC' } } }),
    );
    expect(report.bills).toMatchObject([{ provider: 'stadtwerke', period: '2026-01', currency: 'EUR', billed: '4' }]);
  });

  test('with wrong lines is refused with each of them, and nothing is stored', async () => {
    const before = await countRows();
    const refused = await send(csv(line('2026-02', 1, '1.00'), line('2026-02', 2, 'much'), line('2026-02', 3, '=1+1')));
    expect(refused.status).toBe(422);
    expect((await reportOf(refused)).errors.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/lines/3/BilledCost', '/lines/4/BilledCost']),
    );
    for (const [body, type] of [
      ['', 'text/csv'],
      ['\0\0', 'text/csv'],
      ['PK\u0003\u0004nonsense', 'application/octet-stream'],
      ['{"object":"page","data":[]}', 'application/json'],
    ] as const)
      expect([body, (await send(body, { type })).status]).toEqual([body, 422]);
    expect((await send('x', { type: 'text/html' })).status).toBe(415);
    expect((await send('x', { headers: { 'Content-Encoding': 'gzip' } })).status).toBe(415);
    expect((await send('x', { query: { answers: '{' } })).status).toBe(400);
    expect((await send('x', { query: { payable: 'much' } })).status).toBe(400);
    expect(await countRows()).toEqual(before);
  });

  test('leaves no temporary file behind', () => {
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`infercast-bill-${process.pid}-`))).toEqual([]);
  });
});

describe('an upload', () => {
  test('needs an Idempotency-Key, and the same request again is answered as before', async () => {
    const text = csv(line('2025-12', 1, '1.00'));
    const bare = await service.fetch('/v1/bills', {
      method: 'POST',
      body: text,
      headers: { 'Content-Type': 'text/csv' },
    });
    expect([bare.status, ((await bare.json()) as { type: string }).type]).toEqual([
      400,
      '/v1/problems/idempotency-key-invalid',
    ]);
    const headers = { 'Idempotency-Key': 'once' };
    const [first, second] = [await send(text, { headers }), await send(text, { headers })];
    expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 201, 'true']);
    expect(await second.text()).toBe(await first.text());
    expect((await send(csv(line('2025-12', 2, '1.00')), { headers })).status).toBe(422);
  });

  test('of the same file sixteen times at once stores one bill', async () => {
    const text = csv(line('2025-11', 1, '1.00'), line('2025-11', 2, '2.00'));
    const answers = await Promise.all(Array.from({ length: 16 }, () => send(text)));
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    const { data } = await get<{ data: BillView[] }>('/v1/bills?period=2025-11');
    expect(data).toHaveLength(1);
  });

  test('may have as many bytes as the limit and not one more, whether it says how many or not', async () => {
    const text = csv(line('2025-10', 1, '1.00'));
    const bytes = Buffer.byteLength(text);
    const database = await startTestService({ settings: { billLimits: { bytes, records: 1_000 } } });
    const upload = (body: string, chunked: boolean): Promise<Response> =>
      database.fetch('/v1/bills?dry_run=true', {
        method: 'POST',
        body: (chunked ? new Blob([body]).stream() : body) as string,
        headers: { 'Content-Type': 'text/csv' },
        ...(chunked ? { duplex: 'half' } : {}),
      } as RequestInit & { body: string });
    for (const chunked of [false, true]) {
      expect([chunked, (await upload(text, chunked)).status]).toEqual([chunked, 200]);
      const refused = await upload(`${text} `, chunked);
      expect([chunked, refused.status, await refused.json()]).toMatchObject([chunked, 413, { limit_bytes: bytes }]);
    }
    await database.close();
  });
});
