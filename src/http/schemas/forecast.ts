import { z } from 'zod';
import type {
  Band,
  CheckRecord,
  DemandForecast,
  Driver,
  Forecast,
  MonthUnderWay,
  Pair,
  PredictabilityCheck,
  ServingReport,
  TierForecast,
} from '../../core/forecast/result.ts';

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
    error: z
      .object({
        p5: known(amount),
        p10: known(amount),
        p50: known(amount),
        p90: known(amount),
        p95: known(amount),
        mean: known(amount),
      })
      .describe('Monte-Carlo error: half a 95 % interval of each'),
    in_gap: z
      .array(z.enum(['p5', 'p10', 'p50', 'p90', 'p95']))
      .exactOptional()
      .describe('Points between two regimes, known only within their error'),
  })
  .meta({ id: 'Band', description: 'The exact base case and what the draws spread to' });

const driver: z.ZodType<Driver> = z
  .object({
    input: z.string().describe('Path of the input'),
    label: z.string(),
    share: share.describe('Of the variance of log cost, as a total effect: shares may add up to more than 1'),
    error: share.describe('Half a 95 % interval of the share'),
  })
  .meta({ id: 'Driver' });

const byTolerance = z.array(z.object({ tolerance: share, probability: known(share) }));
const limits = z.object({ low: amount, high: amount });

const record: z.ZodType<CheckRecord> = z
  .object({
    bills: z.int(),
    backtested_months: z.int().describe('Months of history forecast from those before them, which count as bills'),
    spread: z.string().describe('True spread over the stated one, as far as they tell'),
    inside_80: z.int(),
    expected_inside_80: known(z.object({ least: z.int(), most: z.int() })),
    drift: known(z.object({ mean_error: share, far_end: share, withholds: z.boolean() })).describe(
      'Mean of A/F − 1, and how far from 0 it may lie',
    ),
    too_narrow_p: known(share),
    recalibrated: z.object({ p2_5: amount, p10: amount, p90: amount, p97_5: amount }),
    conformal: z.object({ within_80: known(limits), within_90: known(limits) }),
    says: z.string(),
  })
  .meta({ id: 'CheckRecord', description: 'What past bills and back-tested months say' });

const check: z.ZodType<PredictabilityCheck> = z
  .object({
    tolerance: share,
    confidence: share,
    probability: known(share).describe('Of a bill within the tolerance of the forecast, one month ahead'),
    probability_error: known(share).describe('Half a 95 % interval, from the number of draws'),
    safety_factor: known(z.string()),
    evidence: known(share),
    verdict: known(z.enum(['holds', 'does not hold', 'not enough evidence'])),
    rating: known(z.enum(['Excellent', 'Strong', 'Acceptable', 'Limited', 'Poor'])),
    tightest_tolerance: known(share),
    by_horizon: z.array(z.object({ months_ahead: z.int(), probability: known(share), by_tolerance: byTolerance })),
    by_tolerance: byTolerance,
    horizon: z
      .object({
        probability: known(share),
        by_tolerance: byTolerance,
        drivers: z.array(driver),
        tornado: z
          .array(z.object({ input: z.string(), label: z.string(), low: amount, high: amount }))
          .describe('Where the total lies nine times in ten if nothing but this input were uncertain'),
      })
      .describe('The same question about the total of the horizon'),
    drivers: z.array(driver).describe("Of next month's spread, largest first"),
    would_hold_if: z.array(z.string()).describe('Sentences that complete "it would hold if …", each with its price'),
    record: record.exactOptional(),
    reason: z.string().exactOptional().describe('Why something is null: does-not-vary, no-cost'),
  })
  .meta({ id: 'Predictability' });

const spread = z
  .object({ base: known(amount), p5: known(amount), p95: known(amount) })
  .describe('As wide as its draws where it is reckoned');

const serving: z.ZodType<ServingReport> = z
  .object({
    machine: z.string(),
    workload: z.string(),
    output_from: z
      .enum(['stated', 'points', 'roofline'])
      .describe('A stated figure, the law through measured points, or bandwidth and FLOP/s'),
    input_from: z.enum(['stated', 'roofline']),
    all_users: z.object({ output_tokens_per_s: spread, input_tokens_per_s: spread }),
    single_user: z.object({
      output_tokens_per_s: known(amount),
      first_token_ms: known(amount).describe('Reading the input on an idle machine; waiting comes on top'),
      reason: z.string().exactOptional(),
    }),
    law: z
      .object({
        points: z.int(),
        worst_error: share,
        fixed_ms: amount,
        ms_per_request: amount,
        catalogue: z
          .string()
          .exactOptional()
          .describe('Who measured the points, where the scenario does not state them'),
      })
      .describe('tokens/s = batch ÷ (t0 + t1 × batch)')
      .exactOptional(),
  })
  .meta({ id: 'Serving', description: 'Speed of one machine of a lot for a workload' });

const lastMonth = known(z.object({ amount, month, from: z.enum(['bill', 'history']) }));

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
      same_as_last_month: z
        .object({ bill: lastMonth, full: lastMonth })
        .describe(
          'The reference every forecast has to beat: the last bill, or last month’s requests at the prices of month 1',
        )
        .exactOptional(),
      capacity: z
        .array(z.object({ month, peak_utilization: share, overflow_tokens: amount, unserved_tokens: amount }))
        .exactOptional(),
      serving: z.array(serving).exactOptional(),
      measures: z
        .array(z.object({ id: z.string(), label: z.string(), unit: z.string(), months: z.array(amount) }))
        .describe('Base case beside the money: carbon, machines needed, utilisation')
        .exactOptional(),
      present_value: z
        .object({ rate: z.string(), cash: amount, levelised_per_million_tokens: known(amount) })
        .describe('In money of month 0, at the cost of capital')
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

const demand: z.ZodType<DemandForecast> = z
  .object({
    id: z.string(),
    requests: z.array(z.object({ month, base: amount, p10: amount, p50: amount, p90: amount })),
    history: z
      .object({
        unit: z.enum(['day', 'week', 'month']),
        observations: z.int(),
        gaps: z.int(),
        one_offs: z.int(),
        same_as_last_month: known(amount).describe('The reference every forecast has to beat'),
        spikes: z.object({
          onsets: z.int(),
          months: z.int(),
          chance_per_month: share,
          multiplier: amount,
          carry_over: share,
        }),
        says: z.string().describe('How far the history carries'),
      })
      .exactOptional(),
  })
  .meta({ id: 'Demand', description: 'Requests of a workload, which every tier shares' });

const underWay: z.ZodType<MonthUnderWay> = z
  .object({
    workload: z.string().exactOptional(),
    tier: z.string().exactOptional(),
    month,
    through: z.string().describe('Last day counted, YYYY-MM-DD'),
    so_far: amount,
    run_rate: amount.describe('The reference: so far ÷ days so far × days of the month'),
    p10: amount,
    p50: amount,
    p90: amount,
    mean: amount,
    forecast: amount.describe('F, the median from before the month began'),
    probability_over: known(share).describe('P(month > 1.1·F)'),
    warns: z.boolean().describe('From 80 % on'),
  })
  .meta({ id: 'MonthUnderWay', description: 'Requests of a workload, or money of a tier’s bill' });

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
    ranges: z
      .array(z.object({ input: z.string(), label: z.string(), varies: z.enum(['monthly', 'once']), words: z.string() }))
      .describe('Uncertain inputs as they were understood'),
    workloads: z.array(demand),
    under_way: z.array(underWay).exactOptional().describe('Month 1 after the days that were counted'),
    tiers: z.array(tier),
    comparison: z.object({ baseline: known(z.string()), ranking: z.array(z.string()), pairs: z.array(pair) }),
  })
  .meta({
    id: 'Forecast',
    description: 'Money and shares are decimal text, months YYYY-MM, unknown is null with a reason',
  });
