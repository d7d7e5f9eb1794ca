import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Problem } from '../../core/problem.ts';

/** One record of a file as text by column name, and where it stands: in CSV the line on which it starts, from 1. */
export type BillRecord = { readonly line: number; readonly fields: Readonly<Record<string, string>> };

/** What the importer needs to know that the file does not say. */
export type BillContext = {
  /** Answers to what was asked, or what the whole file decided: by question, or by `question:column`. */
  readonly answers: Readonly<Record<string, string>>;
  /**
   * Told of every text that could be read in two ways (`says` is null), and of every text that by itself answers such a
   * `question` (`date-order`, `number-format`, `zone`) for its column.
   */
  readonly hear: (question: string, says: string | null, line: number, column: string, text: string) => void;
};

export type ReadRecord = {
  readonly lines: readonly BillLine[];
  /** Pointers name line and column: `/lines/17/amount_value`. */
  readonly problems: readonly Problem[];
  /** What is worth knowing about lines that are kept, such as a class of service that no list names. */
  readonly warnings?: readonly Problem[];
};

/**
 * One foreign format: how it is known, and what one of its records becomes. A format is known by the names of its
 * columns, never by their places; columns it does not read are kept in `x_Other`.
 */
export type BillFormat = {
  readonly id: string;
  /** For people: `OpenAI dashboard, costs`. */
  readonly label: string;
  /** The same where the columns tell more, as the version of a standard. */
  readonly labelOf?: (columns: ReadonlySet<string>) => string;
  /** What this export does not hold, in sentences; shown once with every import. */
  readonly notes?: readonly string[];
  /** True where these columns can be nothing else. */
  readonly matches: (columns: ReadonlySet<string>) => boolean;
  readonly read: (record: BillRecord, context: BillContext) => ReadRecord;
  /** For formats that come as JSON: the records of a parsed document (numbers as text), or null where it is another. */
  readonly recordsOf?: (document: unknown) => readonly BillRecord[] | null;
  /** Names of columns that make up the usual header, for saying what an unknown file is nearest to. */
  readonly columns: readonly string[];
};
