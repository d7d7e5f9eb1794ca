import type { Problem, Warning } from '../../core/problem.ts';
import type { BillLimits } from './bill-limits.ts';

/** A file to be read. Plain data: it crosses to a worker thread. */
export type BillSource = {
  /** Where the bytes lie. */
  readonly path: string;
  /** As it was sent: for messages only, never opened. */
  readonly fileName: string;
  /** Id of the format the user insists on; null to find it by its columns. */
  readonly source: string | null;
  readonly answers: Readonly<Record<string, string>>;
  /** How to read a file of no known format; it wins over the formats. */
  readonly mapping: ColumnMapping | null;
  /** Where the lines go, one JSON text a line (`writeBillLine`); null to look only. */
  readonly linesPath: string | null;
  readonly limits?: Partial<BillLimits>;
};

export type BillFileKind = 'csv' | 'json' | 'parquet' | 'xlsx';

/** A file that was read. Lines were written only if nothing was asked and nothing was wrong. */
export type BillImport = {
  readonly format: { readonly id: string; readonly label: string };
  readonly kind: BillFileKind;
  /** `sha256:<hex>` of the bytes. */
  readonly digest: string;
  /** The same for the same lines in any order, with or without byte-order mark, under any line ends; null if none. */
  readonly content_digest: string | null;
  readonly bytes: number;
  readonly columns: readonly string[];
  /** Records in the file. */
  readonly records: number;
  /** Lines written. */
  readonly lines: number;
  /** By provider, the account that its lines name where all that name one name the same. */
  readonly accounts: ReadonlyMap<string, string>;
  /** True where lines were summed by day, SKU and account, as the file has too many to keep. */
  readonly summed: boolean;
  readonly questions: readonly BillQuestion[];
  /** At most `limits.problems`, of `problem_count`: any means that nothing may be stored. */
  readonly problems: readonly Problem[];
  readonly problem_count: number;
  /** What was passed over or taken for granted: a totals row left out, days put in order by another line. */
  readonly warnings: readonly Warning[];
};

export type BillQuestion = {
  /** Key of the answer: `date-order`, `number-format`, `zone`, `currency`. */
  readonly id: string;
  readonly column: string;
  /** The question in words. */
  readonly text: string;
  readonly examples: readonly { readonly line: number; readonly text: string }[];
  /** Empty where the answer is free text, as an IANA time zone. */
  readonly choices: readonly { readonly value: string; readonly label: string }[];
};

/** A file that cannot be read at all, or of which nobody knows what its columns mean. */
export type BillRefusal = {
  readonly problems: readonly Problem[];
  readonly problem_count: number;
  readonly columns?: readonly string[];
  readonly nearest_formats?: readonly {
    readonly id: string;
    readonly label: string;
    readonly missing: readonly string[];
  }[];
  /** Ready to be edited and sent back; never applied unseen. */
  readonly suggested_mapping?: ColumnMapping;
};

export type BillOutcome = ({ readonly ok: true } & BillImport) | ({ readonly ok: false } & BillRefusal);

export type BillProgress = { readonly bytes: number; readonly of: number; readonly records: number };

/**
 * What each FOCUS column is read from: a column of the file, or one value for all lines. `scale` multiplies a quantity or
 * an amount (`0.01` for cents); columns that nobody maps are kept in `x_Other`.
 */
export type ColumnMapping = Readonly<Record<string, ColumnSource>>;
export type ColumnSource = { readonly column: string; readonly scale?: string } | { readonly value: string };
