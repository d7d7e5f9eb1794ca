import { Decimal } from 'decimal.js';
import { findModelId } from './model-id.ts';
import type { FeeRow, MultiplierRow, PriceBook, PricedModel, PriceRow, ProviderPrices } from './price.ts';

/** The part of a price book that a forecast used, as plain JSON: stored with it, so that the same numbers come out for ever. */
export type PriceExcerpt = {
  readonly providers: readonly (Omit<ProviderPrices, 'models' | 'aliases'> & {
    readonly models: readonly Texts<PricedModel>[];
    readonly aliases: readonly (readonly [string, string])[];
  })[];
  readonly multipliers: readonly Texts<MultiplierRow>[];
  readonly fees: readonly Texts<FeeRow>[];
};

/** The same shape with every Decimal as text. */
type Texts<T> = T extends Decimal
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Texts<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Texts<T[Key]> }
      : T;

/** What the book holds on some models of some providers: their rows, and every multiplier and fee of those providers. */
export function excerptPrices(
  book: PriceBook,
  wanted: readonly { readonly provider: string; readonly model: string }[],
): PriceExcerpt {
  const ids = [...new Set(wanted.map(({ provider }) => provider))].sort();
  const providers = ids.flatMap((id) => {
    const prices = book.providers.get(id);
    if (prices === undefined) return [];
    const names = new Set(
      wanted.flatMap(({ provider, model }) => (provider === id ? (findModelId(book, id, model) ?? []) : [])),
    );
    const models = [...names].sort().flatMap((name) => prices.models.get(name) ?? []);
    const aliases = [...prices.aliases].filter(([, model]) => names.has(model)).sort(([a], [b]) => (a < b ? -1 : 1));
    return [{ ...prices, models, aliases }];
  });
  const used = {
    providers,
    multipliers: book.multipliers.filter(({ provider }) => ids.includes(provider)),
    fees: book.fees.filter(({ provider }) => ids.includes(provider)),
  };
  return JSON.parse(JSON.stringify(used)) as PriceExcerpt;
}

/** The excerpt as a price book again: `readExcerpt(excerptPrices(book, used))` prices those models to the last digit alike. */
export function readExcerpt(excerpt: PriceExcerpt): PriceBook {
  const providers = excerpt.providers.map((prices): ProviderPrices => {
    const models = prices.models.map((model): PricedModel => ({ ...model, rows: model.rows.map(readRow) }));
    return { ...prices, models: new Map(models.map((model) => [model.id, model])), aliases: new Map(prices.aliases) };
  });
  return {
    providers: new Map(providers.map((prices) => [prices.id, prices])),
    multipliers: excerpt.multipliers.map((row): MultiplierRow => ({ ...row, multiplier: new Decimal(row.multiplier) })),
    fees: excerpt.fees.map(
      (row): FeeRow => ({
        ...row,
        rate: new Decimal(row.rate),
        minimum_usd: row.minimum_usd === null ? null : new Decimal(row.minimum_usd),
      }),
    ),
  };
}

function readRow(row: Texts<PriceRow>): PriceRow {
  const derived = row.derived_from;
  return {
    ...row,
    price: new Decimal(row.price),
    derived_from: derived === null ? null : { ...derived, multiplier: new Decimal(derived.multiplier) },
  };
}
