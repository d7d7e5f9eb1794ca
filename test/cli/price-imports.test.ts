import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeTemporaryFolder, runCli } from './run-cli.ts';

let folder: string;
let negotiated: string;
let environment: Readonly<Record<string, string>>;
beforeAll(() => {
  folder = makeTemporaryFolder();
  negotiated = path.join(folder, 'negotiated.csv');
  writeFileSync(
    negotiated,
    'provider,model,meter,price,valid_from\nopenai,gpt-5.5,input,4,2026-10-01\nopenai,gpt-5.5,output,400,\n',
  );
  environment = { DATA_DIR: path.join(folder, 'data'), PORT: '1' };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('prices import', () => {
  test('as a dry run shows what differs, and leaves no database behind', () => {
    const { code, stdout, stderr } = runCli(['prices', 'import', negotiated, '--dry-run'], environment);
    expect(code).toBe(0);
    expect(stdout).toMatch(/outlier +openai +gpt-5\.5 +output +30 +400 +13\.33/);
    expect(stdout).toMatch(/differs +openai +gpt-5\.5 +input +5 +4 +0\.8/);
    expect(stderr).toContain(
      '0 new, 0 confirmed, 1 different by more than 1 %, 1 quarantined. A dry run: nothing was stored.',
    );
    expect(existsSync(environment.DATA_DIR ?? '')).toBe(false);
  });

  test('stores into the database where no service runs, once a day', () => {
    const first = runCli(['prices', 'import', negotiated, '--format', 'json'], environment);
    expect({ code: first.code, report: JSON.parse(first.stdout) }).toMatchObject({
      code: 0,
      report: { known_at: '2026-11-22', repeated: false, counts: { differs: 1, quarantined: 1 } },
    });
    const again = runCli(['prices', 'import', negotiated], environment);
    expect(again.stderr).toContain('imported today already');
  });

  test('tells every wrong line of a file', () => {
    const wrong = path.join(folder, 'wrong.csv');
    writeFileSync(wrong, 'provider,model,meter,price\nopenai,gpt-5.5,inputs,free\n');
    const { code, stdout, stderr } = runCli(['prices', 'import', wrong, '--dry-run'], environment);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('/2/meter: There is no meter "inputs". Did you mean "input"');
    expect(stderr).toContain('/2/price: Expected a plain number');
  });

  test('a file that is not there is bad usage', () => {
    expect(runCli(['prices', 'import', path.join(folder, 'nowhere.csv')], environment)).toMatchObject({ code: 2 });
  });

  test('prices pull takes only the lists it knows', () => {
    const { code, stderr } = runCli(['prices', 'pull', 'https://example.com'], environment);
    expect(code).toBe(2);
    expect(stderr).toContain('openrouter, litellm, models-dev');
  });
});
