import { Decimal } from 'decimal.js';
import { z } from 'zod';
import { parseData } from './parse-data.ts';
import type { AllowanceRow, Evidence, FeeRow, MultiplierRow, PriceChangeRow, RentRow, SurchargeRow } from './price.ts';
import { amount, day, meter } from './price-file.ts';

const starts = z.array(z.string().min(1)).min(1);

/** When a row holds, when it was learned, and what it rests on. */
const evidence = {
  valid_from: day.optional(),
  valid_to: day.optional(),
  known_at: day,
  source: z.url(),
  source_date: day.nullable(),
  checked_at: day,
  confidence: z.enum(['A', 'B', 'C']),
  note: z.string().optional(),
};

type ReadEvidence = z.output<z.ZodObject<typeof evidence>>;

const multiplierFile = z.strictObject({
  multipliers: z.array(
    z.strictObject({
      provider: z.string().min(1),
      meter,
      of: meter,
      multiplier: amount,
      models: z.array(z.string().min(1)).min(1).optional(),
      models_starting_with: starts.optional(),
      ...evidence,
    }),
  ),
});

/** Reads `multipliers.yaml`. Throws InvalidInput with every problem. */
export function parseMultipliers(raw: unknown, name: string): readonly MultiplierRow[] {
  return parseData(multiplierFile, raw, name).multipliers.map((row) => ({
    ...row,
    ...withNulls(row),
    multiplier: new Decimal(row.multiplier),
    models: row.models ?? null,
    models_starting_with: row.models_starting_with ?? null,
  }));
}

const feeFile = z.strictObject({
  fees: z.array(
    z.strictObject({
      id: z.string().regex(/^[a-z][a-z0-9-]*$/),
      provider: z.string().min(1),
      label: z.string().min(1),
      basis: z.enum(['credit-purchase', 'byok-usage']),
      rate: amount,
      minimum_usd: amount.nullable(),
      allowance_requests: amount.optional(),
      ...evidence,
    }),
  ),
});

/** Reads `fees.yaml`. Throws InvalidInput with every problem. */
export function parseFees(raw: unknown, name: string): readonly FeeRow[] {
  return parseData(feeFile, raw, name).fees.map((row) => ({
    ...row,
    ...withNulls(row),
    rate: new Decimal(row.rate),
    minimum_usd: row.minimum_usd === null ? null : new Decimal(row.minimum_usd),
    allowance_requests: row.allowance_requests === undefined ? null : new Decimal(row.allowance_requests),
  }));
}

const surchargeFile = z.strictObject({
  surcharges: z.array(
    z.strictObject({
      provider: z.string().min(1),
      term: z.enum(['data_residency']),
      value: z.string().min(1),
      rate: amount,
      models_starting_with: starts.optional(),
      ...evidence,
    }),
  ),
});

/** Reads `surcharges.yaml`. Throws InvalidInput with every problem. */
export function parseSurcharges(raw: unknown, name: string): readonly SurchargeRow[] {
  return parseData(surchargeFile, raw, name).surcharges.map((row) => ({
    ...row,
    ...withNulls(row),
    rate: new Decimal(row.rate),
    models_starting_with: row.models_starting_with ?? null,
  }));
}

const changeFile = z.strictObject({
  changes: z.array(
    z.strictObject({
      provider: z.string().min(1),
      direction: z.enum(['cut', 'rise']),
      chance_per_month: amount,
      multiplier: amount,
      ...evidence,
    }),
  ),
});

/** Reads `price-changes.yaml`. Throws InvalidInput with every problem. */
export function parsePriceChanges(raw: unknown, name: string): readonly PriceChangeRow[] {
  return parseData(changeFile, raw, name).changes.map((row) => ({
    ...row,
    ...withNulls(row),
    chance_per_month: new Decimal(row.chance_per_month),
    multiplier: new Decimal(row.multiplier),
  }));
}

const rentFile = z.strictObject({
  rents: z.array(
    z.strictObject({
      provider: z.string().min(1),
      gpu: z.string().min(1),
      plan: z.enum(['on-demand', 'reserved']),
      usd_per_hour: amount,
      ...evidence,
    }),
  ),
});

/** Reads `gpu-hours.yaml`. Throws InvalidInput with every problem. */
export function parseRents(raw: unknown, name: string): readonly RentRow[] {
  return parseData(rentFile, raw, name).rents.map((row) => ({
    ...row,
    ...withNulls(row),
    usd_per_hour: new Decimal(row.usd_per_hour),
  }));
}

const allowanceFile = z.strictObject({
  allowances: z.array(
    z.strictObject({
      provider: z.string().min(1),
      meter,
      per_month: amount,
      models_starting_with: starts.optional(),
      ...evidence,
    }),
  ),
});

/** Reads `allowances.yaml`. Throws InvalidInput with every problem. */
export function parseAllowances(raw: unknown, name: string): readonly AllowanceRow[] {
  return parseData(allowanceFile, raw, name).allowances.map((row) => ({
    ...row,
    ...withNulls(row),
    per_month: new Decimal(row.per_month),
    models_starting_with: row.models_starting_with ?? null,
  }));
}

function withNulls({ valid_from, valid_to, note }: ReadEvidence): Pick<Evidence, 'valid_from' | 'valid_to' | 'note'> {
  return { valid_from: valid_from ?? null, valid_to: valid_to ?? null, note: note ?? null };
}
