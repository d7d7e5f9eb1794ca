import { z } from 'zod';

const amount = z.string().regex(/^-?\d+(\.\d+)?$/);
const month = z.string().regex(/^\d{4}-\d{2}$/);
const notice = z.object({ code: z.string(), pointer: z.string(), message: z.string() });

const effects = z.object({
  volume: amount,
  mix: amount,
  list_price: amount,
  rate: amount,
  fees: amount,
  exchange_rate: amount,
  fixed: amount,
  residual: amount,
});

const figures = z.object({ quantity: amount, price: amount, rate: amount });
const terms = z.object({ fee: amount, exchange_rate: amount });
const place = z.object({
  percentile: amount.describe('Share of the futures below the bill'),
  z: amount.describe('The same as a standard normal score'),
  says: z.string(),
});
const unitCost = z.object({
  per_million_tokens: amount.nullable(),
  million_tokens: amount.nullable(),
  reason: z.string().exactOptional(),
});

const tier = z.object({
  id: z.string(),
  label: z.string(),
  status: z.enum(['provisional', 'final']),
  forecast: z.object({ p50: amount, base: amount, p5: amount, p10: amount, p90: amount, p95: amount }),
  actual: amount,
  variance: amount,
  variance_share: amount.nullable().describe('(A − F) ÷ F'),
  accuracy: amount.nullable().describe('1 − |A − F| ÷ F'),
  tolerance: amount,
  hit: z.boolean().nullable().describe('|A − F| ≤ tolerance × F; null where the month is not scored'),
  place: place.nullable(),
  reason: z.string().exactOptional(),
  bridge: z
    .array(z.object({ effect: z.string(), label: z.string(), amount }))
    .describe('F plus all amounts is the actual, to the cent'),
  rows: z.array(z.object({ id: z.string(), label: z.string(), base: amount, effects, actual: amount })),
  lines: z.array(
    z.object({
      row: z.string(),
      provider: z.string(),
      model: z.string().nullable(),
      meter: z.string().nullable(),
      unit: z.string(),
      currency: z.string(),
      forecast: figures,
      actual: figures,
      notes: z.array(z.string()),
    }),
  ),
  spend: z.array(
    z.object({
      row: z.string(),
      provider: z.string(),
      currency: z.string(),
      billed: amount,
      forecast: terms,
      actual: terms,
    }),
  ),
  fixed: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      forecast: amount,
      actual: amount,
      from: z.enum(['bill', 'forecast']),
      unit: z.string().nullable(),
      forecast_quantity: amount.nullable(),
      actual_quantity: amount.nullable(),
    }),
  ),
  left_out: z
    .array(z.object({ provider: z.string(), currency: z.string(), tax: amount, credits: amount, prepayments: amount }))
    .describe('On the invoice, and not compared'),
  unit_cost: z.object({ forecast: unitCost, actual: unitCost }),
  flags: z.array(z.object({ code: z.string(), says: z.string(), false_alarm_rate: amount.nullable() })),
  record: z
    .object({
      months: z.array(month),
      hits: z.int(),
      accuracy: amount,
      bias: amount,
      mape: amount,
      says: z.string(),
    })
    .nullable()
    .describe('The last six closed months'),
  full: z
    .union([
      z.object({ forecast: amount, actual: amount, hit: z.boolean(), place }),
      z.object({ forecast: amount, actual: z.null(), reason: z.string() }),
    ])
    .describe('The full cost, where timesheets and bills say all of it'),
  notes: z.array(notice),
});

export const comparisonSchema = z
  .object({
    id: z.string(),
    scenario: z.object({ id: z.string().nullable(), name: z.string(), version: z.int().nullable() }),
    forecast: z.object({
      id: z.string(),
      as_of: z.iso.date(),
      created_at: z.iso.datetime(),
      engine: z.string(),
      frozen: z.boolean().describe('Made before the month began: only then is it scored'),
    }),
    period: month,
    currency: z.string(),
    status: z.enum(['provisional', 'final']),
    bills: z.array(
      z.object({
        id: z.string(),
        provider: z.string(),
        account: z.string(),
        currency: z.string(),
        status: z.string(),
        kind: z.string(),
        counts: z.boolean(),
      }),
    ),
    tiers: z.array(tier),
    workloads: z.array(z.object({ id: z.string(), forecast: amount, measured: amount.nullable() })),
    unforeseen: z.array(z.object({ provider: z.string(), model: z.string().nullable(), currency: z.string(), amount })),
    warnings: z.array(notice),
    created_at: z.iso.datetime(),
    supersedes: z.string().exactOptional(),
  })
  .meta({ id: 'Comparison' });

export const comparisonSummarySchema = z
  .object({
    id: z.string(),
    scenario: z.object({ id: z.string().nullable(), name: z.string() }),
    forecast_id: z.string(),
    period: month,
    status: z.enum(['provisional', 'final']),
    supersedes: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'ComparisonSummary' });
