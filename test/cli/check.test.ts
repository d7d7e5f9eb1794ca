import { describe, expect, test } from '@jest/globals';
import { runCli, small } from './run-cli.ts';

const check = (...args: readonly string[]) => runCli(['check', small, ...args]);

describe('check', () => {
  test('exits with 0 where the promise holds', () => {
    expect(check('--tier', 'local')).toEqual({ code: 0, stdout: '', stderr: '1 of 1 promises hold.\n' });
  });

  test('exits with 3 and a line for each promise that is not kept', () => {
    const { code, stdout, stderr } = check();
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^openai: does not hold: the bill of 2027-01 is within ±10 % in \d\d % of the futures, 80 % needed; ±[\d.]+ % would hold that often\.\n$/,
    );
    expect(stderr).toBe('1 of 2 promises does not hold.\n');
  });

  test('takes missing evidence for a broken promise only when told to', () => {
    const open = check('--tier', 'openai', '--tolerance', '20%');
    expect(open.code).toBe(0);
    expect(open.stdout).toContain('openai: not enough evidence: ');
    expect(open.stderr).toBe('0 of 1 promises hold, none is broken.\n');
    expect(check('--tier', 'openai', '--tolerance', '20%', '--strict').code).toBe(3);
  });

  test('judges at the tolerance asked for', () => {
    expect(check('--tolerance', '60%')).toEqual({ code: 0, stdout: '', stderr: '2 of 2 promises hold.\n' });
    expect(check('--tier', 'openai', '--tolerance', '200%').code).toBe(2);
  });

  test('holds each month at P90 against the most it may be', () => {
    expect(check('--tier', 'local', '--max-monthly', '5k')).toEqual({
      code: 0,
      stdout: '',
      stderr: '2 of 2 promises hold.\n',
    });
    const { code, stdout } = check('--tier', 'local', '--max-monthly', '10');
    expect(code).toBe(3);
    expect(stdout).toMatch(
      /^local: does not hold: the bill of \d{4}-\d{2} reaches \$[\d.]+ at P90, above \$10\.00\.\n$/,
    );
  });

  test('as JSON has every promise', () => {
    const { code, stdout } = check('--tier', 'openai', '--format', 'json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      checks: [
        {
          tier: 'openai',
          promise: 'predictability',
          verdict: 'does not hold',
          detail: expect.stringContaining('the bill of 2027-01'),
        },
      ],
    });
  });

  test.each([
    { args: ['--tier', 'lokal'], says: '--tier lokal: the scenario does not compare it. Did you mean "local"?\n' },
    {
      args: ['--max-monthly', 'much'],
      says: "--max-monthly much: expected an amount in the scenario's currency, such as 5000 or 5k.\n",
    },
  ])('$args exits with 2', ({ args, says }) => {
    expect(check(...args)).toEqual({ code: 2, stdout: '', stderr: says });
  });
});
