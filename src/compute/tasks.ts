import type { BillScore } from '../core/forecast/bill-scores.ts';
import type { PriceListing } from '../core/prices/price-list.ts';
import type { Problem, Warning } from '../core/problem.ts';

/** What crosses to a worker thread and back. Plain data only: it is copied by structured clone. */

/**
 * `scenario` is as it was sent; `today` (YYYY-MM-DD) is the as-of date of a scenario that names none; a forecast of more
 * cells than `mostCells` is refused; `learned` are prices learned since the shipped price book was made; `bills` are months
 * of this scenario that were forecast, frozen and billed: they are kept with the forecast.
 */
export type ForecastTask = {
  readonly scenario: unknown;
  readonly today: string;
  readonly mostCells?: number;
  readonly learned?: readonly PriceListing[];
  readonly bills?: readonly BillScore[];
};

export type CheckOutcome =
  | { readonly ok: true; readonly name: string; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * `body` is the JSON text of a Forecast without id and version, closed by a newline: the answer of an estimate and what
 * the command line prints, byte for byte. `inputs` is canonical JSON with everything needed to compute it again: the
 * scenario as sent, as_of, the price rows used, the engine version.
 */
export type ForecastOutcome =
  | { readonly ok: true; readonly body: string; readonly inputs: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type RerunTask = { readonly inputs: string };

export type ExplainTask = { readonly inputs: string; readonly path: string };

/** `explanation` is JSON: the number at `path`, its formula in names and in figures, and the sources of its prices. */
export type ExplainOutcome =
  | { readonly ok: true; readonly explanation: unknown }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type WorkbookTask = { readonly inputs: string; readonly body: string };
