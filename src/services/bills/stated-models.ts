import type { StatedModel } from '../../core/bills/match-model.ts';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import type { BilledModel } from './bill-models.ts';
import { nameKey } from './bill-models.ts';
import type { BillImportRequest } from './bill-request.ts';
import type { SurveyedBill } from './bill-survey.ts';

export type StatedModels = {
  readonly models: readonly BilledModel[];
  readonly byName: ReadonlyMap<string, StatedModel>;
  /** Names that no line is of. */
  readonly problems: readonly Problem[];
};

/** What a request says names mean, for each provider whose bills have the name. */
export function statedModels(bills: readonly SurveyedBill[], models: BillImportRequest['models']): StatedModels {
  const names = [...new Set(bills.flatMap((bill) => [...bill.models.keys()]))];
  const stated = Object.entries(models).flatMap(([billed, model]): readonly BilledModel[] => {
    const providers = bills.filter((bill) => bill.models.has(billed)).map(({ provider }) => provider);
    return [...new Set(providers)].map((provider) => ({ provider, billed, model }));
  });
  const unknown = Object.keys(models).filter((billed) => !names.includes(billed));
  return {
    models: stated,
    byName: new Map(
      stated.map(({ provider, billed, model }) => [nameKey(provider, billed), { model, certainty: 'stated' }]),
    ),
    problems: unknown.map((billed) => {
      const message = `No line is of a model "${billed.slice(0, 100)}".`;
      return { code: 'unknown-name', pointer: pointerTo(['models', billed]), message, suggestions: names.slice(0, 20) };
    }),
  };
}
