/** One GPU or all-in-one machine of the hardware catalogue, as far as a scenario needs it. Unknown figures are null. */
export type CatalogueGpu = {
  readonly id: string;
  readonly label: string;
  readonly idle_watts: number | null;
  readonly load_watts: number | null;
  /** US dollars for one, as seen on the street. */
  readonly price_usd: {
    readonly low: number;
    readonly high: number;
    readonly typical: number;
    readonly source: string;
    readonly date: string;
  } | null;
};

/** By device id and by alias. */
export type HardwareCatalogue = { readonly gpus: ReadonlyMap<string, CatalogueGpu> };

/** A tier that can be compared. `hybrid` is a composition and owns no machines of its own, whatever `runs_machines` says. */
export type KnownTier = {
  readonly id: string;
  readonly label: string;
  readonly runs_machines: boolean;
  /** Whose prices it bills at. */
  readonly provider?: string | null;
};

/** The composition of other tiers: what it serves is what its members serve. */
export const HYBRID = 'hybrid';

/** Whether a tier is charged for machines and operator hours by itself. */
export function runsMachines(tier: KnownTier): boolean {
  return tier.runs_machines && tier.id !== HYBRID;
}

/** Whether a tier is bought by the token, so that others may overflow to it. */
export function isCloud(tier: KnownTier): boolean {
  return !tier.runs_machines && tier.id !== HYBRID;
}
