import type { PriceBook, PricedModel, PriceRow, ProviderPrices } from './price.ts';

/**
 * The book with rows that were learned since: they join the models they belong to, and none of its own rows is changed
 * or left out. Which of them holds is decided where a price is looked up, by the as-of date.
 */
export function withLearnedPrices(book: PriceBook, learned: readonly PriceRow[]): PriceBook {
  if (learned.length === 0) return book;
  const byProvider = Map.groupBy(learned, ({ provider }) => provider);
  const joined = [...byProvider].map(([id, rows]): [string, ProviderPrices] => [
    id,
    withRows(book.providers.get(id) ?? newProvider(id, rows), rows),
  ]);
  return { ...book, providers: new Map([...book.providers, ...joined]) };
}

function withRows(prices: ProviderPrices, rows: readonly PriceRow[]): ProviderPrices {
  const byModel = Map.groupBy(rows, ({ model }) => prices.aliases.get(model) ?? model);
  const joined = [...byModel].map(([id, own]): [string, PricedModel] => {
    const model = prices.models.get(id) ?? newModel(id);
    return [id, { ...model, rows: [...model.rows, ...own.map((row) => ({ ...row, model: id }))] }];
  });
  return { ...prices, models: new Map([...prices.models, ...joined]) };
}

function newProvider(id: string, rows: readonly PriceRow[]): ProviderPrices {
  const [first] = rows;
  return {
    id,
    name: id,
    source: first?.source ?? '',
    catalogue: first?.catalogue ?? '',
    known_at: first?.known_at ?? '',
    models: new Map(),
    aliases: new Map(),
  };
}

function newModel(id: string): PricedModel {
  return { id, name: null, aliases: [], context_window: null, deprecated: false, doubt: null, rows: [] };
}
