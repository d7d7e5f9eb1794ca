import { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Problem } from '../problem.ts';
import { InvalidInput } from '../problem.ts';
import type { Meter } from './meters.ts';
import { METER_IDS, METERS } from './meters.ts';
import { parseData } from './parse-data.ts';
import type { PricedModel, PriceRow, ProviderPrices } from './price.ts';
import { parseUtcHours, utcHoursInWords } from './utc-hours.ts';

export const day = z.iso.date('expected a day as YYYY-MM-DD');
export const amount = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,20})?$/, 'expected plain decimal digits in quotes, such as "0.15"');
const utcHours = z
  .string()
  .refine((text) => parseUtcHours(text) === text, `expected ${utcHoursInWords}, days in order`);
export const meter = z.enum(METER_IDS as [Meter, ...Meter[]]);

/** One line of a price file: every meter that shares dates, threshold and hours, so that a change reads as one line. */
const priceLine = z
  .strictObject({
    valid_from: day.optional(),
    valid_to: day.optional(),
    above_input_tokens: z.int().positive().optional(),
    utc_hours: utcHours.optional(),
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

/** Prices that stand beside a catalogue, because it says them in words only or not at all; as lines of its files have them. */
const handEnteredFile = z.strictObject({
  prices: z.array(
    priceLine.extend({
      provider: z.string().regex(/^[a-z][a-z0-9-]*$/),
      models: z.array(z.string().min(1).max(200)).min(1),
      catalogue: z.string().min(1).max(100),
      source: z.url(),
      checked_at: day,
      known_at: day,
      note: z.string().optional(),
    }),
  ),
});

/** Reads `hand-entered.yaml` into rows, one for each meter and model. Throws InvalidInput with every problem. */
export function parseHandEnteredPrices(raw: unknown, name: string): readonly PriceRow[] {
  return parseData(handEnteredFile, raw, name).prices.flatMap(({ provider, models, ...line }) =>
    models.flatMap((model) =>
      toRows({ provider, model }, line, {
        known_at: line.known_at,
        checked_at: line.checked_at,
        source: line.source,
        catalogue: line.catalogue,
      }),
    ),
  );
}

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

function toPricedModel(file: PriceFile, model: PriceFileModel): PricedModel {
  return {
    id: model.id,
    name: model.name ?? null,
    aliases: model.aliases ?? [],
    context_window: model.context_window ?? null,
    deprecated: model.deprecated ?? false,
    doubt: model.doubt ?? null,
    rows: model.prices.flatMap((line) => toRows({ provider: file.provider, model: model.id }, line, originOf(file))),
  };
}

type Origin = Pick<PriceRow, 'known_at' | 'checked_at' | 'source' | 'catalogue'>;

function originOf({ catalogue, source }: PriceFile): Origin {
  const { name, version, published } = catalogue;
  return { known_at: published, checked_at: published, source, catalogue: `${name} ${version}` };
}

function toRows(
  { provider, model }: Pick<PriceRow, 'provider' | 'model'>,
  line: PriceLine,
  origin: Origin,
): readonly PriceRow[] {
  return METER_IDS.flatMap((id) => {
    const price = line[id];
    if (price === undefined) return [];
    return {
      provider,
      model,
      meter: id,
      unit: METERS[id].unit,
      price: new Decimal(price),
      above_input_tokens: line.above_input_tokens ?? null,
      utc_hours: line.utc_hours ?? null,
      valid_from: line.valid_from ?? null,
      valid_to: line.valid_to ?? null,
      ...origin,
      derived_from: null,
    };
  });
}

/** A model named twice, or two prices of one meter, threshold and window for the same day: either would leave a price to chance. */
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
  const alike = Map.groupBy(lines, (line) => `${line.above_input_tokens} ${line.utc_hours}`);
  return [...alike.values()].some((group) => {
    const inOrder = group.toSorted((a, b) => ((a.valid_from ?? '') < (b.valid_from ?? '') ? -1 : 1));
    return inOrder.some((line, i) => {
      const next = inOrder[i + 1];
      return next !== undefined && (line.valid_to === undefined || (next.valid_from ?? '') < line.valid_to);
    });
  });
}
