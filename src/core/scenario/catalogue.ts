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
  /** What the roofline reckons with. */
  readonly usable_memory_gb?: number | null;
  readonly bandwidth_gb_per_s?: number | null;
  readonly fp16_tflops?: number | null;
  readonly fp8_tflops?: number | null;
  readonly fp4_tflops?: number | null;
  /** Source and date of a figure, by its name here. */
  readonly sources?: Readonly<Record<string, string>>;
  /** Measured speeds at several batches, from which the law of a machine can be laid. */
  readonly sweeps?: readonly MeasuredSweep[];
};

/** Output tokens per second over all users, measured by one source at two batches or more. */
export type MeasuredSweep = {
  /** GPUs of the machine. */
  readonly gpus: number;
  readonly llm: string;
  /** Id of how its weights were stored. */
  readonly quantization: string;
  readonly workload: string | null;
  readonly source: string;
  readonly points: readonly { readonly batch: number; readonly output_tokens_per_s: number }[];
};

/** An open-weight model of the catalogue. Parameters are in billions; `quantization` is how it is published. */
export type CatalogueLlm = {
  readonly id: string;
  readonly parameters_b: number;
  readonly active_parameters_b: number;
  readonly layers: number;
  readonly kv_heads: number;
  readonly head_dim: number;
  readonly quantization: string;
  readonly source: string;
};

/** How weights are stored: what a parameter takes, and at which precision a GPU computes with it. */
export type Quantization = {
  readonly id: string;
  readonly bytes_per_parameter: number;
  readonly computes_in: 'fp16' | 'fp8' | 'fp4';
};

/** Models by id; quantizations by id and alias. */
export type LlmCatalogue = {
  readonly llms: ReadonlyMap<string, CatalogueLlm>;
  readonly quantizations: ReadonlyMap<string, Quantization>;
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
