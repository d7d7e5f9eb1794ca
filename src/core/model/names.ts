import type { Belongings } from './belongings.ts';
import type { InputDefinition, RowDefinition } from './definition.ts';
import type { Dimension } from './dimensions.ts';

/** What a name stands for in a block: its definition, and the line of each instance. null is left out and reads as 0. */
export type Slot = {
  readonly definition: InputDefinition | RowDefinition;
  readonly rows: ReadonlyMap<string | null, number | null>;
};
export type Names = ReadonlyMap<string, Slot>;

/** In a slot: no line is needed, the name reads as the number 1. */
export const wholeDemand = -1;

/** The line a name means at a place: its own instance, or the one it belongs to; undefined where there are several. */
export function lineOf(
  { definition, rows }: Slot,
  per: Dimension | null,
  instance: string | null,
  { owner }: Belongings,
): number | null | undefined {
  if (definition.per === null) return rows.get(null);
  if (definition.per === per) return rows.get(instance);
  const whose = owner(per, instance, definition.per);
  return whose === undefined ? undefined : rows.get(whose);
}

/** Every line a name means at a place: those that belong to its instance, or all where nothing ties the two together. */
export function linesOf(
  { definition, rows }: Slot,
  per: Dimension | null,
  instance: string | null,
  { owned }: Belongings,
): readonly (number | null)[] {
  const own = definition.per === null ? null : owned(definition.per, per, instance);
  return own === null ? [...rows.values()] : own.map((id) => rows.get(id) ?? null);
}
