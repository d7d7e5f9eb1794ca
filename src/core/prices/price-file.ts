import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Problem } from '../problem.ts';
import { InvalidInput } from '../problem.ts';
import type { Meter } from './meters.ts';
import { METER_IDS, METERS } from './meters.ts';
import { parseData } from './parse-data.ts';
import type {
  FeeRow,
  MultiplierRow,
  PriceChangeRow,
  PricedModel,
  PriceRow,
  ProviderPrices,
  RentRow,
  SurchargeRow,
} from './price.ts';

const day = z.iso.date('expected a day as YYYY-MM-DD');
const amount = z.string().regex(/^\d{1,9}(\.\d{1,20})?$/, 'expected plain decimal digits in quotes, such as "0.15"');
const meter = z.enum(METER_IDS as [Meter, ...Meter[]]);
const confidence = z.enum(['A', 'B', 'C']);

/** One line of a price file: every meter that shares dates and threshold, so that a change reads as one line. */
const priceLine = z
  .strictObject({
    valid_from: day.optional(),
    valid_to: day.optional(),
    above_input_tokens: z.int().positive().optional(),
  })
  .extend(
    Object.fromEntries(METER_IDS.map((id) => [id, amount.optional()])) as Record<Meter, z.ZodOptional<typeof amount>>,
  );

const pricedModel = z.strictObject({
  id: z.string().min(1).max(200),
  name: z.string().max(200).optional(),
  aliases: z.array(z.string().min(1).max(200)).optional(),
  context_window: z.int().positive().optional(),
  deprecated: z.literal(true).optional(),
  doubt: z.string().max(500).optional(),
  prices: z.array(priceLine),
});

/** A provider's price file under `models/prices`. Prices are USD in the meter's unit, as text. */
export const priceFileSchema = z.strictObject({
  provider: z.string().regex(/^[a-z][a-z0-9-]*$/),
  name: z.string().min(1),
  source: z.url(),
  catalogue: z.strictObject({ name: z.string().min(1), version: z.string().min(1), published: day }),
  models: z.array(pricedModel),
});

export type PriceFile = z.output<typeof priceFileSchema>;
export type PriceFileModel = PriceFile['models'][number];
export type PriceLine = PriceFileModel['prices'][number];

/** Reads one provider's price file into rows. Throws InvalidInput with every problem, overlapping rows included. */
export function parsePriceFile(raw: unknown, name: string): ProviderPrices {
  const file = parseData(priceFileSchema, raw, name);
  const problems = findClashes(file, name);
  if (problems.length > 0) throw new InvalidInput(problems);
  const models = new Map(file.models.map((model) => [model.id, toPricedModel(file, model)]));
  const aliases = new Map<string, string>();
  for (const model of models.values()) {
    for (const alias of model.aliases) if (!models.has(alias) && !aliases.has(alias)) aliases.set(alias, model.id);
  }
  return {
    id: file.provider,
    name: file.name,
    source: file.source,
    catalogue: `${file.catalogue.name} ${file.catalogue.version}`,
    known_at: file.catalogue.published,
    models,
    aliases,
  };
}

const multiplierFile = z.strictObject({
  multipliers: z.array(
    z.strictObject({
      provider: z.string().min(1),
      meter,
      of: meter,
      multiplier: amount,
      models: z.array(z.string().min(1)).min(1).optional(),
      models_starting_with: z.array(z.string().min(1)).min(1).optional(),
      valid_from: day.optional(),
      valid_to: day.optional(),
      source: z.url(),
      source_date: day.nullable(),
      checked_at: day,
      confidence,
      note: z.string().optional(),
    }),
  ),
});

/** Reads `multipliers.yaml`. Throws InvalidInput with every problem. */
export function parseMultipliers(raw: unknown, name: string): readonly MultiplierRow[] {
  return parseData(multiplierFile, raw, name).multipliers.map((row) => ({
    ...row,
    multiplier: new Decimal(row.multiplier),
    models: row.models ?? null,
    models_starting_with: row.models_starting_with ?? null,
    valid_from: row.valid_from ?? null,
    valid_to: row.valid_to ?? null,
    note: row.note ?? null,
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
      valid_from: day.optional(),
      valid_to: day.optional(),
      source: z.url(),
      source_date: day.nullable(),
      checked_at: day,
      confidence,
      note: z.string().optional(),
    }),
  ),
});

/** Reads `fees.yaml`. Throws InvalidInput with every problem. */
export function parseFees(raw: unknown, name: string): readonly FeeRow[] {
  return parseData(feeFile, raw, name).fees.map((row) => ({
    ...row,
    rate: new Decimal(row.rate),
    minimum_usd: row.minimum_usd === null ? null : new Decimal(row.minimum_usd),
    allowance_requests: row.allowance_requests === undefined ? null : new Decimal(row.allowance_requests),
    valid_from: row.valid_from ?? null,
    valid_to: row.valid_to ?? null,
    note: row.note ?? null,
  }));
}

const evidence = {
  source: z.url(),
  source_date: day.nullable(),
  checked_at: day,
  confidence,
  note: z.string().optional(),
};
const dated = { valid_from: day.optional(), valid_to: day.optional() };

const surchargeFile = z.strictObject({
  surcharges: z.array(
    z.strictObject({
      provider: z.string().min(1),
      term: z.enum(['data_residency']),
      value: z.string().min(1),
      rate: amount,
      models_starting_with: z.array(z.string().min(1)).min(1).optional(),
      ...dated,
      ...evidence,
    }),
  ),
});

/** Reads `surcharges.yaml`. Throws InvalidInput with every problem. */
export function parseSurcharges(raw: unknown, name: string): readonly SurchargeRow[] {
  return parseData(surchargeFile, raw, name).surcharges.map((row) => ({
    ...row,
    rate: new Decimal(row.rate),
    models_starting_with: row.models_starting_with ?? null,
    valid_from: row.valid_from ?? null,
    valid_to: row.valid_to ?? null,
    note: row.note ?? null,
  }));
}

const changeFile = z.strictObject({
  changes: z.array(
    z.strictObject({ provider: z.string().min(1), chance_per_month: amount, multiplier: amount, ...evidence }),
  ),
});

/** Reads `price-changes.yaml`. Throws InvalidInput with every problem. */
export function parsePriceChanges(raw: unknown, name: string): readonly PriceChangeRow[] {
  return parseData(changeFile, raw, name).changes.map((row) => ({
    ...row,
    chance_per_month: new Decimal(row.chance_per_month),
    multiplier: new Decimal(row.multiplier),
    note: row.note ?? null,
  }));
}

const rentFile = z.strictObject({
  rents: z.array(
    z.strictObject({
      provider: z.string().min(1),
      gpu: z.string().min(1),
      plan: z.enum(['on-demand', 'reserved']),
      usd_per_hour: amount,
      ...dated,
      ...evidence,
    }),
  ),
});

/** Reads `gpu-hours.yaml`. Throws InvalidInput with every problem. */
export function parseRents(raw: unknown, name: string): readonly RentRow[] {
  return parseData(rentFile, raw, name).rents.map((row) => ({
    ...row,
    usd_per_hour: new Decimal(row.usd_per_hour),
    valid_from: row.valid_from ?? null,
    valid_to: row.valid_to ?? null,
    note: row.note ?? null,
  }));
}

function toPricedModel(file: PriceFile, model: PriceFileModel): PricedModel {
  return {
    id: model.id,
    name: model.name ?? null,
    aliases: model.aliases ?? [],
    context_window: model.context_window ?? null,
    deprecated: model.deprecated ?? false,
    doubt: model.doubt ?? null,
    rows: model.prices.flatMap((line) => toRows(file, model.id, line)),
  };
}

function toRows(file: PriceFile, model: string, line: PriceLine): readonly PriceRow[] {
  return METER_IDS.flatMap((id) => {
    const price = line[id];
    if (price === undefined) return [];
    return {
      provider: file.provider,
      model,
      meter: id,
      unit: METERS[id].unit,
      price: new Decimal(price),
      above_input_tokens: line.above_input_tokens ?? null,
      valid_from: line.valid_from ?? null,
      valid_to: line.valid_to ?? null,
      known_at: file.catalogue.published,
      checked_at: file.catalogue.published,
      source: file.source,
      catalogue: `${file.catalogue.name} ${file.catalogue.version}`,
      derived_from: null,
    };
  });
}

/** A model named twice, or two prices of one meter and threshold for the same day: either would leave a price to chance. */
function findClashes(file: PriceFile, name: string): readonly Problem[] {
  const seen = new Set<string>();
  return file.models.flatMap((model, index) => {
    const pointer = `/models/${index}`;
    const clashes = METER_IDS.filter((id) => pricesOverlap(model.prices.filter((line) => line[id] !== undefined))).map(
      (id) => ({
        code: 'overlapping-prices',
        pointer,
        message: `${name}: ${model.id} has two prices of ${id} on one day.`,
      }),
    );
    if (seen.has(model.id))
      clashes.push({ code: 'duplicate-model', pointer, message: `${name}: ${model.id} is listed twice.` });
    seen.add(model.id);
    return clashes;
  });
}

function pricesOverlap(lines: readonly PriceLine[]): boolean {
  const byThreshold = Map.groupBy(lines, (line) => line.above_input_tokens ?? 0);
  return [...byThreshold.values()].some((group) => {
    const inOrder = group.toSorted((a, b) => ((a.valid_from ?? '') < (b.valid_from ?? '') ? -1 : 1));
    return inOrder.some((line, i) => {
      const next = inOrder[i + 1];
      return next !== undefined && (line.valid_to === undefined || (next.valid_from ?? '') < line.valid_to);
    });
  });
}
