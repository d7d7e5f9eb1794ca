import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { reportBacktest } from '../../src/cli/backtest-report.ts';
import type { CommandFailed } from '../../src/cli/exit.ts';
import { expectGolden } from './golden.ts';
import { makeTemporaryFolder, repository, runCli } from './run-cli.ts';

const months = 'test/fixtures/histories/months.csv';
const days = 'test/fixtures/histories/days.csv';

function linesOf(text: string): readonly string[] {
  try {
    reportBacktest(text, 'usage.csv', 0.1);
    return [];
  } catch (error) {
    return (error as CommandFailed).lines;
  }
}

describe('backtest', () => {
  test('shows how well each month would have been foreseen, against last month again', () => {
    const { code, stdout, stderr } = runCli(['backtest', months]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expectGolden('backtest.txt', stdout);
  });

  test('of days forecasts whole months, and the month under way from its days so far', () => {
    const { stdout } = runCli(['backtest', days]);
    expectGolden('backtest-days.txt', stdout);
    expect(stdout).toContain('2026-08 after 12 days: ');
  });

  test('draws the same as a picture of its own', () => {
    const chart = path.join(makeTemporaryFolder(), 'chart.svg');
    const { code, stderr } = runCli(['backtest', months, '--chart', chart]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `Chart written to ${chart}.\n` });
    const svg = readFileSync(chart, 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    expect(svg.match(/<circle/g)).toHaveLength(24);
    expect(svg).not.toContain('NaN');
  });

  test('as JSON has every number, as CSV a row for each month', () => {
    const report = JSON.parse(runCli(['backtest', months, '--format', 'json']).stdout);
    expect(report).toMatchObject({ unit: 'month', first: '2024-01-01', last: '2026-06', steps: 29, months_ahead: 1 });
    expect(report.backtest.summaries.map(({ method }: { method: string }) => method)).toEqual([
      'history model',
      'last month again',
      'seasonal naive',
    ]);
    const csv = runCli(['backtest', months, '--format', 'csv']).stdout.trimEnd().split('\n');
    expect(csv[0]).toBe('month,actual,forecast,p10,p90,last_month,seasonal_naive,z');
    expect(csv).toHaveLength(1 + 24);
  });

  test('prints the same bytes twice', () => {
    expect(runCli(['backtest', days, '--format', 'json']).stdout).toBe(
      runCli(['backtest', days, '--format', 'json']).stdout,
    );
  });

  test.each([
    [['--tolerance', '0'], '--tolerance 0: expected a share between 0 and 100 %, such as 10%.'],
    [['--months-ahead', '13'], '--months-ahead 13: expected a whole number from 1 to 12.'],
  ])('refuses %j', (options, line) => {
    const { code, stderr } = runCli(['backtest', months, ...options]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `${line}\n` });
  });

  test('says in one sentence that a file is not there', () => {
    const { code, stderr } = runCli(['backtest', 'lost.csv']);
    expect(code).toBe(2);
    expect(stderr).toBe('The history file lost.csv cannot be read (ENOENT).\n');
  });
});

describe('a bad history is refused by line and rule', () => {
  test.each<[string, string, readonly (string | RegExp)[]]>([
    ['empty', '', [/^usage\.csv:1: expected a head/]],
    ['all zero', 'month,requests\n2026-01,0\n2026-02,0\n', [/^usage\.csv: no value is above 0/]],
    ['negative', 'month,requests\n2026-01,5\n2026-02,-5\n', [/^usage\.csv:3: .*-5/]],
    ['in words', 'month,requests\n2026-01,5\n2026-02,many\n', [/^usage\.csv:3: .*many/]],
    [
      'out of order',
      'month,requests\n2026-02,5\n2026-01,5\n',
      ['usage.csv:3: it does not come after line 2: put the rows in order, each step once.'],
    ],
    [
      'twice the same',
      'month,requests\n2026-01,5\n2026-01,6\n',
      ['usage.csv:3: its date is that of line 2: each step stands once, so add the two or leave one out.'],
    ],
    [
      'of two units',
      'month,requests,unit\n2026-01,5,requests\n2026-02,6,tokens\n',
      ['usage.csv:3: its unit is "tokens" and that of line 2 "requests": a history has one unit.'],
    ],
    [
      'of days among months',
      'month,requests\n2026-01,5\n2026-02-01,5\n',
      [/^usage\.csv:3: "2026-02-01" is not a month/],
    ],
  ])('%s', (_, text, lines) => {
    const found = linesOf(text);
    expect(found).toHaveLength(lines.length);
    for (const [i, line] of lines.entries()) expect(found[i]).toEqual(expect.stringMatching(line));
  });

  test('one point is forecast, and said to be too short to be back-tested', () => {
    const report = reportBacktest('month,requests\n2026-01,1000\n', 'usage.csv', 0.1);
    expect(report.backtest.months).toEqual([]);
    expect(report.next.median).toBeGreaterThan(500);
    const file = path.join(makeTemporaryFolder(), 'one.csv');
    writeFileSync(file, 'month,requests\n2026-01,1000\n');
    expect(runCli(['backtest', file]).stdout).toContain(
      'Too short to be back-tested: a month is judged once five others',
    );
  });

  test('months after the start of a scenario are refused, and months missing before it are gaps', () => {
    const folder = makeTemporaryFolder();
    const scenario = readFileSync(path.join(repository, 'test/cli/small.yaml'), 'utf8');
    const named = scenario.replace(/requests_per_month: .*/, 'requests_per_month: {history: {file: usage.csv}}');
    expect(named).not.toBe(scenario);
    const start = /^start: (\S+)/m.exec(scenario)?.[1] ?? '';
    writeFileSync(path.join(folder, 'scenario.yaml'), named);
    writeFileSync(
      path.join(folder, 'usage.csv'),
      `month,requests,one_off\n2026-01,900,\n2026-02,5000,launch\n${start},1000,\n`,
    );
    const refused = runCli(['forecast', path.join(folder, 'scenario.yaml')]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`it lies in the months to be forecast (start: ${start})`);
    writeFileSync(
      path.join(folder, 'usage.csv'),
      'month,requests,one_off\n2026-01,900,\n2026-02,5000,launch\n2026-03,950,\n',
    );
    const { code, stdout } = runCli(['forecast', path.join(folder, 'scenario.yaml'), '--format', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).workloads[0].history).toMatchObject({ observations: 2, one_offs: 1 });
  });
});
