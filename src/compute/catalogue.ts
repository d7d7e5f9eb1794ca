import path from 'node:path';
import type { Catalogue } from '../core/forecast/plan.ts';
import type { CatalogueGpu, LlmCatalogue } from '../core/scenario/catalogue.ts';
import { loadCostModels } from '../files/cost-models.ts';
import { loadHardware } from '../files/hardware.ts';
import { loadOpenModels } from '../files/llms.ts';
import { loadPriceBook } from '../files/price-book.ts';
import { loadThroughput, sweepsOf } from '../files/throughput.ts';
import type { Tier } from '../files/tiers.ts';
import { loadTiers } from '../files/tiers.ts';

/** Everything under `models/` that a calculation reads. */
export type LoadedCatalogue = Omit<Catalogue, 'tiers'> & {
  readonly tiers: ReadonlyMap<string, Tier>;
  readonly gpus: ReadonlyMap<string, CatalogueGpu>;
  readonly llms: LlmCatalogue;
};

const modelsFolder = path.join(import.meta.dirname, '../../models');

/** Reads and checks the folder once. Throws InvalidInput with every problem of a file. */
export async function loadCatalogue(folder = modelsFolder): Promise<LoadedCatalogue> {
  const [models, tiers, book, hardware, { llms, quantizations }, measurements] = await Promise.all([
    loadCostModels(path.join(folder, 'cost-models')),
    loadTiers(path.join(folder, 'tiers.yaml')),
    loadPriceBook(path.join(folder, 'prices')),
    loadHardware(path.join(folder, 'hardware.yaml')),
    loadOpenModels(path.join(folder, 'llms.yaml')),
    loadThroughput(path.join(folder, 'throughput.yaml')),
  ]);
  return {
    models,
    tiers: new Map(tiers.map((tier) => [tier.id, tier])),
    book,
    gpus: new Map(
      [...hardware.gpus].map(([name, gpu]) => [
        name,
        { ...gpu, sweeps: sweepsOf(measurements, gpu.id, quantizations) },
      ]),
    ),
    llms: { llms, quantizations },
  };
}
