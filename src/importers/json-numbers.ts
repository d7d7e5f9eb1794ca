import { InvalidInput } from '../core/problem.ts';

/**
 * JSON with every number as the text it was written in, so that 1.25e-07 never passes through a float.
 * Throws InvalidInput where the text is no JSON.
 */
export function parseJsonWithNumbersAsText(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' ? (context?.source ?? String(value)) : value,
    );
  } catch (cause) {
    const message = `Not JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new InvalidInput([{ code: 'malformed-json', pointer: '', message }]);
  }
}
