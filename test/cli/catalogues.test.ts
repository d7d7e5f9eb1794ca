import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { expectGolden } from './golden.ts';
import { repository, runCli as runAnywhere, sample } from './run-cli.ts';

/** Where no service answers: one that happens to run on this machine has prices of its own. */
const runCli = (args: readonly string[]) => runAnywhere(args, { PORT: '1' });

describe('explain', () => {
  test('shows a number with its formula in names, in figures, and what it rests on', () => {
    const { code, stdout, stderr } = runCli(['explain', sample, 'local.electricity.2027-01']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expectGolden('explain.txt', stdout);
  });

  test('shows the source and date of a price', () => {
    expectGolden('explain-price.txt', runCli(['explain', sample, 'openai.output.chat.2027-01']).stdout);
  });

  test('as JSON has the value as exact text', () => {
    const { stdout } = runCli(['explain', sample, 'local.amortisation.2027-01', '--format', 'json']);
    // (2 · 2000 + 1500) · (1 − 10 %) / 36
    expect(JSON.parse(stdout)).toMatchObject({
      path: 'local.amortisation.2027-01',
      value: String((5500 * 0.9) / 36),
      unit: 'USD',
    });
  });

  test('knows the nearest path', () => {
    const { code, stderr } = runCli(['explain', sample, 'local.electricty.2027-01']);
    expect(code).toBe(2);
    expect(stderr).toContain('Did you mean "local.electricity"');
  });
});

describe('the catalogues', () => {
  test('prices list shows the prices in force', () => {
    const { code, stdout, stderr } = runCli(['prices', 'list', '--provider', 'anthropic', '--model', 'haiku']);
    expect(code).toBe(0);
    expectGolden('prices-list.txt', stdout);
    expect(stderr).toMatch(/^USD per 1M tokens, in force on 2026-11-22\./);
    expect(stderr).toContain('The price book as shipped. No service answers at http://127.0.0.1:1,');
  });

  test('prices list as CSV has a row for each meter, with its source', () => {
    const { stdout } = runCli([
      'prices',
      'list',
      '--provider',
      'anthropic',
      '--model',
      'claude-haiku-4-5',
      '--format',
      'csv',
    ]);
    expectGolden('prices-list.csv', stdout);
  });

  test('prices history shows every price of a model', () => {
    expectGolden('prices-history.txt', runCli(['prices', 'history', 'anthropic', 'claude-haiku-4-5']).stdout);
  });

  test.each([
    { args: ['prices', 'history', 'anthropic', 'claude-haiku-4-6'], says: 'Did you mean "claude-haiku-4-5"' },
    {
      args: ['prices', 'list', '--provider', 'antropic'],
      says: 'There are no prices of "antropic". Did you mean "anthropic"?',
    },
    { args: ['prices', 'list', '--on', 'today'], says: '--on today: expected a day, such as 2026-11-22.' },
  ])('$args exits with 2 and the nearest right thing', ({ args, says }) => {
    const { code, stdout, stderr } = runCli(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
  });

  test('hardware list shows every device', () => {
    expectGolden('hardware-list.txt', runCli(['hardware', 'list']).stdout);
  });

  test('openapi prints the document that is checked in', () => {
    expect(runCli(['openapi']).stdout).toBe(readFileSync(path.join(repository, 'openapi.json'), 'utf8'));
  });
});
