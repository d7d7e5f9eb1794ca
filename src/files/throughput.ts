import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
import { readYamlFile } from './data-file.ts';

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
export async function loadThroughput(path: string): Promise<readonly ThroughputMeasurement[]> {
  return parseData(z.strictObject({ measurements: z.array(measurement) }), await readYamlFile(path), path).measurements;
}
