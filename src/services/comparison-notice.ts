import { Decimal } from 'decimal.js';
import type { Comparison, TierComparison } from '../core/bills/comparison.ts';

export type ComparisonResult = {
  readonly comparison: string;
  readonly scenario: string;
  readonly tier: string | null;
  readonly exceeded: boolean;
  readonly remarks: readonly string[];
  readonly report_url: string;
  readonly xlsx_url: string;
};

export type DescribeOptions = {
  /** Share of the forecast from which a difference counts as exceeded; null: never. */
  readonly alert_above: string | null;
  readonly missing: readonly { readonly source: string; readonly days: readonly string[] }[];
};

const mostRemarks = 10;

/**
 * The headline of a comparison, thin enough for a webhook: the figures of the option with the largest bill, which holds the
 * others where one is a mix of them.
 */
export function describeComparison(
  comparison: Comparison,
  { alert_above, missing }: DescribeOptions,
): ComparisonResult {
  const { id = '', scenario, currency, tiers, warnings } = comparison;
  const tier = tiers.reduce<TierComparison | undefined>(
    (most, each) => (most === undefined || new Decimal(each.actual).gt(most.actual) ? each : most),
    undefined,
  );
  const gaps = missing.map(
    ({ source, days }) => `${source} no longer gives ${days.join(', ')}: these days are missing.`,
  );
  return {
    comparison: id,
    scenario: scenario.name,
    tier: tier?.label ?? null,
    ...(tier !== undefined && figuresOf(tier, currency)),
    exceeded: tier !== undefined && isExceeded(tier, alert_above),
    remarks: [...gaps, ...warnings.map(({ message }) => message)].slice(0, mostRemarks),
    report_url: `/v1/comparisons/${id}`,
    xlsx_url: `/v1/comparisons/${id}.xlsx`,
  };
}

function figuresOf({ forecast, actual, variance, variance_share, bridge }: TierComparison, currency: string) {
  return {
    forecast: { amount: forecast.p50, currency },
    actual: { amount: actual, currency },
    variance: { amount: variance, percent: variance_share },
    drivers: bridge
      .filter(({ amount }) => !new Decimal(amount).isZero())
      .map(({ effect, label, amount }) => ({ kind: effect, label, amount })),
  };
}

function isExceeded({ variance_share }: TierComparison, alert_above: string | null): boolean {
  return alert_above !== null && variance_share !== null && new Decimal(variance_share).abs().gt(alert_above);
}
