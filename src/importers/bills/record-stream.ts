import type { Problem, Warning } from '../../core/problem.ts';
import type { BillFormat, BillRecord } from './bill-format.ts';

/** The records of one file, piece by piece, whatever kind it is. Going through the batches may throw InvalidInput. */
export type RecordStream = {
  readonly columns: readonly string[];
  readonly batches: AsyncIterable<readonly BillRecord[]>;
  /** Known already where the shape of the document tells it, as in JSON. */
  readonly format?: BillFormat;
};

/** Where what is found on the way is told: things that forbid the import, and things passed over. */
export type Findings = {
  readonly report: (problem: Problem) => void;
  readonly warn: (warning: Warning) => void;
};
