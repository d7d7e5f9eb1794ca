import type { ModelMatch, StatedModel } from '../../core/bills/match-model.ts';
import { findModelId, judgeUnknownModel } from '../../core/prices/model-id.ts';
import type { PriceBook } from '../../core/prices/price.ts';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import { listBillModels } from '../../db/bills.ts';
import { upsertBillModels } from '../../db/store-bills.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { loadPrices } from '../prices/prices.ts';
import { refuseInput } from '../refusal.ts';

/** What a billed name means, as a person said it; `model` null is no model of the price book. */
export type BilledModel = { readonly provider: string; readonly billed: string; readonly model: string | null };

/** What a name in a file is taken for, and how many lines have it. */
export type ModelView = ModelMatch & { readonly lines: number };

export async function findBilledModels(
  app: App,
  provider: string | null,
): Promise<readonly (BilledModel & { readonly updated_at: string })[]> {
  const rows = await listBillModels(app.db, provider);
  return rows.map(({ provider: of, billed, model, updated_at }) => ({ provider: of, billed, model, updated_at }));
}

/** Remembers what billed names mean, for the next files. Bills that are stored keep what they were read with. */
export async function rememberBilledModels(app: App, models: readonly BilledModel[]): Promise<void> {
  const problems = judgeBilledModels(await loadPrices(app), models, (_, i) => pointerTo(['models', i, 'model']));
  if (problems.length > 0) throw refuseInput(problems);
  const updated_at = nowText(app);
  await app.db.transaction().execute((trx) =>
    upsertBillModels(
      trx,
      models.map((model) => ({ ...model, updated_at })),
    ),
  );
}

/** Ids that the price book of the provider lacks, each with the nearest that it has. */
export function judgeBilledModels(
  book: PriceBook,
  models: readonly BilledModel[],
  pointer: (model: BilledModel, index: number) => string,
): readonly Problem[] {
  return models.flatMap((stated, i): readonly Problem[] => {
    const { provider, model } = stated;
    if (model === null || findModelId(book, provider, model) !== null) return [];
    return [{ ...judgeUnknownModel(book, provider, model), pointer: pointer(stated, i) }];
  });
}

/** What was remembered for a provider and name. */
export async function loadRememberedModels(app: App): Promise<ReadonlyMap<string, StatedModel>> {
  const rows = await listBillModels(app.db, null);
  return new Map(
    rows.map(({ provider, billed, model }) => [nameKey(provider, billed), { model, certainty: 'remembered' }]),
  );
}

export function nameKey(provider: string, billed: string): string {
  return JSON.stringify([provider, billed]);
}
