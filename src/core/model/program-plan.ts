import type { CostModel, InputDefinition, RowDefinition } from './definition.ts';
import type { Instances, ResolvedInput } from './program.ts';

/** How much of each workload a part serves: all of it, or a share that is an input (null: what the other parts leave). */
export type Demand =
  | { readonly kind: 'whole' }
  | { readonly kind: 'share'; readonly inputs: ReadonlyMap<string, ResolvedInput> | null };

/** A line of the user's own, with the pointer under which its problems are reported. */
export type OwnRowPlan = { readonly row: RowDefinition; readonly pointer: string };

/** One member of a tier: a cost model at its share of the demand. A plain tier is the composition of one part. */
export type PartPlan = {
  readonly tier: string;
  readonly label: string;
  readonly model: CostModel;
  readonly ownRows: readonly OwnRowPlan[];
  readonly demand: Demand;
  /** Where the model hands demand on to, if anywhere. */
  readonly spillTo: { readonly tier: string; readonly label: string; readonly model: CostModel } | null;
};

export type TierPlan = {
  readonly id: string;
  readonly label: string;
  readonly parts: readonly PartPlan[];
  /** The user's lines of the tier itself, where it is made of several parts. */
  readonly ownRows?: readonly OwnRowPlan[];
};

/** Everything that a program is made of. */
export type ProgramPlan = {
  readonly months: number;
  readonly instances: Instances;
  /** Models that every tier may read, as the volume. */
  readonly shared: readonly CostModel[];
  readonly tiers: readonly TierPlan[];
  readonly resolve: (
    definition: InputDefinition,
    place: { readonly tier: string | null; readonly instance: string | null },
  ) => ResolvedInput;
};
