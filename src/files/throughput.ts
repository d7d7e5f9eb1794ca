import path from 'node:path';
import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
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
