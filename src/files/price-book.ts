import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PriceBook } from '../core/prices/price.ts';
import { parseFees, parseMultipliers, parsePriceFile } from '../core/prices/price-file.ts';
import { readJsonFile, readYamlFile } from './data-file.ts';

/**
 * The price book in a folder such as `models/prices`: every `<provider>.json` with `multipliers.yaml` and `fees.yaml`.
 * Throws InvalidInput where a file is not what it should be.
 */
export async function loadPriceBook(folder: string): Promise<PriceBook> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  const providers = await Promise.all(
    names.map(async (name) => parsePriceFile(await readJsonFile(path.join(folder, name)), name)),
  );
  const multipliers = parseMultipliers(await readYamlFile(path.join(folder, 'multipliers.yaml')), 'multipliers.yaml');
  const fees = parseFees(await readYamlFile(path.join(folder, 'fees.yaml')), 'fees.yaml');
  return { providers: new Map(providers.map((prices) => [prices.id, prices])), multipliers, fees };
}
