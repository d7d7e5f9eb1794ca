import { Decimal } from 'decimal.js';
import { withTermsKnownOn } from './known-terms.ts';
import { findModelId } from './model-id.ts';
import type {
  AllowanceRow,
  FeeRow,
  MultiplierRow,
  PriceBook,
  PriceChangeRow,
  PricedModel,
  PriceRow,
  ProviderPrices,
  RentRow,
  SurchargeRow,
} from './price.ts';
import { rowsKnownOn } from './price.ts';

/** The part of a price book that a forecast used, as plain JSON: stored with it, so that the same numbers come out for ever. */
export type PriceExcerpt = {
  readonly providers: readonly (Omit<ProviderPrices, 'models' | 'aliases'> & {
    readonly models: readonly Texts<PricedModel>[];
    readonly aliases: readonly (readonly [string, string])[];
  })[];
  readonly multipliers: readonly Texts<MultiplierRow>[];
  readonly fees: readonly Texts<FeeRow>[];
  readonly surcharges: readonly Texts<SurchargeRow>[];
  readonly changes: readonly Texts<PriceChangeRow>[];
  readonly rents: readonly Texts<RentRow>[];
  readonly allowances: readonly Texts<AllowanceRow>[];
};

/** The same shape with every Decimal as text. */
type Texts<T> = T extends Decimal
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Texts<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Texts<T[Key]> }
      : T;

/**
 * What the book holds on some models of some providers, as known on `asOf`: their rows, and every multiplier, fee,
 * rent and allowance of those providers. What is learned later is not in it, so that it stays the same text.
 */
export function excerptPrices(
  book: PriceBook,
  wanted: readonly { readonly provider: string; readonly model: string }[],
  asOf: string,
): PriceExcerpt {
  const ids = [...new Set(wanted.map(({ provider }) => provider))].sort();
  const providers = ids.flatMap((id) => {
    const prices = book.providers.get(id);
    if (prices === undefined) return [];
    const names = new Set(
      wanted.flatMap(({ provider, model }) => (provider === id ? (findModelId(book, id, model) ?? []) : [])),
    );
    const models = [...names].sort().flatMap((name) => {
      const model = prices.models.get(name);
      return model === undefined ? [] : [{ ...model, rows: rowsKnownOn(model.rows, asOf) }];
    });
    const aliases = [...prices.aliases].filter(([, model]) => names.has(model)).sort(([a], [b]) => (a < b ? -1 : 1));
    return [{ ...prices, models, aliases }];
  });
  const terms = withTermsKnownOn(book, asOf);
  const used = {
    providers,
    multipliers: terms.multipliers.filter(({ provider }) => ids.includes(provider)),
    fees: terms.fees.filter(({ provider }) => ids.includes(provider)),
    surcharges: terms.surcharges.filter(({ provider }) => ids.includes(provider)),
    changes: terms.changes.filter(({ provider }) => provider === 'any' || ids.includes(provider)),
    rents: terms.rents.filter(({ provider }) => ids.includes(provider)),
    allowances: terms.allowances.filter(({ provider }) => ids.includes(provider)),
  };
  return JSON.parse(JSON.stringify(used)) as PriceExcerpt;
}

/** The excerpt as a price book again: `readExcerpt(excerptPrices(book, used))` prices those models to the last digit alike. */
export function readExcerpt(excerpt: PriceExcerpt): PriceBook {
  const providers = excerpt.providers.map((prices): ProviderPrices => {
    const models = prices.models.map((model): PricedModel => ({ ...model, rows: model.rows.map(readPriceRow) }));
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
        allowance_requests: row.allowance_requests === null ? null : new Decimal(row.allowance_requests),
      }),
    ),
    surcharges: excerpt.surcharges.map((row): SurchargeRow => ({ ...row, rate: new Decimal(row.rate) })),
    changes: excerpt.changes.map(
      (row): PriceChangeRow => ({
        ...row,
        chance_per_month: new Decimal(row.chance_per_month),
        multiplier: new Decimal(row.multiplier),
      }),
    ),
    rents: excerpt.rents.map((row): RentRow => ({ ...row, usd_per_hour: new Decimal(row.usd_per_hour) })),
    allowances: excerpt.allowances.map((row): AllowanceRow => ({ ...row, per_month: new Decimal(row.per_month) })),
  };
}

/** A row as plain JSON carries it, with its price a Decimal again. */
export function readPriceRow(row: Texts<PriceRow>): PriceRow {
  const derived = row.derived_from;
  const { mean_of: _, ...kept } = row;
  return {
    ...kept,
    price: new Decimal(row.price),
    utc_hours: row.utc_hours ?? null,
    derived_from: derived === null ? null : { ...derived, multiplier: new Decimal(derived.multiplier) },
  };
}
