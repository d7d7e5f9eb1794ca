import type { z } from 'zod';
import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import type { Problem } from '../core/problem.ts';
import { pointerTo } from '../core/problem.ts';

type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** A small envelope (parameters, a key to make) against its schema, with everything wrong at once. Scenarios have their own parser. */
export function checkAgainst<T>(schema: z.ZodType<T>, input: unknown): Checked<T> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, namesOf(schema))) };
}

function problemsOf(issue: z.core.$ZodIssue, known: readonly string[]): readonly Problem[] {
  if (issue.code !== 'unrecognized_keys') {
    return [
      {
        code: issue.code === 'invalid_type' ? 'wrong-type' : 'wrong-value',
        pointer: pointerTo(issue.path),
        message: sentence(issue.message),
      },
    ];
  }
  return issue.keys.map((key) => {
    const suggestions = nearestNames(key, known);
    const message = `"${key.slice(0, 60)}" is not known here.${didYouMean(suggestions) || ` Known: ${known.join(', ') || 'nothing'}.`}`;
    return { code: 'unknown-key', pointer: pointerTo([...issue.path, key]), message, suggestions };
  });
}

function namesOf(schema: z.ZodType): readonly string[] {
  return 'shape' in schema ? Object.keys(schema.shape as object) : [];
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
