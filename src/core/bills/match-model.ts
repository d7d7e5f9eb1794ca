import { nearestNames } from '../nearest-name.ts';
import { findModelId } from '../prices/model-id.ts';
import type { PriceBook, ProviderPrices } from '../prices/price.ts';

/**
 * How sure a match is: the id itself; a listed alias; an id with a release date at its end; a name for people, spelt as
 * ids are; what a person said for this file or earlier; or nothing.
 */
export type Certainty = 'exact' | 'alias' | 'date-suffix' | 'display-name' | 'stated' | 'remembered' | 'none';

export type ModelMatch = {
  readonly provider: string;
  /** As the bill spells it. */
  readonly billed: string;
  /** Id in the price book; null where no model is meant by certain. */
  readonly model: string | null;
  readonly certainty: Certainty;
  /** Ids that are spelt alike, best first, where there is no match. */
  readonly nearest: readonly string[];
};

/** What a person said a billed name means; null: no model of the price book. */
export type StatedModel = { readonly model: string | null; readonly certainty: 'stated' | 'remembered' };

/**
 * The model of the price book that a billed name means. What a person said wins. A family or a mere beginning of a name
 * never matches, as the next model of a family rarely has its price: `Claude Opus 4.6` is `claude-opus-4-6`,
 * `gpt-4.1-2025-04-14` is `gpt-4.1`, and `claude-sonnet-5-5` is not `claude-sonnet-5`.
 */
export function matchModel(
  book: PriceBook,
  provider: string,
  billed: string,
  stated: StatedModel | undefined,
): ModelMatch {
  const match = (model: string | null, certainty: Certainty, nearest: readonly string[] = []): ModelMatch => ({
    provider,
    billed,
    model,
    certainty,
    nearest,
  });
  if (stated !== undefined) return match(stated.model, stated.certainty);
  const prices = book.providers.get(provider);
  if (prices === undefined) return match(null, 'none');
  const exact = findModelId(book, provider, billed);
  if (exact !== null) return match(exact, exact === billed ? 'exact' : 'alias');
  const undated = withoutDate(billed);
  const dated = undated === billed ? null : findModelId(book, provider, undated);
  if (dated !== null) return match(dated, 'date-suffix');
  const named = spellingsOf(prices).get(spelling(billed)) ?? spellingsOf(prices).get(withoutDate(spelling(billed)));
  if (named !== undefined && named !== null) return match(named, 'display-name');
  const ids = [...prices.models.keys()];
  return match(null, 'none', nearestNames(spelling(billed), ids, 5));
}

const spellings = new WeakMap<ProviderPrices, ReadonlyMap<string, string | null>>();

/** Ids, aliases and names in one spelling; null where two models share it. */
function spellingsOf(prices: ProviderPrices): ReadonlyMap<string, string | null> {
  const known = spellings.get(prices);
  if (known !== undefined) return known;
  const made = new Map<string, string | null>();
  for (const { id, name, aliases } of prices.models.values()) {
    const own = new Set([id, ...aliases, ...(name === null ? [] : [name])].map(spelling));
    for (const text of own) made.set(text, made.has(text) && made.get(text) !== id ? null : id);
  }
  spellings.set(prices, made);
  return made;
}

/** `Claude Opus 4.6` and `claude_opus_4_6` are `claude-opus-4-6`. */
function spelling(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s._]+/g, '-')
    .replaceAll(/-+/g, '-');
}

/** Without a release date at the end: `-2025-04-14` or `-20250414`. */
function withoutDate(name: string): string {
  return name.replace(/[-@ ]20\d{2}(-?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])$/, '');
}
