import type { Decimal } from 'decimal.js';
import { isError } from '../formula/values.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { Program, ProgramTier } from '../model/program.ts';
import type { Warning } from '../problem.ts';
import { shareText } from './figures.ts';
import type { RateLimitMonth, TierForecast } from './result.ts';

/**
 * The pace of the busiest hour against the limits stated for a tier, month by month, in the base case: above 1 the
 * provider would refuse requests. Of several parts with limits the one that is nearest to its limit counts. Empty where
 * no limit is stated.
 */
export function rateLimitMonths(
  {
    program,
    exact,
    months,
  }: { readonly program: Program; readonly exact: ExactTable; readonly months: readonly string[] },
  tier: ProgramTier,
): readonly RateLimitMonth[] {
  const rowsOf = (id: string): readonly number[] =>
    program.rows.flatMap((row) => (row.sheet === tier.id && row.id === id ? row.index : []));
  const [requests, tokens] = [rowsOf('request_limit_use'), rowsOf('token_limit_use')];
  if (requests.length === 0 && tokens.length === 0) return [];
  const most = (rows: readonly number[], m: number): string | null => {
    const uses = rows.flatMap((row) => {
      const value = exact[row]?.[m];
      return value === undefined || isError(value) ? [] : (value as Decimal).toNumber();
    });
    return uses.length === 0 ? null : shareText(Math.max(...uses));
  };
  return months.map((month, m) => ({ month, requests: most(requests, m), tokens: most(tokens, m) }));
}

/** One warning for each tier and limit, with the first month in which the busiest hour passes it. */
export function rateLimitWarnings(
  tiers: readonly TierForecast[],
  pointerOf: (tier: string) => string,
): readonly Warning[] {
  return tiers.flatMap((tier): Warning[] => {
    if (tier.months === null) return [];
    return (['requests', 'tokens'] as const).flatMap((kind) => {
      const first = tier.rate_limits?.find((month) => Number(month[kind] ?? 0) > 1);
      if (first === undefined) return [];
      const share = Math.round(Number(first[kind]) * 100);
      return {
        code: 'rate-limit-binds',
        pointer: pointerOf(tier.id),
        message: `${tier.label}: from ${first.month} the busiest hour asks for more ${kind} per minute than the limit allows (${share} %); what is refused is not part of the forecast.`,
      };
    });
  });
}
