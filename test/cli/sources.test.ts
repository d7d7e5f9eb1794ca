import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { TestService } from '../helpers/app.ts';
import { defaultSettings, smallScenario, startTestService } from '../helpers/app.ts';
import type { FakeProvider } from '../helpers/fake-provider.ts';
import { linkPages, startFakeProvider } from '../helpers/fake-provider.ts';
import type { WebhookReceiver } from '../helpers/webhook-receiver.ts';
import { startReceiver } from '../helpers/webhook-receiver.ts';
import type { CliRun } from './run-cli.ts';
import { cliEnvironment, makeTemporaryFolder, repository } from './run-cli.ts';

// Every command is a process of its own, on a machine that may be busy.
jest.setTimeout(300_000);

const key = 'sk-admin-planted-canary-6789';
let service: TestService;
let provider: FakeProvider;
let receiver: WebhookReceiver;
let folder: string;
let inbox: string;
beforeAll(async () => {
  folder = makeTemporaryFolder();
  inbox = makeTemporaryFolder();
  provider = await startFakeProvider({ header: 'authorization', value: `Bearer ${key}` });
  receiver = await startReceiver();
  const { origin } = provider;
  const outside = { ...defaultSettings.outside, inboxFolder: inbox };
  service = await startTestService({
    settings: { outside: { ...outside, origins: { openai: origin, anthropic: origin, openrouter: origin } } },
  });
  const bucket = {
    start_time: Date.parse('2026-10-05') / 1_000,
    end_time: Date.parse('2026-10-06') / 1_000,
    results: [
      {
        object: 'organization.costs.result',
        amount: { value: 22.5, currency: 'usd' },
        line_item: 'gpt-5.4-mini-2026-03-17, input',
        organization_id: 'org-9',
      },
    ],
  };
  provider.pages.set('/v1/organization/costs', linkPages([[bucket]]));
  provider.pages.set('/v1/organization/usage/completions', linkPages([[{ ...bucket, results: [] }]]));
});
afterAll(async () => {
  await service.close();
  await Promise.all([provider.close(), receiver.close()]);
  for (const made of [folder, inbox]) rmSync(made, { recursive: true, force: true });
});

type Given = { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> };

/** The command line against the service of this test, which has to go on meanwhile. */
function run(args: readonly string[], { stdin = '', env = {} }: Given = {}): Promise<CliRun> {
  const child = spawn(process.execPath, ['src/cli.ts', ...args, '--server', service.url], {
    cwd: repository,
    env: { ...cliEnvironment, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  child.stdin.end(stdin);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
const jsonOf = async <Value>(args: readonly string[], given?: Given): Promise<Value> => {
  const { code, stdout, stderr } = await run([...args, '--format', 'json'], given);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Value;
};

describe('sources', () => {
  const openai = ['sources', 'add', 'OpenAI', '--kind', 'openai'];
  let id = '';

  test('add without a key says where one is read from, and takes none as an argument', async () => {
    const keyless = await run(openai);
    expect([keyless.code, keyless.stderr]).toEqual([2, expect.stringContaining('(--credential-file, - is stdin)')]);
    expect((await run([...openai, '--credential', key])).stderr).toContain("unknown option '--credential'");
    const unset = await run([...openai, '--credential-env', 'NO_SUCH_KEY']);
    expect([unset.code, unset.stderr]).toEqual([2, expect.stringContaining('there is no such variable')]);
    const both = await run([...openai, '--credential-env', 'A', '--credential-file', 'b']);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('not both')]);
  });

  test('add shows the bills of a month in a dry run with a key from stdin, and stores nothing', async () => {
    const dry = await run([...openai, '--credential-file', '-', '--dry-run'], { stdin: `${key}\n` });
    expect(dry.stdout).toMatch(/openai-costs-2026-10.jsonl\s+openai-costs\s+openai\s+org-9\s+billed\s+1\s+22\.5\s+USD/);
    expect([dry.code, dry.stderr]).toEqual([0, 'A dry run: nothing was stored.\n']);
    expect(await jsonOf(['sources', 'list'])).toEqual({ data: [] });
  });

  test('add stores one with a key from a variable, which is shown by its end only', async () => {
    const made = await run([...openai, '--credential-env', 'ADMIN_KEY'], { env: { ADMIN_KEY: key } });
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/src_\w+\s+OpenAI\s+openai\s+–\s+–\s+…6789/)]);
    id = /src_\w+/.exec(made.stdout)?.[0] ?? '';
    expect(JSON.stringify([made, await run(['sources', 'list'])])).not.toContain('canary');
    const tested = await run(['sources', 'test', id, '--period', '2026-10', '--format', 'csv']);
    expect(tested.stdout).toContain('openai-costs-2026-10.jsonl,openai-costs,openai,org-9,billed,1,22.5,USD');
    provider.mishaps.push({ status: 403 });
    const refused = await run(['sources', 'test', id]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('the key that ends in 6789 (403)')]);
  });

  test('pull puts a month in the queue', async () => {
    expect(await jsonOf(['sources', 'pull', id, '--period', '2026-10'])).toMatchObject({
      kind: 'pull-bills',
      period: '2026-10',
      state: 'queued',
    });
    expect((await run(['sources', 'pull', id, '--period', '2026-13'])).code).toBe(2);
  });

  test('add of an inbox says what is asked of its files, and takes the answer with --reading', async () => {
    writeFileSync(path.join(inbox, '2026-10.csv'), 'When,Paid\n03/10/2026,1.50\n');
    const reading = {
      mapping: {
        BillingCurrency: { value: 'USD' },
        ServiceProviderName: { value: 'Cloud' },
        ChargePeriodStart: { column: 'When' },
        BilledCost: { column: 'Paid' },
      },
    };
    const file = path.join(folder, 'reading.json');
    const tryOut = async (given: object): Promise<CliRun> => {
      writeFileSync(file, JSON.stringify(given));
      return run(['sources', 'add', 'Inbox', '--kind', 'inbox', '--reading', file, '--dry-run']);
    };
    const asked = await tryOut(reading);
    expect([asked.code, asked.stderr]).toEqual([
      1,
      expect.stringContaining('"date-order": "month-first or day-first"'),
    ]);
    const told = await tryOut({ ...reading, answers: { 'date-order': 'day-first' } });
    expect([told.code, told.stdout]).toEqual([0, expect.stringMatching(/cloud\s+–\s+billed\s+1\s+1\.5\s+USD/)]);
  });

  test('remove takes one and its key away, once', async () => {
    const other = await jsonOf<{ id: string }>([...openai.with(2, 'Other'), '--credential-file', '-'], { stdin: key });
    const removed = await run(['sources', 'remove', other.id]);
    expect([removed.code, removed.stderr]).toEqual([0, expect.stringContaining('the bills it brought stay')]);
    expect((await run(['sources', 'remove', other.id])).code).toBe(2);
  });

  describe('and schedules', () => {
    let schedule = '';

    test('add takes sources and a threshold in percent', async () => {
      const made = await service.fetch('/v1/scenarios', { json: smallScenario() });
      const { id: scenario } = (await made.json()) as { id: string };
      const terms = ['--scenario', scenario, '--source', id, '--alert-above', '12.5%'];
      const stored = await jsonOf<{ id: string }>(['schedules', 'add', 'Monthly', ...terms]);
      schedule = stored.id;
      expect(stored).toMatchObject({ sources: [id], alert_above: '0.125' });
      const wrong = await run(['schedules', 'add', 'Other', '--scenario', scenario, '--alert-above', 'much']);
      expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('such as 10%, or none')]);
    });

    test('pause, resume, show and remove one', async () => {
      const paused = await run(['schedules', 'pause', schedule]);
      expect([paused.code, paused.stdout]).toEqual([0, expect.stringMatching(/Monthly\s.*paused/)]);
      const resumed = await run(['schedules', 'resume', schedule]);
      expect([resumed.code, resumed.stderr]).toEqual([
        0,
        `${schedule} goes on: 2026-11 is compared at 2026-12-03T06:00.\n`,
      ]);
      const shown = await run(['schedules', 'show', schedule]);
      expect(shown.stderr).toBe(`Sources: ${id}.\nA difference beyond ±12.5 % of the forecast counts as exceeded.\n`);
      expect(await jsonOf(['schedules', 'show', schedule])).toMatchObject({ id: schedule, version: 3, periods: [] });
      expect((await run(['schedules', 'remove', schedule])).code).toBe(0);
      expect(await jsonOf(['schedules', 'list'])).toEqual({ data: [] });
    });
  });
});

describe('webhooks', () => {
  let id = '';

  test('add prints the secret once, and test says whether it was taken', async () => {
    const made = await run(['webhooks', 'add', 'Finance', '--url-file', '-'], { stdin: receiver.url });
    expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^whsec_[\w+/=]+\n$/)]);
    id = /wh_\w+/.exec(made.stderr)?.[0] ?? '';
    const sent = await run(['webhooks', 'test', id]);
    expect([sent.code, sent.stdout]).toEqual([0, expect.stringMatching(/test\.ping\s+delivered\s+1\s+\S+\s+20\d/)]);
    expect(receiver.got).toHaveLength(1);
    const listed = await jsonOf<{ data: { id: string }[] }>(['webhooks', 'list']);
    expect(listed.data).toMatchObject([{ id, name: 'Finance', enabled: true }]);
  });

  test('add takes the address of Slack from no argument', async () => {
    const slack = await run([
      'webhooks',
      'add',
      'Slack',
      '--form',
      'slack',
      '--url',
      'https://hooks.slack.com/services/x',
    ]);
    expect([slack.code, slack.stderr]).toEqual([2, expect.stringContaining('--url-file or --url-env')]);
  });

  test('deliveries shows what was sent, sends it again, and remove ends it', async () => {
    const { data } = await jsonOf<{ data: { id: string; state: string }[] }>(['webhooks', 'deliveries', id]);
    expect(data.map(({ state }) => state)).toEqual(['delivered']);
    const again = ['webhooks', 'deliveries', id, '--redeliver', data[0]?.id ?? ''];
    expect(await jsonOf(again)).toMatchObject({ state: 'waiting' });
    expect((await run(['webhooks', 'remove', id])).code).toBe(0);
    expect(await jsonOf(['webhooks', 'list'])).toEqual({ data: [] });
  });
});
