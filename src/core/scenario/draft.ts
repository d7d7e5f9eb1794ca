import type { Decimal } from 'decimal.js';
import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { HardwareCatalogue, KnownTier, LlmCatalogue } from './catalogue.ts';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Fault } from './fault.ts';
import { shown } from './fault.ts';
import { parseQuantity } from './quantity.ts';
import type { QuantityField } from './quantity-field.ts';
import { parseConstant } from './quantity-field.ts';
import type { Quantity } from './scenario.ts';

export type Notice = { readonly code: string; readonly path: readonly PropertyKey[]; readonly message: string };

/**
 * A scenario on its way to being checked: what its parts need to know of each other, and what was found so far. What
 * was refused is null here. Values read into the draft stand in for refused ones; a draft with faults is thrown away.
 */
export type Draft = {
  readonly months: number | null;
  readonly start: string | null;
  readonly currency: string | null;
  readonly hardware: HardwareCatalogue;
  readonly llms: LlmCatalogue;
  readonly tiers: ReadonlyMap<string, KnownTier>;
  readonly faults: Fault[];
  readonly warnings: Notice[];
};

type Path = readonly PropertyKey[];

export function constantOf(value: string | number): Quantity {
  return { kind: 'constant', value: new ScenarioDecimal(value) };
}

/** Whether a key was not given at all; false for one that was given and refused. */
export function isLeftOut(sent: object, key: string): boolean {
  return !Object.hasOwn(sent, key);
}

/** The quantity sent, or the fallback. Its shape was checked before; here its series must have a value for each month. */
export function quantityIn(
  draft: Draft,
  sent: unknown,
  field: QuantityField,
  path: Path,
  fallback: Quantity,
): Quantity {
  const reading = parseQuantity(sent, field);
  if (sent === undefined || !reading.ok) return fallback;
  const quantity = reading.value;
  if (quantity.kind === 'series' && draft.months !== null && quantity.values.length !== draft.months) {
    const message = `Found ${quantity.values.length} values for ${draft.months} months: a series has one value for each month.`;
    draft.faults.push({ code: 'series-length', path: [...path, 'series'], message, limit: String(draft.months) });
  }
  return quantity;
}

export function constantIn(sent: unknown, field: QuantityField): Decimal | undefined {
  const reading = parseConstant(sent, field);
  return sent === undefined || !reading.ok ? undefined : reading.value;
}

/** The tier named, or nothing after a fault: it must be known, and `accepts` says what else it must be. */
export function tierIn(
  draft: Draft,
  id: string | undefined,
  path: Path,
  accepts: (tier: KnownTier) => boolean,
  expected: string,
): KnownTier | undefined {
  if (id === undefined) return undefined;
  const tier = draft.tiers.get(id);
  if (tier !== undefined && accepts(tier)) return tier;
  const known = [...draft.tiers.values()].filter(accepts).map((candidate) => candidate.id);
  const suggestions = nearestNames(id, known);
  const problem = tier === undefined ? 'is not a tier' : 'cannot stand here';
  const help = suggestions.length > 0 ? didYouMean(suggestions) : ` Known: ${known.join(', ')}.`;
  const message = `${shown(id)} ${problem}; expected ${expected}.${help}`;
  draft.faults.push({ code: tier === undefined ? 'unknown-tier' : 'wrong-tier', path, message, suggestions });
  return undefined;
}

export function missing(draft: Draft, path: Path, expected: string): void {
  draft.faults.push({ code: 'missing', path, message: `Missing. Expected: ${expected}.` });
}

/** Faults for ids that occur twice; `path` leads to the list, `pathOfId` from there to an element's id. */
export function refuseDuplicates(
  draft: Draft,
  ids: readonly (string | undefined)[],
  path: Path,
  pathOfId: (i: number) => Path = (i) => [i, 'id'],
): void {
  const first = new Map<string, number>();
  for (const [i, id] of ids.entries()) {
    if (id === undefined) continue;
    const before = first.get(id);
    if (before === undefined) first.set(id, i);
    else {
      const message = `${shown(id)} is the id of element ${before} too: ids are used once.`;
      draft.faults.push({ code: 'duplicate-id', path: [...path, ...pathOfId(i)], message });
    }
  }
}
