import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { PriceBook, PricedModel } from './price.ts';

export type PriceProblem = {
  readonly code: 'unknown-provider' | 'unknown-model' | 'no-price';
  readonly message: string;
  readonly suggestions: readonly string[];
};

/**
 * The id of the model a name means exactly: an id, or one of its listed aliases, letter for letter. null when there is
 * none; a family, a prefix or a pattern never matches, since the next model of a family rarely has its price.
 */
export function findModelId(book: PriceBook, provider: string, name: string): string | null {
  const prices = book.providers.get(provider);
  if (prices === undefined) return null;
  return prices.models.has(name) ? name : (prices.aliases.get(name) ?? null);
}

/** Why a model has no price, in words, with the nearest names that have one. */
export function judgeUnknownModel(book: PriceBook, provider: string, name: string, model?: PricedModel): PriceProblem {
  const prices = book.providers.get(provider);
  if (prices === undefined) {
    const suggestions = nearestNames(provider, book.providers.keys());
    const known = [...book.providers.keys()].join(', ');
    const message = `The price book has no provider "${shorten(provider)}"; it has ${known}.${didYouMean(suggestions)}`;
    return { code: 'unknown-provider', message, suggestions };
  }
  const priced = [...prices.models.values()].filter((candidate) => candidate.rows.length > 0);
  const suggestions = nearestModels(name, priced);
  if (model !== undefined) {
    const message = `${prices.catalogue} lists ${prices.name} "${model.id}" without a price; state one under "prices".`;
    return { code: 'no-price', message, suggestions };
  }
  const message =
    `The price book has no ${prices.name} model "${shorten(name)}" (only exact ids are priced).` +
    `${didYouMean(suggestions)} A model it lacks can be priced under "prices".`;
  return { code: 'unknown-model', message, suggestions };
}

/** Ids the name begins with or that contain it (nearest in length first), then those spelt alike; at most five. */
function nearestModels(name: string, models: readonly PricedModel[]): readonly string[] {
  const wanted = name.slice(0, 200).toLowerCase();
  const family = models
    .filter((model) => [model.id, ...model.aliases].some((known) => isFamily(wanted, known.toLowerCase())))
    .map((model) => model.id)
    .toSorted((a, b) => Math.abs(a.length - wanted.length) - Math.abs(b.length - wanted.length) || (a < b ? -1 : 1));
  const owner = new Map(
    models.flatMap((model) => [model.id, ...model.aliases].map((known) => [known, model.id] as const)),
  );
  const alike = nearestNames(name, owner.keys(), 5).map((known) => owner.get(known) ?? known);
  return [...new Set([...family.slice(0, 3), ...alike])].slice(0, 5);
}

function isFamily(wanted: string, known: string): boolean {
  return wanted.length >= 4 && (wanted.startsWith(known) || known.includes(wanted) || wanted.endsWith(`/${known}`));
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
