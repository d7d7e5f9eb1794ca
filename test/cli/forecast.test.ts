import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { calculateForecast } from '../../src/compute/calculate.ts';
import { loadCatalogue } from '../../src/compute/catalogue.ts';
import type { Forecast } from '../../src/core/forecast/result.ts';
import { forecastCsv } from '../../src/services/forecasts/forecast-csv.ts';
import { expectGolden, expectInReadme } from './golden.ts';
import { makeTemporaryFolder, repository, runCli, sample, small } from './run-cli.ts';

/** Offline there is no service to learn from. */
const shippedBook =
  'Prices are those shipped with infercast: what a running service has learned since is not in this forecast.\n';

function readScenario(file: string): Record<string, unknown> {
  return parse(readFileSync(path.join(repository, file), 'utf8')) as Record<string, unknown>;
}

async function bodyOf(scenario: unknown): Promise<string> {
  const outcome = calculateForecast({ scenario, today: '2026-11-22' }, await loadCatalogue());
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.body;
}

describe('the forecast of a file', () => {
  test('as JSON is the body of an estimate, byte for byte, each time', async () => {
    const [first, again] = [
      runCli(['forecast', small, '--format', 'json']),
      runCli(['forecast', small, '--format', 'json']),
    ];
    expect(first).toEqual({ code: 0, stdout: await bodyOf(readScenario(small)), stderr: shippedBook });
    expect(again.stdout).toBe(first.stdout);
  });

  test('as a table fits 100 columns and is as printed before, in the README too', () => {
    const { code, stdout, stderr } = runCli(['forecast', sample]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: shippedBook });
    expectGolden('forecast.txt', stdout);
    expectInReadme(stdout);
    expect(stdout.split('\n').filter((line) => [...line].length > 100)).toEqual([]);
  });

  test('has no sign beyond ASCII where the locale is not UTF-8', () => {
    const { stdout } = runCli(['forecast', small], { LC_ALL: 'C' });
    expect(stdout).toMatch(/^[\x20-\x7e\n]+$/);
    expectGolden('forecast-ascii.txt', stdout);
  });

  test('as markdown has the lines of the tiers asked for', () => {
    expectGolden('forecast.md', runCli(['forecast', small, '--format', 'markdown', '--lines', 'openai']).stdout);
  });

  test('as CSV is the table that the service gives', async () => {
    const { stdout } = runCli(['forecast', small, '--format', 'csv']);
    expect(stdout).toBe(forecastCsv(JSON.parse(await bodyOf(readScenario(small))) as Forecast));
  });

  test('has no colours in a pipe, also in CI', () => {
    expect(runCli(['forecast', small], { CI: 'true', TERM: 'xterm-256color' }).stdout).not.toContain('\u001b');
  });

  test('takes options as if they stood in the file', async () => {
    const scenario = readScenario(small);
    const [workload] = scenario.workloads as [Record<string, unknown>];
    const changed = {
      ...scenario,
      workloads: [{ ...workload, requests_per_month: '200k to 300k' }],
      sampling: { draws: 150, seed: 7 },
      as_of: '2026-10-01',
    };
    const requests = ['--set', 'workloads.chat.requests_per_month=200k to 300k'];
    const { stdout } = runCli([
      'forecast',
      small,
      '--format',
      'json',
      ...requests,
      '--draws',
      '150',
      '--seed',
      '7',
      '--as-of',
      '2026-10-01',
    ]);
    expect(stdout).toBe(await bodyOf(changed));
  });

  test('with --xlsx is a workbook too', () => {
    const folder = makeTemporaryFolder();
    const file = path.join(folder, 'forecast.xlsx');
    const { code, stdout, stderr } = runCli(['forecast', small, '--format', 'json', '--xlsx', file]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Wrote ${file}.\n${shippedBook}` });
    expect(JSON.parse(stdout)).toHaveProperty('tiers');
    expect(readFileSync(file).subarray(0, 4).toString('latin1')).toBe('PK\u0003\u0004');
    rmSync(folder, { recursive: true });

    const nowhere = runCli(['forecast', small, '--xlsx', path.join(folder, 'gone', 'forecast.xlsx')]);
    expect(nowhere).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('cannot be written (ENOENT)'),
    });
  });

  test('fills in DEFAULT_CURRENCY, as the service does', async () => {
    const folder = makeTemporaryFolder();
    const file = path.join(folder, 'scenario.json');
    const stated = { ...readScenario(small), exchange_rates: { USD: 0.9 } };
    writeFileSync(file, JSON.stringify(stated));
    const { stdout } = runCli(['forecast', file, '--format', 'json'], { DEFAULT_CURRENCY: 'EUR' });
    expect(stdout).toBe(await bodyOf({ ...stated, currency: 'EUR' }));
    rmSync(folder, { recursive: true });
  });

  test('does not care for settings that only a service needs', () => {
    expect(runCli(['forecast', small], { PORT: 'none', HOST: '0.0.0.0' }).code).toBe(0);
  });

  test('is refused with one sentence under a setting that it needs and cannot read', () => {
    const { code, stderr } = runCli(['forecast', small], { DEFAULT_TZ: 'Mars/Base' });
    expect(code).toBe(2);
    expect(stderr).toBe('DEFAULT_TZ must be a time zone like Europe/Berlin and is "Mars/Base": mend or unset it.\n');
  });
});

describe('what cannot be forecast', () => {
  let folder = '';
  const write = (name: string, text: string): string => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  beforeAll(() => {
    folder = makeTemporaryFolder();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const scenarioWith = (requests: string): string => `name: Small
months: 3
start: 2026-12
workloads:
  - id: chat
    requests_per_month: ${requests}
    input_tokens: 1200
    output_tokens: 300
    model: {openai: gpt-5.4-mini}
tiers: [openai]
sampling: {draws: 100}
`;

  test('shows every problem with its line and column, the pointer and the cure', () => {
    const file = write(
      'bad.yaml',
      'name: Bad\nworkloads:\n  - id: chat\n    requests_per_month: 300k\n    input_tokns: 1200\n    output_tokens: abc\n    model: {openai: gpt-5.4-mini}\ntiers: [openai, antropic]\n',
    );
    const { code, stdout, stderr } = runCli(['forecast', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const lines = stderr.replaceAll(`${file}:`, '').trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' ')).toSorted()).toEqual([
      '3:5: /workloads/0/input_tokens:',
      '4 problems;',
      '5:5: /workloads/0/input_tokns:',
      '6:20: /workloads/0/output_tokens:',
      '8:17: /tiers/1:',
    ]);
    expect(stderr).toContain('Did you mean "anthropic"?');
  });

  test('names the option where an option is what is wrong', () => {
    const { code, stderr } = runCli([
      'forecast',
      small,
      '--draws',
      '5',
      '--set',
      'energy.price_per_kwh=abc',
      '--as-of',
      '2026-13-01',
    ]);
    expect(code).toBe(2);
    expectGolden('wrong-options.txt', stderr);
  });

  test.each([
    {
      args: ['forecast', 'nope.yaml'],
      says: 'There is no file nope.yaml: check the path; samples are in models/scenarios.\n',
    },
    { args: ['forecast', 'models'], says: 'models is a folder: name a file in it.\n' },
    {
      args: ['forecast', small, '--set', 'months'],
      says: '--set months: expected path=value, such as --set operations.hourly_rate=100.\n',
    },
    {
      args: ['forecast', small, '--set', 'workloads.cht.id=x'],
      says: '--set workloads.cht.id=x: there is no "cht" in this list of 1. Did you mean "chat"?\n',
    },
    {
      args: ['forecast', small, '--set', 'months=[1'],
      says: '--set months=[1: not a value as it would stand in the file',
    },
    {
      args: ['forecast', small, '--lines', 'lokal'],
      says: '--lines lokal: the forecast has no such tier. Did you mean "local"?\n',
    },
  ])('$args is one sentence and exit code 2', ({ args, says }) => {
    const { code, stdout, stderr } = runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(says)).toBe(true);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('shows where YAML itself breaks', () => {
    const { code, stderr } = runCli(['forecast', write('broken.yaml', 'name: [1\nmonths: 2\n')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/broken\.yaml:2:1: not YAML 1\.2 or JSON: /);
  });

  test('reads a history beside the scenario, and gives the line of a number that is none', async () => {
    write('usage.csv', 'month,requests\n2026-09,100000\n2026-10,120000\n2026-11,90000\n');
    const file = write('history.yaml', scenarioWith('{history: {file: usage.csv}}'));
    const values = ['100000', '120000', '90000'];
    const sent = parse(scenarioWith(JSON.stringify({ history: { unit: 'month', values } }))) as unknown;
    expect(runCli(['forecast', file, '--format', 'json']).stdout).toBe(await bodyOf(sent));

    write('usage.csv', 'month,requests\n2026-09,100000\n2026-10,many\n');
    const { code, stderr } = runCli(['forecast', file]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `${path.join(folder, 'usage.csv')}:3: /workloads/0/requests_per_month/history/values/1: "many"`,
    );
  });

  test('says so where the history file is missing', () => {
    const { code, stderr } = runCli(['forecast', write('lost.yaml', scenarioWith('{history: {file: lost.csv}}'))]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `The history file ${path.join(folder, 'lost.csv')} cannot be read (ENOENT): it is looked for beside the scenario.\n`,
    );
  });
});
