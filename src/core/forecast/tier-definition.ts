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
  /** Fee on usage with a key of one's own at the provider behind a router, by id in the price book. */
  readonly own_key_fee?: string | undefined;
  /** Cost model of capacity that can be rented there by the hour, beside what is billed by the token. */
  readonly rented?: string | undefined;
  readonly runs_machines: boolean;
};
