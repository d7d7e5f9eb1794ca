import type { CatalogueGpu } from './catalogue.ts';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, missing, quantityIn } from './draft.ts';
import { shown } from './fault.ts';
import { machineFields as fields } from './fields.ts';
import type { LocalModel } from './local-model.ts';
import { refuseWhatDoesNotFit, tflopsOf } from './local-model.ts';
import type { MachineInput, ThroughputInput } from './machine-schema.ts';
import { baseOf } from './quantity-base.ts';
import type { Readable } from './readable.ts';
import type { Machine, Quantity, ServingSpeed } from './scenario.ts';
import type { StepTime, ThroughputPoint } from './throughput-law.ts';
import { fitStepTime } from './throughput-law.ts';

type Path = readonly PropertyKey[];
type SentSpeeds = Omit<Readable<ThroughputInput>, 'workloads'>;

/** What is stated about the speed of a machine; null where a part of it is not. */
type Speeds = {
  readonly at: string;
  readonly path: Path;
  readonly input: Quantity | null;
  readonly output: Quantity | null;
  readonly step: ServingSpeed['step'];
  readonly batch: Quantity | null;
};

export type ServingWorkloads = {
  /** Workloads that the machines serve. */
  readonly ids: readonly string[];
  readonly models: ReadonlyMap<string, LocalModel>;
};

const usualBatch = 32;

/**
 * How fast a lot serves each workload: as stated, by the law through measured points, or by the roofline of what the
 * catalogue (or the lot) says about the GPU and the model. What is neither stated nor can be reckoned is missing.
 */
export function parseServing(
  draft: Draft,
  sent: Readable<MachineInput>,
  gpu: CatalogueGpu | 'custom' | null,
  gpus: Quantity,
  { ids, models }: ServingWorkloads,
  path: Path,
): Pick<Machine, 'serving' | 'roofline'> {
  const at = [...path, 'throughput'];
  const common = readSpeeds(draft, sent.throughput ?? {}, 'throughput', at);
  const own = ownSpeeds(draft, sent.throughput?.workloads, ids, at);
  const hardware = hardwareOf(draft, sent, gpu, models, path);
  const stated = (id: string): Speeds => together(own.get(id), common);
  const speedsOf = (id: string): Speeds => withCatalogueSweep(stated(id), gpu, gpus, models.get(id));
  tellSweeps(draft, ids.filter((id) => stated(id).step === null).map(speedsOf), at);
  checkMemory(draft, gpu, hardware, gpus, [...models.values()], (id) => !reckonsOutput(stated(id)), path);

  const reckoned: string[] = [];
  const serving = (ids.length === 0 ? [''] : ids).map((id): [string, ServingSpeed] => {
    const speeds = speedsOf(id);
    const lacking = [
      ...(speeds.input === null ? ['input_tokens_per_s'] : []),
      ...(reckonsOutput(speeds) ? ['output_tokens_per_s'] : []),
    ];
    if (lacking.length > 0 && !isLeftOut(sent, 'throughput') && sent.throughput === undefined)
      return [id, asStated(speeds)];
    if (lacking.length > 0) reckoned.push(id);
    const why = lacking.length === 0 ? undefined : whyNoRoofline(models.get(id), hardware);
    if (why !== undefined) tellMissing(draft, lacking, speeds, isLeftOut(sent, 'throughput'), why);
    return [id, asStated(speeds)];
  });
  const { memory, bandwidth, tflops } = hardware;
  const needsRoofline = reckoned.length > 0 && memory !== null && bandwidth !== null && tflops !== null;
  if (needsRoofline) {
    const message = `No measured speed for ${reckoned.map((id) => `"${id}"`).join(', ')}: reckoned from memory bandwidth and TFLOP/s, which is right within a factor of two at best. Measure two batches and give throughput.points.`;
    draft.warnings.push({ code: 'roofline-prior', path: at, message });
  }
  return {
    serving: Object.fromEntries(serving.filter(([id]) => id !== '')),
    roofline: needsRoofline
      ? {
          memory_gb: memory,
          bandwidth_gb_per_s: bandwidth,
          tflops,
          mbu:
            sent.mbu === undefined
              ? null
              : quantityIn(draft, sent.mbu, fields.mbu, [...path, 'mbu'], constantOf('0.6')),
          mfu:
            sent.mfu === undefined
              ? null
              : quantityIn(draft, sent.mfu, fields.mfu, [...path, 'mfu'], constantOf('0.3')),
        }
      : null,
  };
}

/** Where no output speed is stated: the law through what the catalogue has of this GPU, number of GPUs, model and precision. */
function withCatalogueSweep(
  speeds: Speeds,
  gpu: CatalogueGpu | 'custom' | null,
  gpus: Quantity,
  model: LocalModel | undefined,
): Speeds {
  if (!reckonsOutput(speeds) || gpu === null || gpu === 'custom' || model === undefined) return speeds;
  const stored = (model.quantization ?? model.published).id;
  const sweep = gpu.sweeps?.find(
    (one) =>
      one.llm === model.llm.id &&
      one.quantization === stored &&
      gpus.kind === 'constant' &&
      gpus.value.equals(one.gpus),
  );
  if (sweep === undefined) return speeds;
  const points = sweep.points.map(({ batch, output_tokens_per_s }) => ({
    batch: new ScenarioDecimal(batch),
    output_tokens_per_s: new ScenarioDecimal(output_tokens_per_s),
  }));
  const law = fitStepTime(points);
  if (typeof law === 'string') return speeds;
  const shape = sweep.workload === null ? '' : `, ${sweep.workload} tokens`;
  return {
    ...speeds,
    step: { ...stepFrom(law, points.length), source: `${sweep.source}${shape}` },
    batch: speeds.batch ?? constantOf(String(Math.max(...sweep.points.map(({ batch }) => batch)))),
  };
}

function tellSweeps(draft: Draft, speeds: readonly Speeds[], path: Path): void {
  for (const step of new Set(speeds.flatMap((one) => one.step?.source ?? []))) {
    const message = `Left out, so that the output speed follows batches that somebody else measured (${step}). Requests of another length run at another speed: measure two batches and give throughput.points.`;
    draft.warnings.push({ code: 'catalogue-figure', path: [...path, 'points'], message });
  }
}

function reckonsOutput({ output, step }: Speeds): boolean {
  return output === null && step === null;
}

function asStated({ at, input, output, step, batch }: Speeds): ServingSpeed {
  return {
    at,
    output_from: step !== null ? 'points' : output !== null ? 'stated' : 'roofline',
    input_from: input === null ? 'roofline' : 'stated',
    input_tokens_per_s: input,
    output_tokens_per_s: step === null ? output : null,
    step,
    batch: batch ?? constantOf(usualBatch),
    single_stream: step !== null || output === null,
  };
}

function together(own: Speeds | undefined, common: Speeds): Speeds {
  if (own === undefined) return common;
  const measured = own.output !== null || own.step !== null;
  return {
    at: own.at,
    path: own.path,
    input: own.input ?? common.input,
    output: measured ? own.output : common.output,
    step: measured ? own.step : common.step,
    batch: own.batch ?? common.batch,
  };
}

function readSpeeds(draft: Draft, given: SentSpeeds, at: string, path: Path): Speeds {
  const read = (key: 'input_tokens_per_s' | 'output_tokens_per_s' | 'total_tokens_per_s' | 'batch'): Quantity | null =>
    isLeftOut(given, key) ? null : quantityIn(draft, given[key], fields[key], [...path, key], constantOf(1));
  const total = read('total_tokens_per_s');
  const classes = (['input_tokens_per_s', 'output_tokens_per_s', 'points'] as const).filter(
    (key) => !isLeftOut(given, key),
  );
  if (total !== null && classes.length > 0) {
    const message = 'Give either total_tokens_per_s, or input_tokens_per_s and output_tokens_per_s.';
    draft.faults.push({ code: 'conflict', path: [...path, 'total_tokens_per_s'], message });
  }
  if (!isLeftOut(given, 'points') && !isLeftOut(given, 'output_tokens_per_s')) {
    const message = 'Give either measured points, or one figure for output_tokens_per_s.';
    draft.faults.push({ code: 'conflict', path: [...path, 'points'], message });
  }
  const points = (given.points ?? []).flatMap((point): ThroughputPoint[] => {
    const batch = constantIn(point?.batch, fields.batch);
    const speed = constantIn(point?.output_tokens_per_s, fields.output_tokens_per_s);
    return batch === undefined || speed === undefined ? [] : [{ batch, output_tokens_per_s: speed }];
  });
  const step = stepOf(draft, points, !isLeftOut(given, 'points') && points.length === given.points?.length, [
    ...path,
    'points',
  ]);
  const largest = points.reduce((most, { batch }) => (batch.gt(most) ? batch : most), new ScenarioDecimal(1));
  const batch = read('batch') ?? (points.length === 0 ? null : constantOf(largest.toFixed()));
  if (points.length > 0 && batch !== null && baseOf(batch, 1).gt(largest)) {
    const message = `Served in batches of ${baseOf(batch, 1).toFixed()}, beyond the largest measured (${largest.toFixed()}): the law is not known to hold there.`;
    draft.warnings.push({ code: 'beyond-measured', path: [...path, 'batch'], message });
  }
  return {
    at,
    path,
    input: total ?? read('input_tokens_per_s'),
    output: total ?? read('output_tokens_per_s'),
    step,
    batch,
  };
}

function stepOf(draft: Draft, points: readonly ThroughputPoint[], complete: boolean, path: Path): ServingSpeed['step'] {
  if (points.length === 0) return null;
  const unknown = {
    fixed_seconds: constantOf(1),
    seconds_per_request: constantOf(1),
    worst_error: new ScenarioDecimal(0),
    points: 0,
    source: null,
  };
  if (!complete) return unknown;
  const law = fitStepTime(points);
  if (typeof law === 'string') {
    draft.faults.push({
      code: 'points-malformed',
      path,
      message: `These points lie on no curve of tokens per second: ${law}.`,
    });
    return unknown;
  }
  return { ...stepFrom(law, points.length), source: null };
}

function stepFrom(
  { fixed, perRequest, worstError }: StepTime,
  points: number,
): Omit<NonNullable<ServingSpeed['step']>, 'source'> {
  return {
    fixed_seconds: { kind: 'constant', value: fixed },
    seconds_per_request: { kind: 'constant', value: perRequest },
    worst_error: worstError,
    points,
  };
}

function ownSpeeds(
  draft: Draft,
  sent: Readable<ThroughputInput>['workloads'],
  ids: readonly string[],
  path: Path,
): ReadonlyMap<string, Speeds> {
  return new Map(
    Object.entries(sent ?? {}).flatMap(([id, given]): [string, Speeds][] => {
      const at = [...path, 'workloads', id];
      if (!ids.includes(id)) {
        const message = `${shown(id)} is no workload that names a local model. Known: ${ids.join(', ') || 'none'}.`;
        draft.faults.push({ code: 'unknown-workload', path: at, message, suggestions: ids });
      }
      return given === undefined ? [] : [[id, readSpeeds(draft, given, `throughput.workloads.${id}`, at)]];
    }),
  );
}

type Hardware = {
  readonly memory: Quantity | null;
  readonly bandwidth: Quantity | null;
  readonly tflops: Quantity | null;
};

/** Memory, bandwidth and TFLOP/s of one GPU: as stated, else the catalogue's. */
function hardwareOf(
  draft: Draft,
  sent: Readable<MachineInput>,
  gpu: CatalogueGpu | 'custom' | null,
  models: ReadonlyMap<string, LocalModel>,
  path: Path,
): Hardware {
  const known = gpu === null || gpu === 'custom' ? undefined : gpu;
  const read = (
    key: 'memory_gb' | 'bandwidth_gb_per_s' | 'tflops',
    otherwise: number | null | undefined,
  ): Quantity | null =>
    isLeftOut(sent, key)
      ? otherwise == null
        ? null
        : constantOf(String(otherwise))
      : quantityIn(draft, sent[key], fields[key], [...path, key], constantOf(1));
  // One precision for the lot: the one its first model is stored in.
  const [model] = models.values();
  const tflops =
    known === undefined || model === undefined ? null : tflopsOf(known, model.quantization ?? model.published);
  return {
    memory: read('memory_gb', known?.usable_memory_gb),
    bandwidth: read('bandwidth_gb_per_s', known?.bandwidth_gb_per_s),
    tflops: read('tflops', tflops),
  };
}

function checkMemory(
  draft: Draft,
  gpu: CatalogueGpu | 'custom' | null,
  { memory }: Hardware,
  gpus: Quantity,
  models: readonly LocalModel[],
  isMeasured: (workload: string) => boolean,
  path: Path,
): void {
  if (memory === null) return;
  const label = gpu === null || gpu === 'custom' ? 'this GPU' : gpu.label;
  refuseWhatDoesNotFit(
    draft,
    models.map((model) => ({ model, measured: isMeasured(model.workload) })),
    { label, memory: baseOf(memory, 1).toNumber(), gpus: baseOf(gpus, 1).toNumber() },
    [...path, 'gpu'],
  );
}

function whyNoRoofline(model: LocalModel | undefined, { memory, bandwidth, tflops }: Hardware): string | undefined {
  if (model === undefined) return 'nothing is known about the model, from which a speed could be reckoned';
  const lacking = [
    ...(memory === null ? ['memory_gb'] : []),
    ...(bandwidth === null ? ['bandwidth_gb_per_s'] : []),
    ...(tflops === null ? ['tflops'] : []),
  ];
  return lacking.length === 0 ? undefined : `without ${lacking.join(', ')} none can be reckoned`;
}

function tellMissing(draft: Draft, lacking: readonly string[], { path }: Speeds, whole: boolean, why: string): void {
  const said = new Set(draft.faults.map((fault) => fault.path.join('/')));
  if (whole) {
    if (!said.has(path.join('/')))
      missing(draft, path, `{input_tokens_per_s, output_tokens_per_s} or {total_tokens_per_s} of one machine; ${why}`);
    return;
  }
  for (const key of lacking) {
    if (!said.has([...path, key].join('/')))
      missing(
        draft,
        [...path, key],
        `tokens per second of one machine with all its GPUs, or total_tokens_per_s; ${why}`,
      );
  }
}
