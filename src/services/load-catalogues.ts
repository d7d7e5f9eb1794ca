import { join } from 'node:path';
import type { PriceBook } from '../core/prices/price.ts';
import type { HardwareDevice } from '../files/hardware.ts';
import { loadHardware } from '../files/hardware.ts';
import type { OpenModel } from '../files/llms.ts';
import { loadOpenModels } from '../files/llms.ts';
import { loadPriceBook } from '../files/price-book.ts';
import type { Tier } from '../files/tiers.ts';
import { loadTiers } from '../files/tiers.ts';

/** What is published under `models/`, read once at the start. */
export type Catalogues = {
  readonly prices: PriceBook;
  readonly hardware: readonly HardwareDevice[];
  readonly openModels: readonly OpenModel[];
  readonly tiers: ReadonlyMap<string, Tier>;
};

const folder = join(import.meta.dirname, '../../models');

export async function loadCatalogues(): Promise<Catalogues> {
  const [prices, hardware, openModels, tiers] = await Promise.all([
    loadPriceBook(join(folder, 'prices')),
    loadHardware(join(folder, 'hardware.yaml')),
    loadOpenModels(join(folder, 'llms.yaml')),
    loadTiers(join(folder, 'tiers.yaml')),
  ]);
  return { prices, hardware: hardware.devices, openModels, tiers: new Map(tiers.map((tier) => [tier.id, tier])) };
}
