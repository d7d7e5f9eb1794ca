import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { composeModels } from '../core/model/compose.ts';
import type { CostModel } from '../core/model/definition.ts';
import { parseCostModel } from '../core/model/definition.ts';
import { InvalidInput } from '../core/problem.ts';
import { readYamlFile } from './data-file.ts';

/**
 * The cost models of a folder such as `models/cost-models`, by id, with what they include written out.
 * Throws InvalidInput with every problem of every file; pointers begin with the file's name.
 */
export async function loadCostModels(folder: string): Promise<ReadonlyMap<string, CostModel>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).toSorted();
  const models = await Promise.all(names.map(async (name) => readCostModel(path.join(folder, name), name)));
  return composeModels(new Map(models.map((model) => [model.id, model])));
}

async function readCostModel(file: string, name: string): Promise<CostModel> {
  try {
    return parseCostModel(await readYamlFile(file));
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(error.problems.map((problem) => ({ ...problem, pointer: `/${name}${problem.pointer}` })));
  }
}
