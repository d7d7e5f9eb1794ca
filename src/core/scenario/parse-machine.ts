import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { CatalogueGpu } from './catalogue.ts';
import { numberText } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantOf, isLeftOut, missing, quantityIn } from './draft.ts';
import { shown } from './fault.ts';
import { machineFields as fields } from './fields.ts';
import type { MachineInput } from './machine-schema.ts';
import { monthIndex } from './months.ts';
import { baseOf } from './quantity-base.ts';
import type { Readable } from './readable.ts';
import type { Machine, Quantity } from './scenario.ts';

type Path = readonly PropertyKey[];

/** A lot of machines with its defaults; what is left out and known to the catalogue comes from there, with a warning. */
export function parseMachine(draft: Draft, sent: Readable<MachineInput>, path: Path): Machine {
  const read = (key: Exclude<keyof MachineInput & keyof typeof fields, 'count'> | 'count', fallback: Quantity) =>
    quantityIn(draft, sent[key], fields[key], [...path, key], fallback);
  const gpu = findGpu(draft, sent.gpu, [...path, 'gpu']);
  const gpus = read('gpus', constantOf(1));
  const machine: Machine = {
    id: sent.id ?? '',
    gpu: gpu === null || gpu === 'custom' ? 'custom' : gpu.id,
    count: read('count', constantOf(1)),
    gpus,
    gpu_price: read('gpu_price', isLeftOut(sent, 'gpu_price') ? cataloguePrice(draft, gpu, path) : constantOf(0)),
    host_price: read('host_price', constantOf(0)),
    idle_watts: read(
      'idle_watts',
      isLeftOut(sent, 'idle_watts') ? cataloguePower(draft, gpu, 'idle_watts', gpus, path) : constantOf(0),
    ),
    load_watts: read(
      'load_watts',
      isLeftOut(sent, 'load_watts') ? cataloguePower(draft, gpu, 'load_watts', gpus, path) : constantOf(0),
    ),
    throughput: parseThroughput(draft, sent, [...path, 'throughput']),
    utilization: sent.utilization === undefined ? null : read('utilization', constantOf(0)),
    utilization_cap: read('utilization_cap', constantOf('0.7')),
    bought_month: parseBought(draft, sent.bought, [...path, 'bought']),
    life_months: read('life_months', constantOf(36)),
    at_end_of_life: sent.at_end_of_life ?? 'rebuy',
    residual_value: read('residual_value', constantOf('0.1')),
    failure_rate_per_year: read('failure_rate_per_year', constantOf('0.04')),
  };
  checkWatts(draft, sent, machine, path);
  return machine;
}

/** The catalogue's entry; null for `custom` and for what was refused. */
function findGpu(draft: Draft, id: string | undefined, path: Path): CatalogueGpu | 'custom' | null {
  if (id === undefined || id === 'custom') return id ?? null;
  const gpu = draft.hardware.gpus.get(id);
  if (gpu !== undefined) return gpu;
  const suggestions = nearestNames(id, [...draft.hardware.gpus.keys(), 'custom']);
  const message = `${shown(id)} is not in the hardware catalogue.${didYouMean(suggestions)} For any other write custom, and state its price, watts and throughput.`;
  draft.faults.push({ code: 'unknown-gpu', path, message, suggestions });
  return null;
}

function cataloguePrice(draft: Draft, gpu: CatalogueGpu | 'custom' | null, path: Path): Quantity {
  const at = [...path, 'gpu_price'];
  if (gpu === null) return constantOf(0);
  if (gpu === 'custom' || gpu.price_usd === null) {
    missing(
      draft,
      at,
      `the price per GPU${gpu === 'custom' ? '' : `: the catalogue has none for ${gpu.label}`}; 0 if it is paid for`,
    );
    return constantOf(0);
  }
  const { low, high, typical, source, date } = gpu.price_usd;
  if (draft.currency !== null && draft.currency !== 'USD') {
    missing(
      draft,
      at,
      `the price per GPU in ${draft.currency}: the catalogue has ${String(typical)} USD for ${gpu.label}`,
    );
    return constantOf(0);
  }
  const message = `Left out, so that ${gpu.label} is taken at ${String(typical)} USD (${String(low)} to ${String(high)}; ${source}, ${date}). State what you pay.`;
  draft.warnings.push({ code: 'catalogue-figure', path: at, message });
  return constantOf(String(typical));
}

/** Catalogue watts are of one GPU; for a machine that is all of one piece, of the whole machine. */
function cataloguePower(
  draft: Draft,
  gpu: CatalogueGpu | 'custom' | null,
  key: 'idle_watts' | 'load_watts',
  gpus: Quantity,
  path: Path,
): Quantity {
  const at = [...path, key];
  if (gpu === null) return constantOf(0);
  const watts = gpu === 'custom' ? null : gpu[key];
  if (watts === null || gpu === 'custom' || gpus.kind !== 'constant') {
    const state = key === 'idle_watts' ? 'doing nothing' : 'under load';
    missing(
      draft,
      at,
      `the power of a whole machine ${state}, in watts${gpu === 'custom' ? '' : `: the catalogue has no measured figure for it`}`,
    );
    return constantOf(0);
  }
  const total = gpus.value.times(String(watts));
  const message = `Left out, so that the catalogue's ${String(watts)} W of a ${gpu.label} is taken ${gpus.value.toFixed()} times. Of a bare GPU that leaves out the rest of the machine: state what you measure at the wall.`;
  draft.warnings.push({ code: 'catalogue-figure', path: at, message });
  return { kind: 'constant', value: total };
}

function parseThroughput(draft: Draft, sent: Readable<MachineInput>, path: Path): Machine['throughput'] {
  const one = constantOf(1);
  const given = sent.throughput;
  if (given === undefined) return { input_tokens_per_s: one, output_tokens_per_s: one };
  const read = (key: keyof typeof given) => quantityIn(draft, given[key], fields[key], [...path, key], one);
  const classes = (['input_tokens_per_s', 'output_tokens_per_s'] as const).filter((key) => !isLeftOut(given, key));
  if (!isLeftOut(given, 'total_tokens_per_s')) {
    const total = read('total_tokens_per_s');
    if (classes.length > 0) {
      const message = 'Give either total_tokens_per_s, or input_tokens_per_s and output_tokens_per_s.';
      draft.faults.push({ code: 'conflict', path: [...path, 'total_tokens_per_s'], message });
    }
    return { input_tokens_per_s: total, output_tokens_per_s: total };
  }
  for (const key of ['input_tokens_per_s', 'output_tokens_per_s'] as const) {
    if (isLeftOut(given, key))
      missing(draft, [...path, key], 'tokens per second of one machine with all its GPUs; or total_tokens_per_s');
  }
  return { input_tokens_per_s: read('input_tokens_per_s'), output_tokens_per_s: read('output_tokens_per_s') };
}

function parseBought(draft: Draft, bought: string | undefined, path: Path): number {
  if (bought === undefined || draft.start === null) return 1;
  const month = monthIndex(bought) - monthIndex(draft.start) + 1;
  if (draft.months !== null && month > draft.months) {
    const message = `Bought in ${bought}, after the last month of the forecast: this lot plays no part.`;
    draft.warnings.push({ code: 'bought-after-horizon', path, message });
  }
  return month;
}

function checkWatts(
  draft: Draft,
  sent: Readable<MachineInput>,
  { idle_watts: idle, load_watts: load }: Machine,
  path: Path,
): void {
  if (sent.idle_watts === undefined || sent.load_watts === undefined) return;
  if (baseOf(idle, 1).lessThanOrEqualTo(baseOf(load, 1))) return;
  const message = `${numberText(baseOf(load, 1), false)} W under load is less than the ${numberText(baseOf(idle, 1), false)} W when idle.`;
  draft.faults.push({ code: 'out-of-range', path: [...path, 'load_watts'], message });
}
