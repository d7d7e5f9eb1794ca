import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { TestService } from '../helpers/app.ts';
import { startTestService } from '../helpers/app.ts';
import type { CliRun } from './run-cli.ts';
import { makeTemporaryFolder, repository, runCli } from './run-cli.ts';
import { runOnService } from './run-on-service.ts';

// Every command is a process of its own, on a machine that may be busy.
jest.setTimeout(120_000);

const fixtures = path.join(repository, 'test/importers/bills/fixtures');
const focus = 'test/importers/bills/fixtures/focus-1.2-2026-10.csv';
let service: TestService;
let folder: string;
beforeAll(async () => {
  service = await startTestService();
  folder = makeTemporaryFolder();
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: readonly string[]): Promise<CliRun> {
  return runOnService(service.url, args);
}

describe('bills', () => {
  let id = '';

  test('import shows what would be stored, then stores it, then knows it', async () => {
    const dry = await run('bills', 'import', focus, '--payable', '524.62', '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/–\s+new\s+openai\s+acct-1\s+2026-10\s+billed\s+7\s+524\.62\s+USD\s+balanced/);
    expect(dry.stderr).toContain('Invoice INV-7: payable 524.62, difference 0.');
    expect(dry.stderr).toContain('A dry run: nothing was stored.');
    const made = await run('bills', 'import', focus, '--payable', '524.62', '--format', 'json');
    const report = JSON.parse(made.stdout) as { stored: boolean; bills: { id: string }[] };
    expect({ code: made.code, stored: report.stored, stderr: made.stderr }).toEqual({
      code: 0,
      stored: true,
      stderr: '',
    });
    id = report.bills[0]?.id ?? '';
    const again = await run('bills', 'import', focus);
    expect([again.code, again.stderr]).toEqual([0, expect.stringContaining('Everything in it is stored already.')]);
  });

  test('list, show, lock and reverse it', async () => {
    const listed = await run('bills', 'list', '--period', '2026-10', '--format', 'csv');
    expect(listed.stdout).toContain(`${id},openai,acct-1,2026-10,provisional,billed,7,524.62,USD,balanced`);
    const shown = await run('bills', 'show', id);
    expect(shown.stdout).toMatch(/Purchase\s+500 USD/);
    expect((await run('bills', 'lock', id)).stdout).toMatch(/Status\s+locked/);
    expect((await run('bills', 'reverse', id, '--reason', 'a test')).stderr).toContain('counts no longer');
    expect((await run('bills', 'lock', id)).code).toBe(1);
    expect((await run('bills', 'show', 'bill_nothing')).code).toBe(2);
  });

  test('import says how to answer what is asked, and takes the answer', async () => {
    const sample = path.join(fixtures, 'focus-specification-sample.csv');
    const asked = await run('bills', 'import', sample);
    expect([asked.code, asked.stdout]).toEqual([2, '']);
    expect(asked.stderr).toMatch(/--answer date-order=(month-first\|day-first|day-first\|month-first)/);
    const dry = await run('bills', 'import', sample, '--dry-run');
    expect(dry.stderr).toContain('Nothing can be stored before this is answered.');
    const answered = await run('bills', 'import', sample, '--answer', 'date-order=month-first', '--format', 'csv');
    expect(answered.stdout).toContain(',12345,2025-04,billed,1,100000,USD,');
  });

  test('import offers a mapping for a file of no known format, and reads the file by it', async () => {
    const file = path.join(folder, 'own.csv');
    writeFileSync(file, 'when,what,euros\n2026-01-05T00:00:00Z,tokens,1.50\n');
    const refused = await run('bills', 'import', file);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('A mapping to be corrected, saved and given with --map:');
    const mapping = path.join(folder, 'mapping.json');
    writeFileSync(
      mapping,
      JSON.stringify({
        BilledCost: { column: 'euros' },
        ChargePeriodStart: { column: 'when' },
        ServiceProviderName: { value: 'Stadtwerke' },
        BillingCurrency: { value: 'EUR' },
      }),
    );
    const read = await run('bills', 'import', file, '--map', mapping, '--dry-run', '--format', 'csv');
    expect(read.stdout).toContain('stadtwerke,–,2026-01,billed,1,1.5,EUR,not-stated');
  });

  test.each([
    [['bills', 'import', 'nowhere.csv'], 2, 'nowhere.csv cannot be read (ENOENT).'],
    [['bills', 'import', focus, '--answer', 'date-order'], 2, '--answer date-order: expected name=value.'],
    [['bills', 'import', focus, '--map', focus], 2, 'is not JSON'],
    [['bills', 'list', '--server', 'http://127.0.0.1:9'], 5, 'No service answers at http://127.0.0.1:9'],
  ] as const)('%j exits with %i and says why', (args, code, says) => {
    const failed = runCli(args);
    expect({ code: failed.code, stdout: failed.stdout }).toEqual({ code, stdout: '' });
    expect(failed.stderr).toContain(says);
  });
});
