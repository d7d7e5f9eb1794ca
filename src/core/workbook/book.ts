import type { ForecastPlan } from '../forecast/plan.ts';
import type { Forecast, TierForecast } from '../forecast/result.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { Program, ProgramTier } from '../model/program.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { absolute, onSheet } from './addresses.ts';
import type { Formats } from './formats.ts';
import type { Placed } from './places.ts';
import type { Report } from './report.ts';

/** A tier that was computed, with the sheet it stands on. */
export type ShownTier = {
  readonly id: string;
  readonly label: string;
  readonly sheet: string;
  readonly program: ProgramTier;
  readonly forecast: Extract<TierForecast, { months: readonly unknown[] }>;
  readonly colour: string;
};

/** Everything the sheets are made of. */
export type Book = {
  readonly forecast: Forecast;
  readonly scenario: Scenario;
  readonly plan: ForecastPlan;
  readonly program: Program;
  readonly exact: ExactTable;
  readonly report: Report;
  readonly formats: Formats;
  readonly placed: Placed;
  readonly tiers: readonly ShownTier[];
  readonly months: number;
  readonly settings: Settings;
};

/** Addresses, seen from other sheets, of cells that many formulas read. */
export type Settings = {
  readonly firstMonth: string;
  readonly months: string;
  readonly minorUnits: string;
  readonly tokensPerMillion: string;
};

/** Where `Checks` keeps the tolerance for ratios, which the input sheets read before that sheet is laid out. */
export const relativeTolerance = onSheet('Checks', absolute(4, 10), null);

/** Days since 1899-12-30, as spreadsheets count them: 46388 for 2027-01. */
export function dateSerial(month: string): number {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return (Date.UTC(year, number - 1, 1) - Date.UTC(1899, 11, 30)) / 86_400_000;
}
