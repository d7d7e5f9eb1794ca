import path from 'node:path';
import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
import type { LlmCatalogue, MeasuredSweep } from '../core/scenario/catalogue.ts';
import { readYamlFile } from './data-file.ts';
import type { HardwareDevice } from './hardware.ts';
import { loadHardware } from './hardware.ts';

const measurement = z.strictObject({
  device: z.string().nullable(),
  hardware: z.string().min(1),
  gpus: z.int().positive(),
  model: z.string().min(1),
  llm: z.string().nullable(),
  precision: z.string(),
  engine: z.string(),
  metric: z.enum(['generating', 'reading', 'generating, per GPU', 'tokens, per GPU']),
  workload: z.string().optional(),
  requests_at_once: z.int().positive().optional(),
  tokens_per_s: z.number().positive(),
  system_watts: z.number().positive().optional(),
  source: z.string().min(1),
  date: z.string().regex(/^\d{4}(-\d{2}){0,2}$/, 'expected YYYY, YYYY-MM or YYYY-MM-DD in quotes'),
  note: z.string().optional(),
});

/**
 * A speed somebody measured. `requests_at_once` 1 is one user's speed, more is the speed over all of them. `device` and
 * `llm` are ids of the catalogues, null where they have no such entry.
 */
export type ThroughputMeasurement = Readonly<z.output<typeof measurement>>;

/** The measured speeds. Throws InvalidInput with every problem. */
export async function loadThroughput(file: string): Promise<readonly ThroughputMeasurement[]> {
  return parseData(z.strictObject({ measurements: z.array(measurement) }), await readYamlFile(file), file).measurements;
}

/**
 * What was measured on a device at two batches or more: by one source, on one number of GPUs, with one model, precision,
 * engine and shape of requests. `quantizations` says what a precision is called in the catalogue of models.
 */
export function sweepsOf(
  measurements: readonly ThroughputMeasurement[],
  device: string,
  quantizations: LlmCatalogue['quantizations'],
): readonly MeasuredSweep[] {
  const measured = measurements.filter(
    (one) => one.device === device && one.metric === 'generating' && one.llm !== null,
  );
  const groups = Map.groupBy(measured, ({ gpus, llm, precision, engine, workload, source, date }) =>
    [gpus, llm, precision, engine, workload, source, date].join('|'),
  );
  return [...groups.values()].flatMap((group): readonly MeasuredSweep[] => {
    const [first] = group;
    const points = group.flatMap(({ requests_at_once: batch, tokens_per_s }) =>
      batch === undefined ? [] : [{ batch, output_tokens_per_s: tokens_per_s }],
    );
    const quantization = quantizations.get(first?.precision.toLowerCase() ?? '');
    if (first === undefined || first.llm === null || quantization === undefined) return [];
    if (new Set(points.map(({ batch }) => batch)).size < 2) return [];
    const { gpus, llm, workload, source, date } = first;
    return [
      { gpus, llm, quantization: quantization.id, workload: workload ?? null, source: `${source}, ${date}`, points },
    ];
  });
}

/** A device with the speeds that were measured on it. */
export type MeasuredDevice = HardwareDevice & { readonly measured_throughput: readonly ThroughputMeasurement[] };

/** The hardware of a folder such as `models`, each device with the speeds that were measured on it. */
export async function loadMeasuredHardware(folder: string): Promise<readonly MeasuredDevice[]> {
  const [{ devices }, measurements] = await Promise.all([
    loadHardware(path.join(folder, 'hardware.yaml')),
    loadThroughput(path.join(folder, 'throughput.yaml')),
  ]);
  return devices.map((device) => ({
    ...device,
    measured_throughput: measurements.filter((measurement) => measurement.device === device.id),
  }));
}
