import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decimal } from 'decimal.js';
import { findRun } from '../../db/runs.ts';
import type { RunProgress } from '../../db/schedule-tables.ts';
import type { App } from '../app.ts';
import type { Hooks, Job, RunContext } from '../runs/run-execution.ts';
import type { RunView } from '../runs/runs.ts';
import { requestRun, showRun } from '../runs/runs.ts';
import { importBills } from './bill-imports.ts';
import type { BillImportRequest, UploadedFile } from './bill-request.ts';
import { dropWaitingFile, fetchWaitingFile, keepWaitingFile, requireWaitingFile } from './waiting-files.ts';

export const importKind = 'import-bills';

/** A file from which its import takes longer than anybody waits: some seconds on a small machine. */
export const longImportBytes = 5_000_000;

/** Whether an import is put off: somebody asked for that, or its file is long. A dry run never is. */
export function isImportPutOff(
  { bytes }: Pick<UploadedFile, 'bytes'>,
  { dryRun }: Pick<BillImportRequest, 'dryRun'>,
  prefersAsync: boolean,
): boolean {
  return !dryRun && (prefersAsync || bytes > longImportBytes);
}

/** Keeps the file and puts its import in the queue. Throws Refusal where too many files or runs wait already. */
export async function requestImport(
  app: App,
  objectId: string,
  upload: UploadedFile,
  request: BillImportRequest,
  signal?: AbortSignal,
): Promise<RunView> {
  const id = `run_${objectId}`;
  const standing = await findRun(app.db, id);
  if (standing !== undefined) return showRun(standing);
  await keepWaitingFile(app, id, upload, signal);
  try {
    return await requestRun(app, { id, kind: importKind, input: request });
  } catch (error) {
    await dropWaitingFile(app, id);
    throw error;
  }
}

export const importHooks: Hooks = {
  retried: (_app, trx, run) => requireWaitingFile(trx, run.id),
};

/** An import that nobody waits for: its result is the report that the answer would have been. */
export const importJob: Job = {
  ...importHooks,
  work: async (app, input, { run, objectId, signal, log, progress, end }) => {
    const folder = await mkdtemp(join(tmpdir(), 'infercast-import-'));
    try {
      const upload = await fetchWaitingFile(app, run.id, folder, signal);
      const report = await importBills(app, `bill_${objectId}`, upload, readRequest(input), {
        signal,
        log,
        onProgress: withoutWaiting(progress),
        end,
      });
      return report.stored ? null : { result: report };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Amounts stand in the run as text. */
function readRequest(input: unknown): BillImportRequest {
  const request = input as BillImportRequest;
  const payable = request.payable.map((stated) => ({ ...stated, amount: new Decimal(stated.amount) }));
  return { ...request, payable };
}

/** Notes the latest progress as often as there is time for it, so that nothing waits for that. */
function withoutWaiting(note: RunContext['progress']): (progress: RunProgress) => void {
  let latest: RunProgress | null = null;
  let isBusy = false;
  const noteAll = async (): Promise<void> => {
    isBusy = true;
    try {
      for (let next = latest; next !== null; next = latest) {
        latest = null;
        await note(next);
      }
    } catch {
      // A run that was cancelled is told by its signal.
    } finally {
      isBusy = false;
    }
  };
  return (progress) => {
    latest = progress;
    if (!isBusy) void noteAll();
  };
}
