import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { CatalogueGpu } from './catalogue.ts';
import { numberText } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantOf, isLeftOut, missing, quantityIn } from './draft.ts';
import { shown } from './fault.ts';
import { machineFields as fields } from './fields.ts';
import type { MachineInput } from './machine-schema.ts';
import { monthNumber, parseAcquisition } from './parse-acquisition.ts';
import type { ServingWorkloads } from './parse-throughput.ts';
import { parseServing } from './parse-throughput.ts';
import { baseOf } from './quantity-base.ts';
import type { Readable } from './readable.ts';
import type { DepreciationMethod, Machine, Quantity } from './scenario.ts';

type Path = readonly PropertyKey[];

/** What a lot needs to know of the rest of the scenario. */
export type MachineContext = {
  readonly serves: ServingWorkloads;
  readonly depreciation: DepreciationMethod;
  /** Whether the scenario pays for space in a colocation. */
  readonly hasColocation: boolean;
  /** Whether what it pays for the space holds the power. */
  readonly powerIncluded: boolean;
};

/** A lot of machines with its defaults; what is left out and known to the catalogue comes from there, with a warning. */
export function parseMachine(
  draft: Draft,
  sent: Readable<MachineInput>,
  { serves, depreciation, hasColocation, powerIncluded }: MachineContext,
  path: Path,
): Machine {
  const read = (key: keyof MachineInput & keyof typeof fields, fallback: Quantity) =>
    quantityIn(draft, sent[key], fields[key], [...path, key], fallback);
  const gpu = findGpu(draft, sent.gpu, [...path, 'gpu']);
  const gpus = read('gpus', constantOf(1));
  const acquisition = parseAcquisition(draft, sent, depreciation, path);
  const isBought = acquisition.acquisition === 'purchase';
  const watts = (key: 'idle_watts' | 'load_watts') =>
    read(
      key,
      isLeftOut(sent, key) && acquisition.on_site ? cataloguePower(draft, gpu, key, gpus, path) : constantOf(0),
    );
  const machine: Machine = {
    id: sent.id ?? '',
    gpu: gpu === null || gpu === 'custom' ? 'custom' : gpu.id,
    count: read('count', constantOf(1)),
    gpus,
    gpu_price: read(
      'gpu_price',
      isLeftOut(sent, 'gpu_price') && isBought ? cataloguePrice(draft, gpu, path) : constantOf(0),
    ),
    host_price: read('host_price', constantOf(0)),
    network_price: read('network_price', constantOf(0)),
    rack_price: read('rack_price', constantOf(0)),
    spares: read('spares', constantOf(0)),
    ...acquisition,
    idle_watts: watts('idle_watts'),
    context_watts: read('context_watts', constantOf(0)),
    load_watts: watts('load_watts'),
    power_cap: parsePowerCap(draft, sent.power_cap, [...path, 'power_cap']),
    psu_loss: read('psu_loss', constantOf(0)),
    ...parseServing(draft, sent, gpu, gpus, serves, path),
    utilization: sent.utilization === undefined ? null : read('utilization', constantOf(0)),
    utilization_cap: read('utilization_cap', constantOf('0.7')),
    failure_rate_per_year: read('failure_rate_per_year', constantOf('0.04')),
    downtime_hours: read('downtime_hours', constantOf(0)),
    repair_cost: sent.repair_cost === undefined ? null : read('repair_cost', constantOf(0)),
    ...parseSupport(draft, sent, path),
    housing: parseHousing(draft, sent, { hasColocation: hasColocation && acquisition.on_site, powerIncluded }, path),
    sources: sourcesOf(sent, gpu),
  };
  checkWatts(draft, sent, machine, path);
  return machine;
}

/** Where catalogue figures that stand in for what was left out come from. */
function sourcesOf(sent: Readable<MachineInput>, gpu: CatalogueGpu | 'custom' | null): Machine['sources'] {
  if (gpu === null || gpu === 'custom') return {};
  const named = [
    ['gpu_price', 'gpu_price', gpu.price_usd === null ? undefined : `${gpu.price_usd.source}, ${gpu.price_usd.date}`],
    ['idle_watts', 'idle_watts', gpu.sources?.idle_watts],
    ['load_watts', 'load_watts', gpu.sources?.load_watts],
    ['memory_gb', 'roofline.memory_gb', gpu.sources?.usable_memory_gb],
    ['bandwidth_gb_per_s', 'roofline.bandwidth_gb_per_s', gpu.sources?.bandwidth_gb_per_s],
    ['tflops', 'roofline.tflops', gpu.sources?.fp16_tflops],
  ] as const;
  return Object.fromEntries(
    named.flatMap(([key, path, source]) => (isLeftOut(sent, key) && source !== undefined ? [[path, source]] : [])),
  );
}

function parsePowerCap(draft: Draft, sent: Readable<MachineInput>['power_cap'], path: Path): Machine['power_cap'] {
  if (sent === undefined) return null;
  return {
    watts: quantityIn(draft, sent.watts, fields.capped_watts, [...path, 'watts'], constantOf(1)),
    speed_lost: quantityIn(draft, sent.speed_lost, fields.speed_lost, [...path, 'speed_lost'], constantOf(0)),
  };
}

/** A maintenance contract and licences. A contract beside a failure reserve pays twice for the same GPU unless it says otherwise. */
function parseSupport(
  draft: Draft,
  sent: Readable<MachineInput>,
  path: Path,
): Pick<Machine, 'maintenance' | 'licences' | 'pays_repairs'> {
  const { maintenance, licences } = sent;
  const at = [...path, 'maintenance'];
  if (maintenance !== undefined && isLeftOut(maintenance, 'covers_repairs')) {
    const message =
      'Both a maintenance contract and a failure reserve are charged. Where the contract replaces what breaks, say maintenance.covers_repairs: true; else false.';
    draft.warnings.push({ code: 'double-count-support', path: [...at, 'covers_repairs'], message });
  }
  return {
    // Whoever leases or rents out replaces what breaks, unless a cost is stated.
    pays_repairs:
      maintenance?.covers_repairs !== true &&
      ((sent.lease === undefined && sent.rent === undefined) || sent.repair_cost !== undefined),
    maintenance:
      maintenance === undefined
        ? null
        : {
            share_per_year: quantityIn(
              draft,
              maintenance.share_per_year,
              fields.maintenance_share,
              [...at, 'share_per_year'],
              constantOf(0),
            ),
            per_machine_year: quantityIn(
              draft,
              maintenance.per_machine_year,
              fields.maintenance_fee,
              [...at, 'per_machine_year'],
              constantOf(0),
            ),
          },
    licences:
      licences === undefined
        ? null
        : {
            per_gpu_year: quantityIn(
              draft,
              licences.per_gpu_year,
              fields.licence_per_gpu_year,
              [...path, 'licences', 'per_gpu_year'],
              constantOf(0),
            ),
          },
  };
}

function parseHousing(
  draft: Draft,
  sent: Readable<MachineInput>,
  { hasColocation, powerIncluded }: Pick<MachineContext, 'hasColocation' | 'powerIncluded'>,
  path: Path,
): Machine['housing'] {
  const inColocation = hasColocation && sent.housed !== 'premises';
  if (!hasColocation && (sent.housed === 'colocation' || sent.moved?.to === 'colocation')) {
    const key = sent.housed === 'colocation' ? ['housed'] : ['moved', 'to'];
    const message = 'There is no colocation to stand in: state colocation.per_kw_month.';
    draft.faults.push({ code: 'conflict', path: [...path, ...key], message });
  }
  const moved = monthNumber(draft, sent.moved?.month);
  const goesInto = sent.moved?.to === undefined ? inColocation : sent.moved.to === 'colocation';
  return {
    in_colocation: inColocation,
    pays_for_power: !(powerIncluded && inColocation && goesInto),
    moved_month: moved === undefined ? 0 : Math.max(moved, 1),
    moved_into_colocation: goesInto === inColocation ? 0 : goesInto ? 1 : -1,
    move_cost: quantityIn(draft, sent.moved?.cost, fields.move_cost, [...path, 'moved', 'cost'], constantOf(0)),
  };
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
