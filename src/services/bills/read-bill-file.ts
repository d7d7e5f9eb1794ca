import type { KnownAccounts } from '../../core/bills/line-account.ts';
import type { RunProgress } from '../../db/schedule-tables.ts';
import type { BillOutcome } from '../../importers/bills/bill-import.ts';
import type { App } from '../app.ts';
import { refusing } from '../forecasts/calculations.ts';
import { Refusal, refuseInput } from '../refusal.ts';
import { refuseUnread } from './bill-report.ts';
import type { BillImportRequest, UploadedFile } from './bill-request.ts';

export type ReadBill = Extract<BillOutcome, { ok: true }>;

/** Who watches a file being read. */
export type ReadWatch = {
  readonly signal?: AbortSignal | undefined;
  /** Told how far it is, bytes of the file or lines of its bills, without being waited for. */
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  /** One line for whoever reads of it later. */
  readonly log?: (message: string) => Promise<void>;
};

/**
 * Reads the lines of a file into `linesPath`, off the event loop. Throws Refusal where it cannot be read, has a line that is
 * wrong, or none; open questions are given, not refused.
 */
export async function readBillFile(
  app: App,
  upload: UploadedFile,
  { fileName, source, answers, mapping }: Pick<BillImportRequest, 'fileName' | 'source' | 'answers' | 'mapping'>,
  linesPath: string,
  { signal, onProgress, log }: ReadWatch = {},
): Promise<ReadBill> {
  const { path } = upload;
  const limits = app.settings.billLimits;
  const outcome = await refusing(() =>
    app.compute.bill({ path, fileName, source, answers, mapping, linesPath, limits }, signal, ({ bytes, of }) =>
      onProgress?.({ done: bytes, total: of, unit: 'bytes' }),
    ),
  ).catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.code !== 'too-expensive') throw error;
    const message = `Reading the file needs more than ${error.members.limit}: send it in parts, such as month by month.`;
    throw new Refusal('too-expensive', message, { members: error.members, cause: error });
  });
  if (!outcome.ok || outcome.problem_count > 0) throw refuseUnread(outcome);
  if (outcome.questions.length === 0 && outcome.lines === 0) {
    const message = 'The file has no line of a bill: it may be an export of another kind, or of a month without use.';
    throw refuseInput([{ code: 'no-lines', pointer: '', message }]);
  }
  onProgress?.({ done: upload.bytes, total: upload.bytes, unit: 'bytes' });
  await log?.(`Read ${outcome.records} records of ${outcome.format.label}.`);
  return outcome;
}

/** Whose the lines are that name no account, by the file, the other files of its source, and what was stated. */
export function knownAccounts(
  { accounts }: ReadBill,
  { account, billedAccounts = new Map() }: Pick<BillImportRequest, 'account' | 'billedAccounts'>,
): KnownAccounts {
  return { named: accounts, billed: billedAccounts, stated: account };
}
