import { shareText } from '../forecast/figures.ts';
import type { Perimeter } from '../forecast/result.ts';
import { Exact } from '../formula/values.ts';
import type { ForecastRecord } from './comparison.ts';

/** A closed month as it was scored: money as decimal text, z = Φ⁻¹ of the bill's place among the draws. */
export type ClosedMonth = {
  readonly period: string;
  readonly tier: string;
  readonly perimeter: Perimeter;
  readonly forecast: string;
  readonly actual: string;
  readonly hit: boolean;
  readonly z: number;
};

const monthsOfRecord = 6;

/** Accuracy, bias and MAPE of the last six closed months, oldest first; null without one. Errors are shares of the forecast. */
export function summariseMonths(months: readonly ClosedMonth[], tolerance: string): ForecastRecord | null {
  const last = months.toSorted((a, b) => (a.period < b.period ? -1 : 1)).slice(-monthsOfRecord);
  if (last.length === 0) return null;
  const errors = last.map(({ forecast, actual }) => new Exact(actual).minus(forecast).div(forecast).toNumber());
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const mape = mean(errors.map(Math.abs));
  const hits = last.filter(({ hit }) => hit).length;
  const within = `±${new Exact(tolerance).times(100).toFixed()} %`;
  return {
    months: last.map(({ period }) => period),
    hits,
    accuracy: shareText(mean(errors.map((error) => 1 - Math.abs(error)))),
    bias: shareText(mean(errors)),
    mape: shareText(mape),
    says: `${hits} of ${last.length} ${last.length === 1 ? 'month' : 'months'} within ${within}; mean error ${(100 * mape).toFixed(1)} % (FinOps "Run" is 12 %).`,
  };
}
