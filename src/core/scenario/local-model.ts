import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { CatalogueGpu, CatalogueLlm, Quantization } from './catalogue.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf } from './draft.ts';
import { shown } from './fault.ts';
import { llmFields } from './fields.ts';
import { baseOf } from './quantity-base.ts';
import type { Readable } from './readable.ts';
import type { ServedModel, Workload } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';

type Path = readonly PropertyKey[];

/** The open-weight model that the machines serve a workload with, as far as it is known. */
export type LocalModel = {
  readonly workload: string;
  /** Where the workload names it. */
  readonly path: Path;
  readonly llm: CatalogueLlm;
  /** How its weights are stored; null where the workload does not say. */
  readonly quantization: Quantization | null;
  /** How it is published. */
  readonly published: Quantization;
  /** Tokens of a mean request, input and output. */
  readonly contextTokens: number;
};

const cacheBytes = 2;
const fourBits: Quantization = { id: '4 bits', bytes_per_parameter: 0.5, computes_in: 'fp16' };
const halfPrecision: Quantization = { id: 'bf16', bytes_per_parameter: 2, computes_in: 'fp16' };

/** The local models by workload id; workloads that name none, or one that nothing is known about, are left out. */
export function findLocalModels(
  draft: Draft,
  workloads: readonly Workload[],
  machineTier: string,
  sent: Readable<ScenarioInput>['llms'],
): ReadonlyMap<string, LocalModel> {
  const own = new Map((sent ?? []).flatMap((llm) => (llm === undefined ? [] : [[llm.id ?? '', ownLlm(llm)] as const])));
  return new Map(
    workloads.flatMap((workload, i): [string, LocalModel][] => {
      const id = workload.model[machineTier];
      const stated = id === undefined ? undefined : own.get(id);
      const llm = stated?.llm ?? (id === undefined ? undefined : draft.llms.llms.get(id));
      if (llm === undefined) return [];
      const path = ['workloads', i];
      const contextTokens = baseOf(workload.input_tokens, 1).plus(baseOf(workload.output_tokens, 1)).toNumber();
      const published = stated?.published ?? draft.llms.quantizations.get(llm.quantization) ?? halfPrecision;
      const quantization = quantizationOf(draft, workload, path);
      return [[workload.id, { workload: workload.id, path, llm, quantization, published, contextTokens }]];
    }),
  );
}

/** The figures the roofline reckons with: as stored, else as published. `earlier` may have loaded the same weights. */
export function servedModelOf(model: LocalModel, earlier: readonly LocalModel[]): ServedModel {
  const { llm, quantization, published } = model;
  return {
    id: llm.id,
    parameters_b: constantOf(String(llm.parameters_b)),
    active_parameters_b: constantOf(String(llm.active_parameters_b)),
    layers: constantOf(llm.layers),
    kv_heads: constantOf(llm.kv_heads),
    head_dim: constantOf(llm.head_dim),
    bytes_per_parameter: constantOf(String((quantization ?? published).bytes_per_parameter)),
    loads_weights: earlier.some((one) => weightsOf(one) === weightsOf(model)) ? 0 : 1,
    source: llm.source,
  };
}

/** A workload's model on a machine; `measured` where its speed there is stated, so that it is known to have run. */
export type Resident = { readonly model: LocalModel; readonly measured: boolean };

/**
 * A fault where the memory does not hold what is resident at once: the weights of every model, each once however many
 * workloads it serves, and the context of one request of each workload; with the smallest machine that could. Where nobody
 * says how the weights are stored and speeds were measured, four bits are assumed: the least that can have run.
 */
export function refuseWhatDoesNotFit(
  draft: Draft,
  residents: readonly Resident[],
  { label, memory, gpus }: { label: string; memory: number; gpus: number },
  path: Path,
): void {
  const hasRun = new Set(residents.flatMap(({ model, measured }) => (measured ? model.llm.id : [])));
  const parts = residents.map(({ model }) => {
    const stored =
      model.quantization ?? (hasRun.has(model.llm.id) ? smaller(model.published, fourBits) : model.published);
    return {
      id: model.llm.id,
      stored,
      weights: model.llm.parameters_b * stored.bytes_per_parameter,
      context: contextOf(model),
    };
  });
  const loaded = [...Map.groupBy(parts, ({ id, stored }) => `${id} ${stored.bytes_per_parameter}`).values()].flatMap(
    ([first]) => first ?? [],
  );
  const weights = sum(loaded.map((part) => part.weights));
  const context = sum(parts.map((part) => part.context));
  const needed = weights + context;
  if (needed <= memory * gpus) return;
  const more = Math.ceil(needed / memory);
  const device = smallestDevice(draft, needed);
  const could = [
    `${more} × ${label}`,
    ...(device === undefined ? [] : [`one ${device.label} (${device.usable_memory_gb} GB)`]),
  ].join(', or ');
  const named = loaded.map(
    ({ id, stored }) => `${id} at ${stored.bytes_per_parameter} bytes a parameter (${stored.id})`,
  );
  const each = loaded.length === 1 ? '' : ` (${loaded.map((part) => gb(part.weights)).join(' + ')})`;
  const requests = parts.length === 1 ? 'one request' : 'one request of each workload';
  const message = `${named.join(' and ')} ${loaded.length === 1 ? 'needs' : 'resident at once need'} ${gb(needed)} GB: ${gb(weights)} for weights${each} and ${gb(context)} for the context of ${requests}. This machine has ${gb(memory * gpus)} GB. The smallest that could: ${could}.`;
  const suggestions = device === undefined ? [] : [device.id];
  draft.faults.push({ code: 'model-does-not-fit', path, message, suggestions, limit: `${gb(memory * gpus)} GB` });
}

/** TFLOP/s of a GPU at the precision the stored weights are computed in, or the next one it has. */
export function tflopsOf(gpu: CatalogueGpu, { computes_in: precision }: Quantization): number | null {
  const known = { fp16: gpu.fp16_tflops, fp8: gpu.fp8_tflops, fp4: gpu.fp4_tflops };
  return known[precision] ?? known.fp8 ?? known.fp16 ?? null;
}

/** Keys and values of one token in every layer, at two bytes a number. */
function cacheBytesPerToken({ layers, kv_heads: heads, head_dim: size }: CatalogueLlm): number {
  return 2 * layers * heads * size * cacheBytes;
}

/** GB that the keys and values of one mean request take. */
function contextOf({ llm, contextTokens }: LocalModel): number {
  return (contextTokens * cacheBytesPerToken(llm)) / 1e9;
}

/** Names weights: the same for two workloads that a machine can serve with one copy. */
function weightsOf({ llm, quantization, published }: LocalModel): string {
  return `${llm.id} ${(quantization ?? published).bytes_per_parameter}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function smaller(a: Quantization, b: Quantization): Quantization {
  return a.bytes_per_parameter <= b.bytes_per_parameter ? a : b;
}

function smallestDevice(draft: Draft, needed: number): CatalogueGpu | undefined {
  return [...new Set(draft.hardware.gpus.values())]
    .filter(({ usable_memory_gb: memory }) => memory != null && memory >= needed)
    .toSorted((a, b) => (a.usable_memory_gb ?? 0) - (b.usable_memory_gb ?? 0))[0];
}

function quantizationOf(draft: Draft, { quantization }: Workload, path: Path): Quantization | null {
  if (quantization === null) return null;
  const { quantizations } = draft.llms;
  const found = quantizations.get(quantization.toLowerCase());
  if (found === undefined && quantizations.size > 0) {
    const suggestions = nearestNames(quantization.toLowerCase(), [...quantizations.keys()]);
    const message = `${shown(quantization)} is not a known quantization, so that memory is not checked by it. Known: ${[...quantizations.keys()].join(', ')}.${didYouMean(suggestions)}`;
    draft.warnings.push({ code: 'unknown-quantization', path: [...path, 'quantization'], message });
  }
  return found ?? null;
}

function ownLlm(sent: NonNullable<NonNullable<Readable<ScenarioInput>['llms']>[number]>): {
  readonly llm: CatalogueLlm;
  readonly published: Quantization;
} {
  const read = (key: 'parameters_b' | 'layers' | 'kv_heads' | 'head_dim', value: unknown) =>
    constantIn(value, llmFields[key])?.toNumber() ?? 1;
  const parameters = read('parameters_b', sent.parameters_b);
  const bytes = constantIn(sent.bytes_per_parameter, llmFields.bytes_per_parameter)?.toNumber();
  return {
    llm: {
      id: sent.id ?? '',
      parameters_b: parameters,
      active_parameters_b:
        sent.active_parameters_b === undefined ? parameters : read('parameters_b', sent.active_parameters_b),
      layers: read('layers', sent.layers),
      kv_heads: read('kv_heads', sent.kv_heads),
      head_dim: read('head_dim', sent.head_dim),
      quantization: '',
      source: 'Scenario',
    },
    published:
      bytes === undefined
        ? halfPrecision
        : { id: 'as stated', bytes_per_parameter: bytes, computes_in: bytes > 1 ? 'fp16' : 'fp8' },
  };
}

function gb(value: number): string {
  return String(Number(value.toPrecision(4)));
}
