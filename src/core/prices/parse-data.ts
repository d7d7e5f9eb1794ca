import type { z } from 'zod';
import { InvalidInput, pointerTo } from '../problem.ts';

/**
 * Checks data against its schema. Throws InvalidInput with every problem found, each with its pointer; `name` says in
 * the message which file is meant.
 */
export function parseData<Schema extends z.ZodType>(schema: Schema, raw: unknown, name: string): z.output<Schema> {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  throw new InvalidInput(
    result.error.issues.map((issue) => ({
      code: 'invalid-data',
      pointer: pointerTo(issue.path),
      message: `${name}: ${issue.message}`,
    })),
  );
}
