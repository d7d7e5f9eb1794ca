import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
import { InvalidInput } from '../core/problem.ts';
import type { LlmCatalogue } from '../core/scenario/catalogue.ts';
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
  quantization: z.string(),
  source: z.url(),
  date: z.iso.date(),
  note: z.string().optional(),
});

const quantization = z.strictObject({
  id: z.string(),
  aliases: z.array(z.string()).default([]),
  bytes_per_parameter: z.number().positive(),
  computes_in: z.enum(['fp16', 'fp8', 'fp4']),
  note: z.string(),
});

/** An open-weight model a local machine can serve. Parameters are in billions, `context` in tokens. */
export type OpenModel = Readonly<z.output<typeof llm>>;

export type OpenModels = LlmCatalogue & { readonly models: readonly OpenModel[] };

/** The open-weight models and how weights are stored. Throws InvalidInput with every problem. */
export async function loadOpenModels(path: string): Promise<OpenModels> {
  const file = z.strictObject({ quantizations: z.array(quantization), models: z.array(llm) });
  const { quantizations, models } = parseData(file, await readYamlFile(path), path);
  const byName = new Map(quantizations.flatMap((one) => [one.id, ...one.aliases].map((name) => [name, one] as const)));
  const unknown = models.filter((model) => !byName.has(model.quantization));
  if (unknown.length > 0) {
    throw new InvalidInput(
      unknown.map(({ id, quantization: name }) => ({
        code: 'unknown-quantization',
        pointer: '/models',
        message: `${path}: ${id} is published in ${name}, which is not listed under quantizations.`,
      })),
    );
  }
  return {
    models,
    quantizations: byName,
    llms: new Map(models.map((model) => [model.id, { ...model, source: `${model.source}, ${model.date}` }])),
  };
}
