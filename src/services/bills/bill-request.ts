import type { StatedPayable } from '../../core/bills/reconcile.ts';
import type { ColumnMapping } from '../../importers/bills/bill-import.ts';

/** A file on its way in, in a temporary folder of its own that is removed after the request. */
export type UploadedFile = {
  readonly folder: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly mediaType: string;
};

export type BillImportRequest = {
  readonly fileName: string;
  /** Id of the format, where the reader insists on one. */
  readonly source: string | null;
  /** Account of lines that name none, in a file that names none of their provider: the files of two accounts stay two. */
  readonly account: string | null;
  /** By provider, the one account that files before this one billed, which quantities that name none are of. */
  readonly billedAccounts?: ReadonlyMap<string, string>;
  /** YYYY-MM: only the bills of this month. */
  readonly period: string | null;
  readonly dryRun: boolean;
  readonly answers: Readonly<Record<string, string>>;
  readonly mapping: ColumnMapping | null;
  /** Billed names and what they mean, kept for the next files too. */
  readonly models: Readonly<Record<string, string | null>>;
  /** Whether `models` may name some that no line is of; refused unless given. */
  readonly unusedModels?: 'allow';
  readonly payable: readonly StatedPayable[];
  /**
   * What to do about months of which something is stored: put this in its place, in the place only of what a file of the
   * same name brought, or add what is not there.
   */
  readonly overlap: 'refuse' | 'replace' | 'restate' | 'add';
};
