import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
import { InvalidInput } from '../core/problem.ts';
import type { CatalogueGpu } from '../core/scenario/catalogue.ts';
import { readYamlFile } from './data-file.ts';

const quoted = z.union([z.number().nonnegative(), z.null()]);
const known = z.strictObject({
  value: z.number().nonnegative(),
  low: z.number().nonnegative().optional(),
  high: z.number().nonnegative().optional(),
  source: z.string(),
  note: z.string().optional(),
});
const unknown = z.strictObject({ value: z.null(), reason: z.string().min(1) });
const figure = z.union([known, unknown]);

const FIGURES = [
  'memory_gb',
  'usable_memory_gb',
  'bandwidth_gb_per_s',
  'fp16_tflops',
  'fp8_tflops',
  'fp4_tflops',
  'tdp_watts',
  'idle_watts',
  'load_watts',
  'launch_price_usd',
] as const;

type FigureName = (typeof FIGURES)[number];

const hardwareFile = z.strictObject({
  sources: z.record(
    z.string(),
    z.strictObject({
      title: z.string().min(1),
      url: z.url().optional(),
      date: z.string().regex(/^\d{4}(-\d{2}){0,2}$/, 'expected YYYY, YYYY-MM or YYYY-MM-DD, in quotes if only a year'),
      date_is: z.literal('read').optional(),
      confidence: z.enum(['A', 'B', 'C']),
    }),
  ),
  devices: z.array(
    z
      .strictObject({
        id: z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/),
        label: z.string().min(1),
        kind: z.enum(['gpu', 'machine']),
        aliases: z.array(z.string()).default([]),
        price_usd: z
          .strictObject({
            low: z.number().positive(),
            high: z.number().positive(),
            typical: z.number().positive(),
            condition: z.enum(['new', 'used', 'new or used']),
            source: z.string(),
            note: z.string().optional(),
          })
          .nullable(),
        measured_machines: z
          .array(
            z.strictObject({
              gpus: z.int().positive(),
              idle_watts: quoted,
              load_watts: quoted,
              source: z.string(),
              note: z.string().optional(),
            }),
          )
          .default([]),
      })
      .extend(Object.fromEntries(FIGURES.map((name) => [name, figure])) as Record<FigureName, typeof figure>),
  ),
});

type HardwareFile = z.output<typeof hardwareFile>;

/** Where a figure comes from, so that it can be shown beside it. */
export type Provenance = {
  readonly source: string;
  readonly url: string | null;
  readonly date: string;
  readonly confidence: 'A' | 'B' | 'C';
  readonly note: string | null;
};

/** A catalogue figure: a value with its source, or null with the reason. `low` and `high` span what sources say. */
export type Figure =
  | ({ readonly value: number; readonly low: number; readonly high: number } & Provenance)
  | { readonly value: null; readonly reason: string };

/** One device of the catalogue as a reader sees it, every figure with its source. */
export type HardwareDevice = {
  readonly id: string;
  readonly label: string;
  readonly kind: 'gpu' | 'machine';
  readonly aliases: readonly string[];
  readonly figures: Readonly<Record<FigureName, Figure>>;
  /** Street price of one, in USD. */
  readonly price_usd:
    | ({
        readonly low: number;
        readonly high: number;
        readonly typical: number;
        readonly condition: string;
      } & Provenance)
    | null;
  readonly measured_machines: readonly ({
    readonly gpus: number;
    readonly idle_watts: number | null;
    readonly load_watts: number | null;
  } & Provenance)[];
};

export type Hardware = {
  readonly devices: readonly HardwareDevice[];
  readonly gpus: ReadonlyMap<string, CatalogueGpu>;
};

/** The hardware catalogue. Throws InvalidInput with every problem, a figure whose source is not listed included. */
export async function loadHardware(path: string): Promise<Hardware> {
  const file = parseData(hardwareFile, await readYamlFile(path), path);
  refuseUnknownSources(file, path);
  const devices = file.devices.map((device) => toDevice(file, device));
  const gpus = devices.flatMap((device) =>
    [device.id, ...device.aliases].map((name) => [name, toGpu(device)] as const),
  );
  return { devices, gpus: new Map(gpus) };
}

function refuseUnknownSources(file: HardwareFile, path: string): void {
  const problems = file.devices.flatMap((device, index) => {
    const named = [...FIGURES.map((name) => device[name]), device.price_usd, ...device.measured_machines];
    return named.flatMap((item) => {
      if (item === null || !('source' in item) || Object.hasOwn(file.sources, item.source)) return [];
      const message = `${path}: ${device.id} names the source ${item.source}, which is not listed under sources.`;
      return { code: 'unknown-source', pointer: `/devices/${index}`, message };
    });
  });
  if (problems.length > 0) throw new InvalidInput(problems);
}

function toDevice(file: HardwareFile, device: HardwareFile['devices'][number]): HardwareDevice {
  const { id, label, kind, aliases, price_usd: price } = device;
  const figures = Object.fromEntries(FIGURES.map((name) => [name, toFigure(file, device[name])]));
  return {
    id,
    label,
    kind,
    aliases,
    figures: figures as Record<FigureName, Figure>,
    price_usd:
      price === null
        ? null
        : {
            low: price.low,
            high: price.high,
            typical: price.typical,
            condition: price.condition,
            ...toProvenance(file, price),
          },
    measured_machines: device.measured_machines.map((machine) => ({
      gpus: machine.gpus,
      idle_watts: machine.idle_watts,
      load_watts: machine.load_watts,
      ...toProvenance(file, machine),
    })),
  };
}

function toFigure(file: HardwareFile, item: z.output<typeof figure>): Figure {
  if (item.value === null) return item;
  return { value: item.value, low: item.low ?? item.value, high: item.high ?? item.value, ...toProvenance(file, item) };
}

function toProvenance(file: HardwareFile, item: { source: string; note?: string | undefined }): Provenance {
  const source = file.sources[item.source];
  return {
    source: source?.title ?? item.source,
    url: source?.url ?? null,
    date: source?.date ?? '',
    confidence: source?.confidence ?? 'C',
    note: item.note ?? null,
  };
}

/** The figures a scenario falls back to. Watts are of one device, or of a whole `machine`. */
function toGpu({ id, label, figures, price_usd: price }: HardwareDevice): CatalogueGpu {
  const sources = Object.entries(figures).flatMap(([name, figure]) =>
    figure.value === null ? [] : [[name, `${figure.source}, ${figure.date}`] as const],
  );
  return {
    id,
    label,
    idle_watts: figures.idle_watts.value,
    load_watts: figures.load_watts.value,
    usable_memory_gb: figures.usable_memory_gb.value,
    bandwidth_gb_per_s: figures.bandwidth_gb_per_s.value,
    fp16_tflops: figures.fp16_tflops.value,
    fp8_tflops: figures.fp8_tflops.value,
    fp4_tflops: figures.fp4_tflops.value,
    sources: Object.fromEntries(sources),
    price_usd:
      price === null
        ? null
        : { low: price.low, high: price.high, typical: price.typical, source: price.source, date: price.date },
  };
}
