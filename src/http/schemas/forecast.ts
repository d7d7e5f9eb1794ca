import { z } from 'zod';
import type { Band, Forecast, Pair, PredictabilityCheck, TierForecast } from '../../core/forecast/result.ts';

/** What a forecast looks like from outside. The types make sure that it is what the core gives. */

const amount = z.string().describe('Decimal text');
const share = z.string().describe('Share as decimal text: 0.10 is 10 %');
const month = z.string().regex(/^\d{4}-\d{2}$/);
const known = <Schema extends z.ZodType>(schema: Schema) => schema.nullable();

const band: z.ZodType<Band> = z
  .object({
    base: amount.describe('Exact value at central inputs'),
    p5: amount,
    p10: amount,
    p50: amount,
    p90: amount,
    p95: amount,
    mean: amount,
  })
  .meta({ id: 'Band', description: 'The exact base case and what the draws spread to' });

const check: z.ZodType<PredictabilityCheck> = z
  .object({
    tolerance: share,
    confidence: share,
    probability: known(share).describe('Of a bill within the tolerance of the forecast, one month ahead'),
    safety_factor: known(z.string()),
    evidence: known(share),
    verdict: known(z.enum(['holds', 'does not hold', 'not enough evidence'])),
    rating: known(z.enum(['Excellent', 'Strong', 'Acceptable', 'Limited', 'Poor'])),
    tightest_tolerance: known(share),
    by_horizon: z.array(z.object({ months_ahead: z.int(), probability: known(share) })),
    by_tolerance: z.array(z.object({ tolerance: share, probability: known(share) })),
    reason: z.string().exactOptional().describe('Why something is null: does-not-vary, no-cost'),
  })
  .meta({ id: 'Predictability' });

const tier: z.ZodType<TierForecast> = z
  .union([
    z.object({
      id: z.string(),
      label: z.string(),
      months: z.array(z.object({ month, bill: band, full: band })),
      total: z.object({ bill: band, full: band }),
      lines: z.array(
        z.object({
          id: z.string(),
          label: z.string(),
          unit: z.string(),
          perimeter: z.enum(['bill', 'full']),
          behaviour: z.enum(['fixed', 'usage']),
          months: z.array(amount),
          total: amount,
        }),
      ),
      unit_cost: z.object({
        per_million_tokens: known(amount),
        per_request: known(amount),
        reason: z.string().exactOptional(),
      }),
      predictability: z.object({ bill: check, full: check }),
      capacity: z
        .array(z.object({ month, peak_utilization: share, overflow_tokens: amount, unserved_tokens: amount }))
        .exactOptional(),
      rate_limits: z
        .array(z.object({ month, requests: known(share), tokens: known(share) }))
        .describe('The busiest hour, as a share of the requests and tokens per minute that are allowed')
        .exactOptional(),
    }),
    z.object({
      id: z.string(),
      label: z.string(),
      months: z.null(),
      total: z.null(),
      reason: z.string().describe('Why there is no forecast for this tier, such as no-model'),
    }),
  ])
  .meta({ id: 'TierForecast' });

const pair: z.ZodType<Pair> = z
  .object({
    a: z.string(),
    b: z.string(),
    probability_a_cheaper: share,
    difference: z.object({ p10: amount, p50: amount, p90: amount }).describe('a − b over the whole horizon'),
    break_even: z.object({
      month: known(month),
      p10: known(month),
      p90: known(month),
      never_probability: share,
      monthly_tokens: known(amount),
      capex_payback_months: known(amount),
    }),
  })
  .meta({ id: 'Pair' });

export const forecastSchema: z.ZodType<Forecast> = z
  .object({
    id: z.string().exactOptional().describe('Of a stored forecast'),
    scenario: z.object({ name: z.string(), version: z.int().exactOptional() }),
    currency: z.string(),
    as_of: z.string().describe('Day whose prices were known, YYYY-MM-DD'),
    from: month,
    engine: z.string(),
    seed: z.int(),
    draws: z.int(),
    inputs_digest: z.string(),
    warnings: z.array(z.object({ code: z.string(), pointer: z.string(), message: z.string() })),
    tiers: z.array(tier),
    comparison: z.object({ baseline: known(z.string()), ranking: z.array(z.string()), pairs: z.array(pair) }),
  })
  .meta({
    id: 'Forecast',
    description: 'Money and shares are decimal text, months YYYY-MM, unknown is null with a reason',
  });
