import type { BillLine } from '../../core/bills/bill-line.ts';
import type { Problem } from '../../core/problem.ts';

/** One record of a file as text by column name, and where it stands: in CSV the line on which it starts, from 1. */
export type BillRecord = { readonly line: number; readonly fields: Readonly<Record<string, string>> };

/** What the importer needs to know that the file does not say. */
export type BillContext = {
  /** Answers to what was asked: the order of day and month, the zone of times without one, and the like. */
  readonly answers: Readonly<Record<string, string>>;
};

export type ReadRecord = {
  readonly lines: readonly BillLine[];
  /** Pointers name line and column: `/lines/17/amount_value`. */
  readonly problems: readonly Problem[];
};

/**
 * One foreign format: how it is known, and what one of its records becomes. A format is known by the names of its
 * columns, never by their places; columns it does not read are kept in `x_Other`.
 */
export type BillFormat = {
  readonly id: string;
  /** For people: `OpenAI dashboard, costs`. */
  readonly label: string;
  /** True where these columns can be nothing else. */
  readonly matches: (columns: ReadonlySet<string>) => boolean;
  readonly read: (record: BillRecord, context: BillContext) => ReadRecord;
  /** For formats that come as JSON: the records of a parsed document (numbers as text), or null where it is another. */
  readonly recordsOf?: (document: unknown) => readonly BillRecord[] | null;
};
