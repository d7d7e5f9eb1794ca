import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
import { readYamlFile } from './data-file.ts';

const llm = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9.-]*$/),
  label: z.string().min(1),
  parameters_b: z.number().positive(),
  active_parameters_b: z.number().positive(),
  layers: z.int().positive(),
  kv_heads: z.int().positive(),
  head_dim: z.int().positive(),
  context: z.int().positive(),
  source: z.url(),
  date: z.iso.date(),
  note: z.string().optional(),
});

/** An open-weight model a local machine can serve. Parameters are in billions, `context` in tokens. */
export type OpenModel = Readonly<z.output<typeof llm>>;

/** The open-weight models. Throws InvalidInput with every problem. */
export async function loadOpenModels(path: string): Promise<readonly OpenModel[]> {
  return parseData(z.strictObject({ models: z.array(llm) }), await readYamlFile(path), path).models;
}
