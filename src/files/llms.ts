import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
import type { Problem } from '../core/problem.ts';
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
  checked: z.array(z.string()).min(1),
  note: z.string().optional(),
});

const evidence = z.strictObject({ title: z.string().min(1), url: z.url().optional(), date: z.iso.date() });

const quantization = z.strictObject({
  id: z.string(),
  aliases: z.array(z.string()).default([]),
  bytes_per_parameter: z.number().positive(),
  computes_in: z.enum(['fp16', 'fp8', 'fp4']),
  note: z.string(),
});

/**
 * An open-weight model a local machine can serve. Parameters are in billions, `context` in tokens. On `date` every figure
 * was compared with `source`, by what stands in `checked`.
 */
export type OpenModel = Readonly<Omit<z.output<typeof llm>, 'checked'>> & {
  readonly checked: readonly Readonly<z.output<typeof evidence>>[];
};

export type OpenModels = LlmCatalogue & { readonly models: readonly OpenModel[] };

/** The open-weight models and how weights are stored. Throws InvalidInput with every problem. */
export async function loadOpenModels(path: string): Promise<OpenModels> {
  const file = z.strictObject({
    evidence: z.record(z.string(), evidence),
    quantizations: z.array(quantization),
    models: z.array(llm),
  });
  const { evidence: known, quantizations, models: listed } = parseData(file, await readYamlFile(path), path);
  const byName = new Map(quantizations.flatMap((one) => [one.id, ...one.aliases].map((name) => [name, one] as const)));
  const problems = listed.flatMap(({ id, quantization: name, checked }) => [
    ...(byName.has(name)
      ? []
      : [problem('unknown-quantization', `${path}: ${id} is published in ${name}, not listed under quantizations.`)]),
    ...checked
      .filter((one) => known[one] === undefined)
      .map((one) => problem('unknown-source', `${path}: ${id} was checked by ${one}, not listed under evidence.`)),
  ]);
  if (problems.length > 0) throw new InvalidInput(problems);
  const models = listed.map((model) => ({ ...model, checked: model.checked.flatMap((one) => known[one] ?? []) }));
  return {
    models,
    quantizations: byName,
    llms: new Map(models.map((model) => [model.id, { ...model, source: `${model.source}, ${model.date}` }])),
  };
}

function problem(code: string, message: string): Problem {
  return { code, pointer: '/models', message };
}
