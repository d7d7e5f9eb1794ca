import { METER_IDS } from './meters.ts';
import type { PriceProblem } from './model-id.ts';
import { findModelId, judgeUnknownModel } from './model-id.ts';
import type { PriceBook, PriceRow } from './price.ts';
import { holdsOn } from './price.ts';

/** A price row as it leaves the service: money as plain decimal text. */
export type PriceListing = Omit<PriceRow, 'price' | 'derived_from' | 'mean_of'> & {
  readonly price: string;
  readonly derived_from:
    | (Omit<NonNullable<PriceRow['derived_from']>, 'multiplier'> & { readonly multiplier: string })
    | null;
};

export type PriceFilter = {
  readonly provider?: string;
  /** Part of a model id, any case. */
  readonly model?: string;
  readonly meter?: string;
  /** Only prices in force on this day (YYYY-MM-DD). */
  readonly on?: string;
};

/** The book's own rows that pass the filter, by provider, model, meter, threshold and date. */
export function listPrices(book: PriceBook, filter: PriceFilter = {}): readonly PriceListing[] {
  const part = filter.model?.toLowerCase();
  return [...book.providers.values()]
    .filter((prices) => filter.provider === undefined || prices.id === filter.provider)
    .flatMap((prices) => [...prices.models.values()])
    .filter((model) => part === undefined || [model.id, ...model.aliases].some((id) => id.toLowerCase().includes(part)))
    .flatMap((model) => model.rows.toSorted(compareRows))
    .filter((row) => filter.meter === undefined || row.meter === filter.meter)
    .filter((row) => filter.on === undefined || holdsOn(row.valid_from, row.valid_to, filter.on))
    .map(describePrice);
}

/** Every price a model has had and will have, oldest first within each meter; the problem when it is not in the book. */
export function priceHistory(
  book: PriceBook,
  provider: string,
  name: string,
):
  | { readonly ok: true; readonly model: string; readonly rows: readonly PriceListing[] }
  | { readonly ok: false; readonly problem: PriceProblem } {
  const id = findModelId(book, provider, name);
  const model = id === null ? undefined : book.providers.get(provider)?.models.get(id);
  if (model === undefined || model.rows.length === 0) {
    return { ok: false, problem: judgeUnknownModel(book, provider, name, model) };
  }
  return { ok: true, model: model.id, rows: model.rows.toSorted(compareRows).map(describePrice) };
}

export type ListedModel = {
  readonly provider: string;
  readonly id: string;
  readonly name: string | null;
  readonly aliases: readonly string[];
  readonly context_window: number | null;
  readonly deprecated: boolean;
  /** False: the catalogue names the model without a price. */
  readonly priced: boolean;
};

/** Every model of every provider in the book. */
export function listPricedModels(book: PriceBook): readonly ListedModel[] {
  return [...book.providers.values()].flatMap((prices) =>
    [...prices.models.values()].map(({ id, name, aliases, context_window, deprecated, rows }) => ({
      provider: prices.id,
      id,
      name,
      aliases,
      context_window,
      deprecated,
      priced: rows.length > 0,
    })),
  );
}

/** A row as JSON carries it. */
export function describePrice(row: PriceRow): PriceListing {
  const { mean_of: _, derived_from: derived, ...facts } = row;
  return {
    ...facts,
    price: row.price.toFixed(),
    derived_from: derived === null ? null : { ...derived, multiplier: derived.multiplier.toFixed() },
  };
}

function compareRows(a: PriceRow, b: PriceRow): number {
  return (
    METER_IDS.indexOf(a.meter) - METER_IDS.indexOf(b.meter) ||
    (a.above_input_tokens ?? 0) - (b.above_input_tokens ?? 0) ||
    compareText(a.utc_hours ?? '', b.utc_hours ?? '') ||
    ((a.valid_from ?? '') < (b.valid_from ?? '') ? -1 : 1)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
