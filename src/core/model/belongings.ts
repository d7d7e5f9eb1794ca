import type { Dimension } from './dimensions.ts';
import type { Instances } from './program.ts';

/** Who belongs to whom among the instances, each looked up in one step. */
export type Belongings = {
  /** The instance of another dimension that an instance belongs to: the workload of a request size. */
  readonly owner: (per: Dimension | null, instance: string | null, wanted: Dimension) => string | undefined;
  /** Those of a dimension that belong to an instance, in order; null where nothing ties the two dimensions together. */
  readonly owned: (wanted: Dimension, per: Dimension | null, instance: string | null) => readonly string[] | null;
};

export function indexBelongings(instances: Instances): Belongings {
  const owners = new Map<string, string>();
  const belongings = new Map<string, string[]>();
  const tied = new Set<string>();
  for (const [dimension, list] of Object.entries(instances)) {
    for (const { id, parents } of list) {
      for (const [per, owner] of Object.entries(parents)) {
        tied.add(`${dimension} ${per}`);
        owners.set(`${dimension} ${per} ${id}`, owner);
        const place = `${dimension} ${per} ${owner}`;
        belongings.set(place, [...(belongings.get(place) ?? []), id]);
      }
    }
  }
  return {
    owner: (per, instance, wanted) => owners.get(`${per} ${wanted} ${instance}`),
    owned: (wanted, per, instance) =>
      tied.has(`${wanted} ${per}`) ? (belongings.get(`${wanted} ${per} ${instance}`) ?? []) : null,
  };
}
