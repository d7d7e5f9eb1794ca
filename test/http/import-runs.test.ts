import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { fixedClock } from '../../src/clock.ts';
import type { BillImportReport } from '../../src/services/bills/bill-report.ts';
import { importJob, longImportBytes } from '../../src/services/bills/import-job.ts';
import { clearWaitingFiles } from '../../src/services/bills/waiting-files.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import type { Jobs } from '../../src/services/runs/run-execution.ts';
import { executeRun } from '../../src/services/runs/run-execution.ts';
import type { RunDetails, RunView } from '../../src/services/runs/runs.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import type { TestService } from '../helpers/app.ts';
import { startTestService, today } from '../helpers/app.ts';

const fixtures = join(import.meta.dirname, '../importers/bills/fixtures');
const focus = readFileSync(join(fixtures, 'focus-1.2-2026-10.csv'), 'utf8');
const jobs = makeJobs(monthWork);
const attempt = { isLast: false, signal: new AbortController().signal };
const Prefer = 'respond-async';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ http: { ratesPerMinute: { read: 6_000, write: 600, compute: 60, upload: 600 } } });
});
afterAll(() => service.close());

type Sent = { readonly query?: string; readonly headers?: Readonly<Record<string, string>> };

function send(body: string, { query = '', headers = {} }: Sent = {}): Promise<Response> {
  return service.fetch(`/v1/bills?${query}`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': randomUUID(), ...headers },
  });
}

async function start(body: string, query = ''): Promise<string> {
  const response = await send(body, { query, headers: { Prefer } });
  const { id } = (await response.json()) as RunView;
  expect([response.status, id]).toEqual([202, expect.stringMatching(/^run_/)]);
  return id;
}

async function read(id: string): Promise<RunDetails> {
  return (await (await service.fetch(`/v1/runs/${id}`)).json()) as RunDetails;
}

function post(path: string): Promise<Response> {
  return service.fetch(path, { method: 'POST' });
}

async function count(): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<Record<string, string>>`
    select (select count(*) from bills) as bills, (select count(*) from bill_lines) as lines,
      (select count(*) from bill_files) as files, (select count(*) from waiting_files) as waiting,
      (select count(*) from waiting_file_chunks) as chunks`.execute(service.app.db);
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]));
}

const header =
  'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceProviderName,BillingAccountId,SkuId';

/** A bill of ACME with a line for each amount. */
function csv(account: string, ...amounts: readonly string[]): string {
  const lines = amounts.map(
    (amount, i) => `${amount},USD,Usage,2026-09-01T00:00:00Z,2026-09-02T00:00:00Z,ACME,${account},sku-${i}`,
  );
  return `${[header, ...lines].join('\n')}\n`;
}

describe('an import that is put off', () => {
  test('answers 202 with its run, whose result is the report; the same key gives the same run', async () => {
    const key = randomUUID();
    const query = 'file_name=focus.csv&payable=524.62';
    const response = await send(focus, { query, headers: { Prefer, 'Idempotency-Key': key } });
    const run = (await response.json()) as RunView;
    expect([response.status, response.headers.get('location'), response.headers.get('preference-applied')]).toEqual([
      202,
      `/v1/runs/${run.id}`,
      Prefer,
    ]);
    const again = await send(focus, { query, headers: { Prefer, 'Idempotency-Key': key } });
    expect(((await again.json()) as RunView).id).toBe(run.id);
    expect(await count()).toEqual({ bills: 0, lines: 0, files: 0, waiting: 1, chunks: 1 });
    await executeRun(service.app, jobs, run.id, attempt);
    const bytes = Buffer.byteLength(focus);
    const done = await read(run.id);
    expect(done).toMatchObject({
      kind: 'import-bills',
      state: 'succeeded',
      attempt: 1,
      progress: { done: bytes, total: bytes, unit: 'bytes' },
      log: [{ message: 'Read 7 records of FOCUS 1.2.' }],
      error: null,
    });
    const report = done.result as BillImportReport;
    expect(report).toMatchObject({
      stored: true,
      file: { name: 'focus.csv', bytes },
      bills: [{ id: `bill_${run.id.slice(4)}`, action: 'store', billed: '524.62', balance: 'balanced' }],
    });
    const stored = await service.fetch(`/v1/bills/${report.bills[0]?.id}/original`);
    expect(await stored.text()).toBe(focus);
    expect(await clearWaitingFiles(service.app)).toBe(1);
    expect(await count()).toEqual({ bills: 1, lines: 7, files: 1, waiting: 0, chunks: 0 });
  });

  test('of what is stored already brings the same report as at once', async () => {
    const atOnce = (await (await send(focus, { query: 'file_name=focus.csv' })).json()) as BillImportReport;
    const id = await start(focus, 'file_name=focus.csv');
    await executeRun(service.app, jobs, id, attempt);
    expect((await read(id)).result).toEqual(atOnce);
    expect(atOnce.repeated).toBe(true);
  });

  test('says what is wrong as the answer would have: errors, questions, a mapping to be edited', async () => {
    for (const [name, member] of [
      ['focus-specification-sample.csv', 'questions'],
      ['own columns', 'suggested_mapping'],
      ['wrong', 'problem_count'],
    ] as const) {
      const text =
        name === 'own columns'
          ? 'when,what,euros\n2026-01-05T00:00:00Z,tokens,1.50\n'
          : name === 'wrong'
            ? csv('acct', 'mu\u0000ch', '1', 'more')
            : readFileSync(join(fixtures, name), 'utf8');
      const { errors, [member]: said } = (await (await send(text)).json()) as Record<string, unknown>;
      const id = await start(text);
      await executeRun(service.app, jobs, id, attempt);
      const { state, error } = await read(id);
      // A database's text holds no NUL.
      const kept = JSON.parse(JSON.stringify({ errors, said }).replaceAll('\\u0000', '\ufffd')) as object;
      expect({ state, errors: error?.errors, said: error?.[member] }).toEqual({ state: 'failed', ...kept });
      expect([errors, said]).toEqual([expect.arrayContaining([expect.anything()]), expect.anything()]);
    }
  });

  test('is what happens to every large file, unless only to look at it; cancelled while it waits it stores nothing', async () => {
    const before = await count();
    const line = csv('large', '1').split('\n')[1] ?? '';
    const large = `${header}\n${`${line}\n`.repeat(Math.ceil(longImportBytes / line.length))}`;
    const response = await send(large);
    const { id } = (await response.json()) as RunView;
    expect([response.status, response.headers.get('preference-applied')]).toEqual([202, null]);
    expect((await send(csv('acct', '1'), { query: 'dry_run=true', headers: { Prefer } })).status).toBe(200);
    expect((await post(`/v1/runs/${id}/cancel`)).status).toBe(200);
    await executeRun(service.app, jobs, id, attempt);
    const { waiting, chunks, ...stored } = await count();
    const { waiting: _waiting, chunks: _chunks, ...storedBefore } = before;
    expect([(await read(id)).state, stored]).toEqual(['cancelled', storedBefore]);
    // Five megabytes and a little in pieces of 1,048,576 bytes.
    expect([waiting, chunks]).toEqual([(before.waiting ?? 0) + 1, (before.chunks ?? 0) + 5]);
  });

  test('is what happens to a long file of a form, which leads to the page of its run', async () => {
    const line = csv('form', '1').split('\n')[1] ?? '';
    const form = new FormData();
    form.set('file', new Blob([`${header}\n${`${line}\n`.repeat(longImportBytes / line.length + 1)}`]), 'form.csv');
    const response = await service.fetch('/bills', {
      method: 'POST',
      body: form,
      redirect: 'manual',
      headers: { Origin: service.url },
    });
    const page = response.headers.get('location') ?? '';
    expect([response.status, page]).toEqual([303, expect.stringMatching(/^\/runs\/run_/)]);
    expect(await (await service.fetch(page)).text()).toContain('Import bills of a file');
    expect((await post(`/v1${page}/cancel`)).status).toBe(200);
  });

  test('that is cancelled at work stores nothing, and is whole when it is tried again', async () => {
    const before = await count();
    const id = await start(csv('cancelled', '1', '2'));
    const cancelling: Jobs = {
      'import-bills': {
        work: async (app, input, context) => {
          await post(`/v1/runs/${id}/cancel`);
          return importJob.work(app, input, context);
        },
      },
    };
    await executeRun(service.app, cancelling, id, attempt);
    expect([(await read(id)).state, (await count()).bills]).toEqual(['cancelled', before.bills]);
    expect((await post(`/v1/runs/${id}/retry`)).status).toBe(202);
    await executeRun(service.app, jobs, id, attempt);
    expect([(await read(id)).state, (await count()).bills]).toEqual(['succeeded', (before.bills ?? 0) + 1]);
  });

  test('is stored once, whoever works on its run, and however often', async () => {
    const before = await count();
    const id = await start(csv('twice', '1', '2'));
    await Promise.all([1, 2].map(() => executeRun(service.app, jobs, id, attempt)));
    await executeRun(service.app, jobs, id, attempt);
    const { bills, lines } = await count();
    expect([(await read(id)).state, bills, lines]).toEqual([
      'succeeded',
      (before.bills ?? 0) + 1,
      (before.lines ?? 0) + 2,
    ]);
  });

  test('leaves its file for a day where it failed; then there is nothing to be tried again', async () => {
    const id = await start(csv('acct', 'much'));
    await executeRun(service.app, jobs, id, attempt);
    const waiting = await start(csv('patient', '1'));
    await clearWaitingFiles(service.app);
    expect((await post(`/v1/runs/${id}/retry`)).status).toBe(202);
    await executeRun(service.app, jobs, id, attempt);
    service.setClock(fixedClock(new Date(Date.parse(`${today}T12:00:00.000Z`) + 24 * 3_600_000 + 1)));
    await clearWaitingFiles(service.app);
    const refused = await post(`/v1/runs/${id}/retry`);
    expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
      409,
      'Its file is no longer kept, which it is for a day at most: send it again.',
    ]);
    // What no worker has taken yet is still there.
    expect((await count()).waiting).toBe(1);
    await executeRun(service.app, jobs, waiting, attempt);
    expect((await read(waiting)).state).toBe('succeeded');
  });

  test('is refused while twenty files wait; one that failed gives way', async () => {
    await clearWaitingFiles(service.app);
    const failed = await start(csv('acct', 'much'));
    await executeRun(service.app, jobs, failed, attempt);
    const waiting: string[] = [];
    for (let n = 1; n <= 20; n++) waiting.push(await start(csv(`acct-${n}`, '1')));
    expect((await count()).waiting).toBe(20);
    expect((await post(`/v1/runs/${failed}/retry`)).status).toBe(409);
    const refused = await send(csv('acct-21', '1'), { headers: { Prefer } });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    for (const id of waiting) await post(`/v1/runs/${id}/cancel`);
    await post(`/v1/runs/${await start(csv('acct-21', '1'))}/cancel`);
    expect((await count()).waiting).toBe(20);
  });
});
