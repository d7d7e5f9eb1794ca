import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { allowedHosts, loadConfig, settingNames, WrongSettings } from '../src/config.ts';
import { priceLists } from '../src/sources/price-lists.ts';

const folder = mkdtempSync(join(tmpdir(), 'infercast-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(WrongSettings);
    return (error as WrongSettings).problems;
  }
}

describe('settings', () => {
  test('have a default each', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 7800,
      DATA_DIR: './data',
      BODY_LIMIT_MB: 1,
      MIGRATE_ON_START: true,
    });
    expect(allowedHosts(config)).toEqual(['localhost', '127.0.0.1', '::1', '127.0.0.1']);
  });

  test('stand in .env.example with their defaults, each with a comment, and nothing else does', () => {
    const lines = readFileSync(join(import.meta.dirname, '../.env.example'), 'utf8').split('\n');
    const shown = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('=') as [string, string]);
    expect(shown.map(([name]) => name)).toEqual(settingNames);
    expect(loadConfig(Object.fromEntries(shown))).toEqual(loadConfig({}));
    const uncommented = shown.filter(
      ([name]) => !lines[lines.findIndex((line) => line.startsWith(`${name}=`)) - 1]?.startsWith('#'),
    );
    expect(uncommented.map(([name]) => name)).toEqual(['RATE_WRITE', 'RATE_COMPUTE']);
  });

  test('that are wrong are all named at once, with the rule', () => {
    expect(
      problemsOf({ PORT: '70000', HOST: 'http://x', DB_SSL: 'maybe', DEFAULT_TZ: 'Mars/Base', RATE_READ: '1e3' }),
    ).toEqual([
      'HOST must be an address or a host name without a port and is "http://x": mend or unset it.',
      'PORT must be from 0 to 65535 and is "70000": mend or unset it.',
      'DB_SSL must be one of off, require, verify and is "maybe": mend or unset it.',
      'RATE_READ must be a whole number and is "1e3": mend or unset it.',
      'DEFAULT_TZ must be a time zone like Europe/Berlin and is "Mars/Base": mend or unset it.',
    ]);
  });

  test('of lists of prices are off, or names of lists', () => {
    expect(loadConfig({}).PRICE_PULL).toEqual([]);
    expect(loadConfig({ PRICE_PULL: 'off' }).PRICE_PULL).toEqual([]);
    expect(loadConfig({ PRICE_PULL: 'litellm, openrouter,litellm' }).PRICE_PULL).toEqual(['litellm', 'openrouter']);
    expect(Object.keys(priceLists).every((name) => loadConfig({ PRICE_PULL: name }).PRICE_PULL.length === 1)).toBe(
      true,
    );
    expect(problemsOf({ PRICE_PULL: 'litelm', PRICE_PULL_TIME: '24:00' })).toEqual([
      'PRICE_PULL must be off, or some of openrouter, litellm, models-dev apart by commas and is "litelm": mend or unset it.',
      'PRICE_PULL_TIME must be a time like 05:00 and is "24:00": mend or unset it.',
    ]);
  });

  test('that are secret are not shown when they are wrong', () => {
    const shown = problemsOf({ METRICS_TOKEN: 'tooshort', DATABASE_URL: 'mysql://me:hunter2@host/x' }).join(' ');
    expect(shown).toMatch(/METRICS_TOKEN.*at least 16|DATABASE_URL.*postgres:/);
    expect(shown).not.toMatch(/tooshort|hunter2/);
  });

  test.each([
    ['INFERCAST_PORT', /INFERCAST_PORT is not a setting.*Did you mean "PORT"/],
    ['INFERCAST_TEST_CLOK', /Did you mean "INFERCAST_TEST_CLOCK"/],
    ['INFERCAST_ZZZZZZZZ', /INFERCAST_ZZZZZZZZ is not a setting of infercast; unset it\.$/],
  ])('that do not exist are refused: %s', (name, message) => {
    expect(problemsOf({ [name]: '1' })).toEqual([expect.stringMatching(message)]);
  });

  test('may stand in a file, which wins; its last line end does not count', () => {
    const file = join(folder, 'url');
    writeFileSync(file, 'postgres://from-file/x\n');
    const config = loadConfig({ DATABASE_URL: 'postgres://from-variable/x', DATABASE_URL_FILE: file });
    expect(config.DATABASE_URL).toBe('postgres://from-file/x');
  });

  test('in a file that is not there are refused with its path', () => {
    expect(problemsOf({ METRICS_TOKEN_FILE: '/nowhere/token' })).toEqual([
      'METRICS_TOKEN_FILE names /nowhere/token, which cannot be read (ENOENT): mend the path, or unset METRICS_TOKEN_FILE.',
    ]);
  });
});

describe('listening beyond this machine', () => {
  const beyond = { HOST: '192.168.1.5', AUTH_MODE: 'token' };

  test('needs keys', () => {
    expect(problemsOf({ HOST: '192.168.1.5' })).toEqual([expect.stringMatching(/^HOST=192.168.1.5 .*AUTH_MODE=token/)]);
    expect(allowedHosts(loadConfig(beyond))).toContain('192.168.1.5');
  });

  test('on every address needs a name', () => {
    expect(problemsOf({ ...beyond, HOST: '0.0.0.0' })).toEqual([expect.stringMatching(/ALLOWED_HOSTS.*PUBLIC_URL/)]);
    expect(allowedHosts(loadConfig({ ...beyond, HOST: '::', PUBLIC_URL: 'https://Costs.example.com/' }))).toContain(
      'costs.example.com',
    );
  });

  test.each([
    ['a proxy in front', { TRUST_PROXY: '1' }],
    ['a public address', { PUBLIC_URL: 'https://costs.example.com' }],
    ['a foreign name', { ALLOWED_HOSTS: 'localhost,costs.example.com' }],
  ])('through %s needs keys too', (_, environment: Record<string, string>) => {
    expect(problemsOf(environment)).toEqual([expect.stringContaining('AUTH_MODE=token')]);
    expect(problemsOf({ ...environment, AUTH_MODE: 'token' })).toEqual([]);
  });

  test.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('is not what %s does', (host) => {
    expect(problemsOf({ HOST: host })).toEqual([]);
  });
});

test('a stopped clock is refused in production', () => {
  const clock = { INFERCAST_TEST_CLOCK: '2026-11-22T12:00:00Z' };
  expect(problemsOf(clock)).toEqual([expect.stringContaining('NODE_ENV=test')]);
  expect(problemsOf({ ...clock, NODE_ENV: 'test' })).toEqual([]);
});
