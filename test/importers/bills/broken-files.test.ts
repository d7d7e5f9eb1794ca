import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { BillImport, BillOutcome } from '../../../src/importers/bills/bill-import.ts';
import { findFault } from '../../helpers/fuzz-bills.ts';
import { importBytes } from '../../helpers/import-bytes.ts';
import { temporaryFolder } from '../../helpers/process.ts';
import { runFuzz } from '../../helpers/run-fuzz.ts';

describe('broken files', () => {
  test('2,000 end in a report with its lines or in a refusal, and all that still say the same are the same bill', () => {
    const report = runFuzz({ first: 1, count: 2000 });
    expect(report.faults).toEqual([]);
    expect(report.refused + report.problems + report.asked + report.read).toBe(2000);
    expect(report.peakMb).toBeLessThan(256);
  });

  test('the search finds a reader that crashes on some lines', () => {
    const { faults } = runFuzz({ first: 1, count: 20, plant: true });
    expect(faults[0]?.fault).toContain('planted');
  });

  test('lines left behind, lines that are missing, and problems without a place are faults', async () => {
    const linesPath = join(temporaryFolder(), 'lines');
    const { outcome } = await importBytes('start_time,end_time,num_model_requests,input_tokens\n');
    const refused: BillOutcome = {
      ok: false,
      problem_count: 1,
      problems: [{ code: 'x', pointer: '', message: 'Ten letters.' }],
    };
    const read = { ok: true, problem_count: 0, problems: [], questions: [], lines: 2 } as unknown as BillImport & {
      ok: true;
    };
    const bytes = new Uint8Array(100);
    expect(findFault(outcome, linesPath, bytes)).toBeNull();
    expect(findFault(read, linesPath, bytes)).toBe('there are no lines');
    expect(
      findFault(
        { ...refused, problems: [{ code: 'x', pointer: '/lines/200', message: 'Ten letters.' }] },
        linesPath,
        bytes,
      ),
    ).toMatch(/^a problem has no place/);
    writeFileSync(linesPath, '');
    expect(findFault(refused, linesPath, bytes)).toBe('lines are left although the file was not read');
    expect(findFault(read, linesPath, bytes)).toBe('2 lines are counted, 0 are there');
  });
});
