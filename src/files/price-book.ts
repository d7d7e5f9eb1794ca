import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { withLearnedPrices } from '../core/prices/merge-prices.ts';
import type { PriceBook } from '../core/prices/price.ts';
import { parseHandEnteredPrices, parsePriceFile } from '../core/prices/price-file.ts';
import {
  parseAllowances,
  parseFees,
  parseMultipliers,
  parsePriceChanges,
  parseRents,
  parseSurcharges,
} from '../core/prices/term-files.ts';
import { readJsonFile, readYamlFile } from './data-file.ts';

/**
 * The price book in a folder such as `models/prices`: every `<provider>.json` with the prices entered by hand beside it,
 * and the YAML files of multipliers, fees, surcharges, price changes, rents and allowances. Throws InvalidInput where a file is not what it should be.
 */
export async function loadPriceBook(folder: string): Promise<PriceBook> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  const providers = await Promise.all(
    names.map(async (name) => parsePriceFile(await readJsonFile(path.join(folder, name)), name)),
  );
  const rows = async <Row>(
    name: string,
    parse: (raw: unknown, name: string) => readonly Row[],
  ): Promise<readonly Row[]> => parse(await readYamlFile(path.join(folder, name)), name);
  const book: PriceBook = {
    providers: new Map(providers.map((prices) => [prices.id, prices])),
    multipliers: await rows('multipliers.yaml', parseMultipliers),
    fees: await rows('fees.yaml', parseFees),
    surcharges: await rows('surcharges.yaml', parseSurcharges),
    changes: await rows('price-changes.yaml', parsePriceChanges),
    rents: await rows('gpu-hours.yaml', parseRents),
    allowances: await rows('allowances.yaml', parseAllowances),
  };
  return withLearnedPrices(book, await rows('hand-entered.yaml', parseHandEnteredPrices));
}
