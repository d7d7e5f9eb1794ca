/** A tier as `models/tiers.yaml` has it, as far as the calculation reads it. */
export type TierDefinition = {
  readonly id: string;
  readonly label: string;
  /** `owned-hardware`, `token-api`, or `composition`: members at their share of the demand. */
  readonly cost_model: string;
  /** Provider of its prices in the price book. */
  readonly provider: string | null;
  /** Fee on what is bought, by id in the price book. */
  readonly credit_fee: string | null;
  readonly runs_machines: boolean;
};
