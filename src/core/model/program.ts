import type { Decimal } from 'decimal.js';
import type { Expression } from '../formula/ast.ts';
import type { Distribution } from '../sampling/distributions.ts';
import type { Paths } from '../sampling/graph.ts';
import type { Alert, InputDefinition, RowDefinition } from './definition.ts';
import type { Dimension } from './dimensions.ts';

/**
 * An input's value as the three readings need it. `base` of a range is its median (PERT: mode) to 12 significant
 * digits; a shock is a random number of the model's own, 0 (or as stated) in the base case.
 */
export type InputValue =
  | { readonly kind: 'constant'; readonly value: Decimal }
  | { readonly kind: 'series'; readonly values: readonly Decimal[] }
  | {
      readonly kind: 'range';
      readonly base: Decimal;
      readonly distribution: Distribution;
      readonly varies: 'monthly' | 'once';
      readonly text: string;
    }
  | { readonly kind: 'shock'; readonly base: Decimal; readonly distribution: 'normal' | 'uniform' }
  | { readonly kind: 'paths'; readonly base: readonly Decimal[]; readonly paths: Paths };

/** An input with the name that makes it one and the same wherever it is read; the name also addresses its random numbers. */
export type ResolvedInput = {
  readonly key: string;
  readonly label: string;
  readonly value: InputValue;
  /** Where the value comes from, for the sheet `Sources` and for explain. */
  readonly source: string | null;
  /** The least it may be changed to in a workbook: below, rows would be needed that are left out. */
  readonly least?: string;
  /** What it counts with among the drivers of the spread, where it means little by itself: `workloads.chat.spikes`. */
  readonly driver?: { readonly key: string; readonly label: string };
  /** Facts of a price beside its figure: provider, model, meter, valid from, checked. */
  readonly details?: Readonly<Record<string, string>>;
  /** Where the value is a mean of several figures: those, by their shares. */
  readonly mean_of?: readonly OriginPart[];
  /** Where they differ from month to month: source and details of each, null where there is none. */
  readonly monthly?: readonly ({
    readonly source: string;
    readonly details: Readonly<Record<string, string>>;
    readonly mean_of?: readonly OriginPart[];
  } | null)[];
};

/** One of the figures that an input is a mean of. `share` and `value` are decimal text. */
export type OriginPart = {
  readonly share: string;
  readonly value: string;
  readonly source: string;
  readonly details: Readonly<Record<string, string>>;
};

/** The rows a name stands for at one place: `one` in its own month, `each` where the row exists several times. Rows are indices. */
export type Reference = { readonly one: number | null; readonly each: readonly number[] };

export type RowContent =
  | { readonly kind: 'input'; readonly definition: InputDefinition; readonly input: ResolvedInput }
  | {
      readonly kind: 'formula';
      readonly definition: RowDefinition;
      readonly expression: Expression;
      readonly references: ReadonlyMap<string, Reference>;
    };

/** One line of a sheet: a row or input of a model, at one instance. */
export type ProgramRow = {
  readonly index: number;
  /** Unique, and readable: `local.electricity`, `hybrid.anthropic.output.chat`, or the key of an input. */
  readonly key: string;
  /** `Inputs`, `Hardware`, `Prices`, `volume` or the id of a tier. */
  readonly sheet: string;
  /** Part of the sheet, as `hybrid.anthropic`; its label heads the rows. */
  readonly block: string;
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly instance: string | null;
  readonly content: RowContent;
};

/** What PREV(row, first) reads in month 1: kept in the column before it. */
export type Opening = { readonly expression: Expression; readonly references: ReadonlyMap<string, Reference> };

export type ProgramLine = { readonly id: string; readonly row: number };

export type ProgramTier = {
  readonly id: string;
  readonly label: string;
  readonly lines: readonly ProgramLine[];
  readonly billTotal: number;
  readonly fullTotal: number;
  readonly cashTotal: number;
  /** Workings that are shown beside the money, such as carbon. */
  readonly reports: readonly ProgramLine[];
  /** Row indices of every part that runs machines; null where nothing can overflow, or be left unserved. */
  readonly capacity: readonly {
    readonly peak: number;
    readonly overflow: number | null;
    readonly unserved: number | null;
  }[];
  /** Rows whose purchases count for payback. */
  readonly purchases: readonly number[];
  /** What can be agreed for its whole bill: what every part of it can. */
  readonly levers: readonly ('cap' | 'commitment')[];
};

/** A part of a sheet; its label heads the rows. */
export type Block = { readonly id: string; readonly sheet: string; readonly label: string };

/** A limit to watch: the rows of one alert of a part, one for each instance. */
export type ProgramAlert = { readonly tier: string; readonly alert: Alert; readonly rows: readonly number[] };

/** All sheets of one forecast, linked: every name of every formula is resolved to a row, every row that must be 0 is gone. */
export type Program = {
  readonly months: number;
  readonly rows: readonly ProgramRow[];
  readonly openings: ReadonlyMap<number, Opening>;
  readonly blocks: readonly Block[];
  readonly tiers: readonly ProgramTier[];
  readonly alerts: readonly ProgramAlert[];
};

/** `parents` are the instances it belongs to: a request size to a workload, a serving to a machine and a workload. */
export type Instance = { readonly id: string; readonly parents: Readonly<Partial<Record<Dimension, string>>> };
export type Instances = Readonly<Record<Dimension, readonly Instance[]>>;

/** The row `id` of a block, at every instance, in order. */
export function rowsOf(program: Program, block: string, id: string): readonly ProgramRow[] {
  return program.rows.filter((row) => row.block === block && row.id === id);
}
