import { Decimal } from 'decimal.js';
import type { Scenario } from './scenario.ts';

export type CanonicalJson =
  | string
  | number
  | boolean
  | null
  | readonly CanonicalJson[]
  | { readonly [key: string]: CanonicalJson };

/**
 * The scenario as plain JSON that says the same for the same meaning: `1`, `1.0` and `1.00` are one text, keys are
 * sorted, left-out fields hold their defaults, and how a range was written is left out. Its digest names the inputs.
 */
export function canonicalScenario(scenario: Scenario): CanonicalJson {
  return canonical(scenario);
}

function canonical(value: unknown): CanonicalJson {
  if (Decimal.isDecimal(value)) return value.toFixed();
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value === 'object' && value !== null) {
    const isRange = Object.hasOwn(value, 'distribution');
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key, child]) => child !== undefined && !(isRange && key === 'text'))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, child]) => [key, canonical(child)]),
    );
  }
  return value as string | number | boolean | null;
}
