import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../../src/clock.ts';
import { listKeptDays } from '../../../src/db/bill-sources.ts';
import { listRuns } from '../../../src/db/runs.ts';
import type { BillSummary } from '../../../src/services/bills/bills.ts';
import { makeJobs } from '../../../src/services/jobs.ts';
import type { RunContext } from '../../../src/services/runs/run-execution.ts';
import { executeRun } from '../../../src/services/runs/run-execution.ts';
import type { RunDetails } from '../../../src/services/runs/runs.ts';
import { comparePeriod } from '../../../src/services/schedules/compare-period.ts';
import { monthWork } from '../../../src/services/schedules/month-work.ts';
import type { CompareTask } from '../../../src/services/schedules/period-work.ts';
import { findSpendSoFar } from '../../../src/services/schedules/spend-so-far.ts';
import { makeSecretBox } from '../../../src/services/sealed-secrets.ts';
import { pullFiles } from '../../../src/services/sources/bill-pulls.ts';
import type { BillSourceTest } from '../../../src/services/sources/bill-source-test.ts';
import type { BillSourceView } from '../../../src/services/sources/bill-sources.ts';
import { openBillSource, requireBillSource } from '../../../src/services/sources/bill-sources.ts';
import { planKeeps } from '../../../src/services/sources/keep-job.ts';
import { pullBills } from '../../../src/services/sources/pulled-bills.ts';
import type { TestRequest, TestService } from '../../helpers/app.ts';
import { defaultSettings, startTestService } from '../../helpers/app.ts';
import type { FakeProvider } from '../../helpers/fake-provider.ts';
import { linkPages, startFakeProvider } from '../../helpers/fake-provider.ts';

const key = 'sk-admin-planted-canary-6789';
let service: TestService;
let provider: FakeProvider;
let inbox: string;

beforeAll(async () => {
  inbox = mkdtempSync(join(tmpdir(), 'infercast-inbox-'));
  provider = await startFakeProvider({ header: 'authorization', value: `Bearer ${key}` });
  const { origin } = provider;
  const origins = { openai: origin, anthropic: origin, openrouter: origin };
  service = await startTestService({
    settings: { outside: { ...defaultSettings.outside, origins, inboxFolder: inbox } },
  });
});
beforeEach(async () => {
  provider.mishaps.length = 0;
  provider.pages.clear();
  for (const found of (await json<{ data: BillSourceView[] }>('/v1/bill-sources', 200)).data) await remove(found);
});
afterAll(async () => {
  await service.close();
  await provider.close();
  rmSync(inbox, { recursive: true, force: true });
});

async function json<T>(path: string, status: number, request: TestRequest = {}): Promise<T> {
  const response = await service.fetch(path, request);
  const text = await response.text();
  expect([response.status, response.status === status ? '' : text]).toEqual([status, '']);
  return (text === '' ? null : JSON.parse(text)) as T;
}
const ifMatch = ({ id, version }: BillSourceView) => ({ 'If-Match': `"${id}-${version}"` });
const remove = (found: BillSourceView): Promise<unknown> =>
  json(`/v1/bill-sources/${found.id}`, 204, { method: 'DELETE', headers: ifMatch(found) });
const make = (given: object): Promise<BillSourceView> =>
  json<BillSourceView>('/v1/bill-sources', 201, { json: { name: 'Source', ...given } });
const change = (found: BillSourceView, given: object): Promise<BillSourceView> =>
  json<BillSourceView>(`/v1/bill-sources/${found.id}`, 200, { method: 'PATCH', json: given, headers: ifMatch(found) });
const pull = async (id: string, period: string) =>
  pullFiles(service.app, openBillSource(service.app, await requireBillSource(service.app, id)), period, {
    signal: new AbortController().signal,
    log: async () => {},
  });
const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** Of a file that tells how it is read. */
const untold = { questions: [], suggested_mapping: null };

/** Costs of two days, a page each, and a usage report without a line. */
function serveOctober(first: number, second: number): void {
  const bucket = (date: string, results: readonly unknown[]) => {
    const start_time = Date.parse(date) / 1_000;
    return { object: 'bucket', start_time, end_time: start_time + 86_400, results };
  };
  const cost = (value: number) => ({
    object: 'organization.costs.result',
    amount: { value, currency: 'usd' },
    line_item: 'gpt-5.4-mini-2026-03-17, input',
    quantity: 1_000_000,
  });
  provider.pages.set(
    '/v1/organization/costs',
    linkPages([[bucket('2026-10-03', [cost(first)])], [bucket('2026-10-04', [cost(second)])]]),
  );
  provider.pages.set('/v1/organization/usage/completions', linkPages([[bucket('2026-10-03', [])]]));
}

/** Asks for a pull and does it as a worker would. */
async function pullOctober({ id }: BillSourceView): Promise<RunDetails> {
  const { id: run } = await json<RunDetails>(`/v1/bill-sources/${id}/pull?period=2026-10`, 202, { method: 'POST' });
  await executeRun(service.app, makeJobs(monthWork), run, { isLast: true, signal: new AbortController().signal });
  return json<RunDetails>(`/v1/runs/${run}`, 200);
}

async function octoberBills(): Promise<readonly string[]> {
  const { data } = await json<{ data: BillSummary[] }>('/v1/bills?period=2026-10', 200);
  return data.map(({ account, status, billed }) => `${account} ${status} ${billed}`).toSorted();
}

function serveDays(first: string, count: number): string[] {
  const days = Array.from({ length: count }, (_, i) =>
    new Date(Date.parse(first) + i * 86_400_000).toISOString().slice(0, 10),
  );
  for (const day of days) {
    provider.pages.set(`/api/v1/activity?date=${day}`, [JSON.stringify({ data: [{ date: day, usage: 0.1 }] })]);
  }
  return days;
}

describe('a bill source', () => {
  test('keeps its key to itself: what is shown, stored and logged holds none of it', async () => {
    const made = await make({ kind: 'openai', credential: key });
    expect(made.credential).toEqual({ last4: '6789', sha256: expect.stringMatching(/^[0-9a-f]{16}$/) });
    const url = await make({
      name: 'FOCUS',
      kind: 'url',
      url: 'https://x.example.com/{period}.csv?sig=planted-canary-sas',
    });
    expect(url.url).toBe('https://x.example.com/{period}.csv');
    provider.mishaps.push({ status: 401 });
    const tried = await json<BillSourceTest>(`/v1/bill-sources/${made.id}/test`, 200, { method: 'POST' });
    expect(tried).toMatchObject({
      ok: false,
      problem: expect.stringContaining('did not take the key that ends in 6789 (401)'),
    });
    const opened = openBillSource(service.app, await requireBillSource(service.app, url.id));
    expect(opened.url).toBe('https://x.example.com/{period}.csv?sig=planted-canary-sas');
    const rows = await service.app.db.selectFrom('bill_sources').selectAll().execute();
    expect(JSON.stringify([rows, service.log, tried, made, url])).not.toContain('planted-canary');
  });

  test('is tried before it is saved, and nothing is stored', async () => {
    serveOctober(9, 13.5);
    const sent = { name: 'New', kind: 'openai', credential: key };
    const tried = await json<BillSourceTest>('/v1/bill-sources/test', 200, { json: sent });
    expect(tried).toMatchObject({ ok: true, period: '2026-10', missing_days: [], problem: null });
    expect(tried.files).toEqual([
      {
        ...untold,
        name: 'openai-costs-2026-10.jsonl',
        bytes: expect.any(Number),
        format: 'openai-costs',
        bills: [
          { provider: 'openai', account: '', currency: 'USD', kind: 'billed', lines: 2, billed: (9 + 13.5).toFixed(1) },
        ],
        problem: null,
      },
      // A month without use is nothing wrong.
      {
        ...untold,
        name: 'openai-usage-2026-10.jsonl',
        bytes: expect.any(Number),
        format: null,
        bills: [],
        problem: null,
      },
    ]);
    expect((await json<{ data: unknown[] }>('/v1/bills', 200)).data).toEqual([]);
    expect((await json<{ data: unknown[] }>('/v1/bill-sources', 200)).data).toEqual([]);
    const wrong = await json<BillSourceTest>('/v1/bill-sources/test', 200, {
      json: { ...sent, credential: 'sk-wrong' },
    });
    expect(wrong.ok).toBe(false);
  });

  test.each([
    [{ kind: 'openai' }, '/credential'],
    [{ kind: 'together', credential: 'x' }, '/kind'],
    [{ kind: 'fireworks', credential: 'x' }, '/kind'],
    [{ kind: 'url' }, '/url'],
    [{ kind: 'url', url: 'http://169.254.169.254/latest/meta-data' }, '/url'],
    [{ kind: 'openai', credential: 'x', url: 'https://x.example.com/a' }, '/url'],
    [{ kind: 'inbox', folder: '../etc' }, '/folder'],
    [{ kind: 'inbox', folder: '/etc' }, '/folder'],
    [{ kind: 'inbox', credential: 'x' }, '/credential'],
    [{ kind: 'openai', credential: 'x', reading: {} }, '/reading'],
    [{ kind: 'inbox', reading: { format: 'focuss' } }, '/reading/format'],
    [{ kind: 'inbox', reading: { answers: { 'date-order': 'backwards' } } }, '/reading/answers/date-order'],
    [{ kind: 'inbox', reading: { mapping: { BilledCosts: { column: 'x' } } } }, '/reading/mapping/BilledCosts'],
  ])('%j is refused at %s', async (given, pointer) => {
    const { errors } = await json<{ errors: { pointer: string }[] }>('/v1/bill-sources', 422, {
      json: { name: 'x', ...given },
    });
    expect(errors[0]?.pointer).toBe(pointer);
  });

  test('is changed with its ETag; a key that is not sent stays, one that is sent replaces it', async () => {
    const made = await make({ kind: 'openai', credential: key, account: 'org-1' });
    const renamed = await change(made, { name: 'Renamed' });
    expect(renamed).toMatchObject({ name: 'Renamed', account: 'org-1', credential: made.credential, version: 2 });
    const rekeyed = await change(renamed, { credential: 'sk-admin-another-1234' });
    expect(rekeyed.credential?.last4).toBe('1234');
    await json(`/v1/bill-sources/${made.id}`, 412, { method: 'PATCH', json: { name: 'x' }, headers: ifMatch(made) });
    await json('/v1/bill-sources', 409, { json: { name: 'renamed', kind: 'openai', credential: key } });
  });

  test('takes no key without SECRETS_KEY, and one without a key is fine', async () => {
    const outside = { ...defaultSettings.outside, secrets: makeSecretBox(null) };
    const bare = await startTestService({ settings: { outside } });
    const refused = await bare.fetch('/v1/bill-sources', { json: { name: 'a', kind: 'openai', credential: key } });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('openssl rand -base64 32')]);
    const open = await bare.fetch('/v1/bill-sources', {
      json: { name: 'b', kind: 'url', url: 'https://x.example.com/a.csv' },
    });
    expect(open.status).toBe(201);
    await bare.close();
  });
});

describe('a pull', () => {
  test('stores a month once, and what was restated in its place', async () => {
    const made = await make({ kind: 'openai', credential: key, account: 'org-1' });
    serveOctober(9, 13.5);
    const first = await pullOctober(made);
    expect([first.state, first.period, first.result]).toEqual([
      'succeeded',
      '2026-10',
      { period: '2026-10', bills: [expect.stringMatching(/^\/v1\/bills\/bill_/)], missing_days: [] },
    ]);
    expect((await pullOctober(made)).result).toEqual(first.result);
    expect(await octoberBills()).toEqual(['org-1 provisional 22.5']);
    serveOctober(9, 14);
    expect((await pullOctober(made)).state).toBe('succeeded');
    expect(await octoberBills()).toEqual(['org-1 provisional 23', 'org-1 reversed 22.5']);
  });

  test('of OpenAI is of one account, though only its charges name it: there is no second bill of 0.00', async () => {
    const made = await make({ kind: 'openai', credential: key });
    const { start_time, end_time } = {
      start_time: Date.parse('2026-10-05') / 1_000,
      end_time: Date.parse('2026-10-06') / 1_000,
    };
    const bucket = (results: readonly object[]) => ({ object: 'bucket', start_time, end_time, results });
    const cost = (value: number, organization_id: string | null) => ({
      object: 'organization.costs.result',
      amount: { value, currency: 'usd' },
      line_item: value === 0 ? null : 'gpt-5.4-mini-2026-03-17, input',
      project_id: value === 0 ? null : 'proj_1',
      organization_id,
    });
    const used = {
      object: 'organization.usage.completions.result',
      project_id: 'proj_1',
      model: 'gpt-5.4-mini-2026-03-17',
      num_model_requests: 10,
      input_tokens: 30_000_000,
      output_tokens: 0,
    };
    provider.pages.set('/v1/organization/costs', linkPages([[bucket([cost(22.5, 'org-9'), cost(0, null)])]]));
    provider.pages.set('/v1/organization/usage/completions', linkPages([[bucket([used])]]));
    const tried = await json<BillSourceTest>(`/v1/bill-sources/${made.id}/test`, 200, { method: 'POST' });
    expect(tried.files.flatMap(({ bills }) => bills.map(({ account, kind }) => [account, kind]))).toEqual([
      ['org-9', 'billed'],
      ['org-9', 'usage'],
    ]);
    const { log } = await pullOctober(made);
    expect(log.map(({ message }) => message.replace(/bill_\w+/, 'bill'))).toEqual([
      'openai-costs-2026-10.jsonl: bill, openai 22.5 USD (store).',
      'openai-usage-2026-10.jsonl: bill, openai usage in 1 line (store).',
    ]);
    const { data } = await json<{ data: BillSummary[] }>('/v1/bills?period=2026-10', 200);
    const ofOrg9 = data.filter(({ account }) => account === 'org-9');
    expect(ofOrg9.map(({ kind, counts }) => [kind, counts]).toSorted()).toEqual([
      ['billed', true],
      ['usage', false],
    ]);
    for (const { id } of ofOrg9)
      await json(`/v1/bills/${id}/reverse`, 200, { method: 'POST', json: { reason: 'test' } });
  });

  test('never replaces what another source brought or somebody sent', async () => {
    const one = await make({ name: 'One', kind: 'openai', credential: key, account: 'org-2' });
    const other = await make({ name: 'Other', kind: 'openai', credential: key, account: 'org-2' });
    serveOctober(1, 2);
    expect((await pullOctober(one)).state).toBe('succeeded');
    const before = await octoberBills();
    serveOctober(5, 6);
    const refused = await pullOctober(other);
    expect([refused.state, refused.error?.code]).toEqual(['failed', 'conflict']);
    expect(refused.error?.message).toContain('Something of openai 2026-10 is stored already and differs');
    expect(await octoberBills()).toEqual(before);
  });

  test('reverses what it brought of an account of which the provider says nothing any longer', async () => {
    const made = await make({ kind: 'openai', credential: key });
    const costsOf = (...accounts: readonly string[]) =>
      linkPages([
        [
          {
            object: 'bucket',
            start_time: Date.parse('2026-10-05') / 1_000,
            end_time: Date.parse('2026-10-06') / 1_000,
            results: accounts.map((organization_id) => ({
              object: 'organization.costs.result',
              amount: { value: 3, currency: 'usd' },
              line_item: 'gpt-5.4-mini-2026-03-17, input',
              organization_id,
            })),
          },
        ],
      ]);
    serveOctober(1, 2);
    provider.pages.set('/v1/organization/costs', costsOf('org-kept', 'org-gone'));
    expect((await pullOctober(made)).result).toMatchObject({ bills: [expect.anything(), expect.anything()] });
    provider.pages.set('/v1/organization/costs', costsOf('org-kept'));
    const { log } = await pullOctober(made);
    expect(log.at(-1)?.message).toMatch(
      /^bill_\w+, openai org-gone 3 USD: reversed, since the source says nothing of it/,
    );
    expect((await octoberBills()).filter((bill) => /org-(kept|gone)/.test(bill))).toEqual([
      'org-gone reversed 3',
      'org-kept provisional 3',
    ]);
    provider.pages.set('/v1/organization/costs', costsOf('org-kept', 'org-gone'));
    expect((await pullOctober(made)).state).toBe('succeeded');
    expect((await octoberBills()).filter((bill) => /org-gone/.test(bill))).toEqual([
      'org-gone provisional 3',
      'org-gone reversed 3',
    ]);
  });

  test('leaves what another pull of its source stored meanwhile', async () => {
    const made = await make({ kind: 'openai', credential: key, account: 'org-6' });
    serveOctober(1, 2);
    const source = openBillSource(service.app, await requireBillSource(service.app, made.id));
    let later: Promise<RunDetails> | null = null;
    const log = async (): Promise<void> => {
      if (later !== null) return;
      serveOctober(3, 4);
      later = pullOctober(made);
      expect((await later).state).toBe('succeeded');
    };
    await pullBills(service.app, source, '2026-10', { signal: new AbortController().signal, log });
    expect((await octoberBills()).filter((bill) => bill.startsWith('org-6'))).toEqual([
      'org-6 provisional 7',
      'org-6 reversed 3',
    ]);
  });

  test('replaces only what it brought itself where its file has come to say more', async () => {
    const one = await make({ name: 'One', kind: 'openai', credential: key, account: 'org-3' });
    serveOctober(1, 2);
    expect((await pullOctober(one)).state).toBe('succeeded');
    const other = await make({ name: 'Other', kind: 'openai', credential: key, account: 'org-4' });
    serveOctober(3, 4);
    expect((await pullOctober(other)).state).toBe('succeeded');
    const { version } = await json<BillSourceView>(`/v1/bill-sources/${other.id}`, 200);
    await change({ ...other, version }, { account: 'org-3' });
    serveOctober(5, 6);
    const refused = await pullOctober(other);
    expect([refused.state, refused.error?.message]).toEqual([
      'failed',
      expect.stringContaining('this source did not bring it'),
    ]);
    expect((await octoberBills()).filter((bill) => /org-[34]/.test(bill))).toEqual([
      'org-3 provisional 3',
      'org-4 provisional 7',
    ]);
  });

  test('that gives quantities without any amount or price is no month of 0.00: it fails, to be tried again', async () => {
    const { id } = await make({ kind: 'openai', credential: key });
    const [start_time, end_time] = ['2026-08-05', '2026-08-06'].map((day) => Date.parse(day) / 1_000);
    const used = {
      object: 'organization.usage.completions.result',
      model: 'gpt-of-tomorrow',
      num_model_requests: 10,
      input_tokens: 30_000_000,
      output_tokens: 0,
    };
    provider.pages.set('/v1/organization/costs', linkPages([[{ start_time, end_time, results: [] }]]));
    provider.pages.set('/v1/organization/usage/completions', linkPages([[{ start_time, end_time, results: [used] }]]));
    const task = { schedule: { sources: [id] }, period: '2026-08', pull: 1, forecast_id: null, settles: () => false };
    const { signal } = new AbortController();
    const context = { objectId: 'x', signal, log: async () => {}, progress: async () => {} };
    const compared = comparePeriod(service.app, task as unknown as CompareTask, context as unknown as RunContext);
    await expect(compared).rejects.toThrow('openai gives what was used in 2026-08 and no amount');
  });

  test('that is cancelled asks for no other page and stores nothing', async () => {
    const made = await make({ kind: 'openai', credential: key, account: 'org-5' });
    serveOctober(1, 2);
    const asked = provider.asked.length;
    const { id: run } = await json<RunDetails>(`/v1/bill-sources/${made.id}/pull?period=2026-10`, 202, {
      method: 'POST',
    });
    let asking: Promise<unknown> = Promise.resolve();
    provider.mishaps.push(() => {
      asking = json(`/v1/runs/${run}/cancel`, 200, { method: 'POST' });
    });
    await executeRun(service.app, makeJobs(monthWork), run, { isLast: true, signal: new AbortController().signal });
    await asking;
    expect((await json<RunDetails>(`/v1/runs/${run}`, 200)).state).toBe('cancelled');
    expect(provider.asked.length - asked).toBe(1);
    expect((await octoberBills()).filter((bill) => bill.startsWith('org-5'))).toEqual([]);
  });

  test('that the provider does not answer is worth another try, one with a wrong key is not', async () => {
    const made = await make({ kind: 'openai', credential: key });
    provider.mishaps.push({ status: 503 }, { status: 503 }, { status: 503 }, { status: 503 });
    const away = await pullOctober(made);
    expect([away.error?.code, away.log.length]).toEqual(['unavailable', 3 + 1]);
    provider.mishaps.push({ status: 403 });
    expect((await pullOctober(made)).error?.code).toBe('validation-failed');
    expect(JSON.stringify(away)).not.toContain('far side');
  });
});

describe('OpenRouter, which forgets after 30 days,', () => {
  test('gives a whole month where its days were kept in time, as one file', async () => {
    service.setClock(fixedClock(new Date('2026-10-15T09:00:00Z')));
    serveDays('2026-09-15', 80);
    const { id } = await make({ kind: 'openrouter', credential: key });
    const jobs = makeJobs(monthWork);
    const keep = async (): Promise<number> => {
      const started = await planKeeps(service.app);
      const rows = await listRuns(service.app.db, {
        schedule_id: null,
        period: null,
        kind: 'keep-days',
        state: 'queued',
        before: null,
        limit: 10,
      });
      for (const row of rows)
        await executeRun(service.app, jobs, row.id, { isLast: true, signal: new AbortController().signal });
      return started;
    };
    expect([await keep(), await keep()]).toEqual([1, 0]);
    // A week later it is due again, and not before.
    service.setClock(fixedClock(new Date('2026-10-22T08:59:00Z')));
    expect(await keep()).toBe(0);
    service.setClock(fixedClock(new Date('2026-10-22T09:00:00Z')));
    expect(await keep()).toBe(1);
    // On 3 November the window begins on 4 October; the three days before were kept.
    service.setClock(fixedClock(new Date('2026-11-03T06:00:00Z')));
    const { files, missing_days } = await pull(id, '2026-10');
    expect([files.map(({ name }) => name), missing_days]).toEqual([['openrouter-activity-2026-10.jsonl'], []]);
    const lines = textOf(files[0]?.bytes).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).data[0].date)).toEqual(
      Array.from({ length: 31 }, (_, i) => `2026-10-${String(i + 1).padStart(2, '0')}`),
    );
    service.setClock(fixedClock(new Date('2026-11-22T12:00:00Z')));
  });

  test('names the days that nobody kept, and takes a restated day as it is now', async () => {
    service.setClock(fixedClock(new Date('2026-11-03T06:00:00Z')));
    serveDays('2026-10-01', 40);
    const { id } = await make({ kind: 'openrouter', credential: key });
    expect((await pull(id, '2026-10')).missing_days).toEqual(['2026-10-01', '2026-10-02', '2026-10-03']);
    provider.pages.set('/api/v1/activity?date=2026-10-20', [JSON.stringify({ data: [{ usage: 0.7 }] })]);
    const { files } = await pull(id, '2026-10');
    expect(textOf(files[0]?.bytes)).toContain('{"data":[{"usage":0.7}]}');
    expect(await listKeptDays(service.app.db, id, '2026-10')).toHaveLength(28);
    service.setClock(fixedClock(new Date('2026-11-22T12:00:00Z')));
  });
});

describe('an inbox', () => {
  test('gives the files of the month and nothing that lies elsewhere', async () => {
    mkdirSync(join(inbox, 'together/more'), { recursive: true });
    writeFileSync(join(inbox, 'together/usage-2026-10.csv'), 'a\n');
    writeFileSync(join(inbox, 'together/202610-b.csv'), 'b\n');
    writeFileSync(join(inbox, 'together/usage-2026-09.csv'), 'c\n');
    writeFileSync(join(inbox, 'together/.2026-10.swp'), 'd\n');
    writeFileSync(join(inbox, 'secret-2026-10.csv'), 'e\n');
    symlinkSync('../secret-2026-10.csv', join(inbox, 'together/link-2026-10.csv'));
    symlinkSync('/etc', join(inbox, 'outside'));
    const { id } = await make({ kind: 'inbox', folder: 'together' });
    const { files } = await pull(id, '2026-10');
    expect(files.map(({ name, bytes }) => [name, textOf(bytes)])).toEqual([
      ['202610-b.csv', 'b\n'],
      ['usage-2026-10.csv', 'a\n'],
    ]);
    const outside = await make({ name: 'Out', kind: 'inbox', folder: 'outside' });
    await expect(pull(outside.id, '2026-10')).rejects.toThrow('leads out of INBOX_DIR');
    writeFileSync(join(inbox, 'huge-2026-10.csv'), '');
    truncateSync(join(inbox, 'huge-2026-10.csv'), 100_000_001);
    const huge = await make({ name: 'Huge', kind: 'inbox' });
    await expect(pull(huge.id, '2026-10')).rejects.toThrow('huge-2026-10.csv has more than 100 MB');
    const gone = await make({ name: 'Gone', kind: 'inbox', folder: 'nowhere' });
    await expect(pull(gone.id, '2026-10')).rejects.toThrow('cannot be read (ENOENT)');
  });
});

describe('the files of a source that do not tell how they are read', () => {
  const folder = 'table';
  const known = {
    BillingCurrency: { value: 'USD' },
    ServiceProviderName: { value: 'Cloud' },
    ChargePeriodStart: { column: 'When' },
    BilledCost: { column: 'Paid' },
    x_Model: { column: 'What' },
  };
  const lay = (month: string): void => {
    mkdirSync(join(inbox, folder), { recursive: true });
    const days = ['03', '04'].map((day, i) => `${day}/${month}/2026,${i + 1}.50,large`);
    writeFileSync(join(inbox, folder, `2026-${month}.csv`), `When,Paid,What\n${days.join('\n')}\n`);
  };
  const tryOut = async (reading: object | null): Promise<BillSourceTest['files'][number] | undefined> => {
    const sent = { name: 'New', kind: 'inbox', folder, reading };
    return (await json<BillSourceTest>('/v1/bill-sources/test', 200, { json: sent })).files[0];
  };

  test('are shown with a mapping to edit, then with what is open and where its answer belongs', async () => {
    lay('10');
    expect((await tryOut(null))?.suggested_mapping).toMatchObject({ BillingCurrency: expect.anything() });
    const asked = await tryOut({ mapping: known });
    expect(asked?.questions).toMatchObject([{ id: 'date-order', pointer: '/reading/answers/date-order' }]);
    expect(asked?.problem).toContain(
      'Answer it with "reading": {"answers": {"date-order": "month-first or day-first"}}',
    );
    const told = await tryOut({ mapping: known, answers: { 'date-order': 'day-first' } });
    // 1.50 on 3 October and 2.50 on 4 October.
    expect(told).toMatchObject({ problem: null, questions: [], bills: [{ provider: 'cloud', billed: '4' }] });
  });

  test('are refused in a pull that nobody told, and pulled once its source says how', async () => {
    lay('10');
    const made = await make({ kind: 'inbox', folder, account: 'table', reading: { mapping: known } });
    expect(made.reading).toEqual({ mapping: known });
    const { error } = await pullOctober(made);
    expect(error?.errors).toMatchObject([{ pointer: '/reading/answers/date-order' }]);
    const reading = { mapping: known, answers: { 'date-order': 'day-first' }, models: { large: null, unused: null } };
    const changed = await change(made, { reading });
    expect(changed.reading).toEqual(reading);
    expect((await change(changed, { name: 'Renamed' })).reading).toEqual(reading);
    expect((await pullOctober(made)).state).toBe('succeeded');
    expect((await octoberBills()).filter((bill) => bill.startsWith('table'))).toEqual(['table provisional 4']);
  });

  test('are read alike where a month under way is looked at', async () => {
    lay('11');
    const { id } = await make({
      kind: 'inbox',
      folder,
      reading: { mapping: known, answers: { 'date-order': 'day-first' } },
    });
    const { days } = await findSpendSoFar(service.app, { sources: [id] }, '2026-11', {
      signal: new AbortController().signal,
      log: async () => {},
    });
    expect(days).toEqual({ cloud: '2026-11-04' });
  });
});
