import { z } from 'zod';

type Schema = z.core.$ZodType;

/** Every schema that a path into the input may meet, wrappings and branches of unions included, outermost first. */
export function schemasAt(root: Schema, path: readonly PropertyKey[]): readonly Schema[] {
  return path.reduce<readonly Schema[]>(
    (schemas, key) => schemas.flatMap((schema) => childrenOf(schema, key)).flatMap(layersOf),
    layersOf(root),
  );
}

/** The keys that objects at the path know. */
export function keysAt(root: Schema, path: readonly PropertyKey[]): ReadonlySet<string> {
  return new Set(
    schemasAt(root, path).flatMap((schema) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])),
  );
}

/** What the schema says of itself at the path. */
export function descriptionAt(root: Schema, path: readonly PropertyKey[]): string {
  const descriptions = schemasAt(root, path).flatMap((schema) => z.globalRegistry.get(schema)?.description ?? []);
  return descriptions[0] ?? 'something else';
}

function childrenOf(schema: Schema, key: PropertyKey): readonly Schema[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (!(schema instanceof z.ZodObject) || typeof key !== 'string' || !Object.hasOwn(schema.shape, key)) return [];
  return [schema.shape[key]];
}

function layersOf(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return [schema, ...layersOf(schema.unwrap())];
  if (schema instanceof z.ZodUnion) return [schema, ...schema.options.flatMap(layersOf)];
  return [schema];
}
