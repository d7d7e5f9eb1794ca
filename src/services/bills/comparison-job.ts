import type { App } from '../app.ts';
import type { Job } from '../runs/run-execution.ts';
import type { RunView } from '../runs/runs.ts';
import { requestRun } from '../runs/runs.ts';
import { requireRoom } from '../storage.ts';
import type { ComparisonOf } from './comparisons.ts';
import { computeComparison, requireForecastOf, storeComparison } from './comparisons.ts';

export const comparisonKind = 'comparison';

/** Puts a comparison in the queue. Throws Refusal where there is no forecast to hold the bills against. */
export async function requestComparison(app: App, objectId: string, of: ComparisonOf): Promise<RunView> {
  await requireForecastOf(app, of);
  await requireRoom(app);
  return requestRun(app, { id: `run_${objectId}`, kind: comparisonKind, period: of.period, input: of });
}

/** A comparison that nobody waits for. It is stored by the transaction that ends its run. */
export const comparisonJob: Job = {
  work: async (app, input, { objectId, signal, log, progress }) => {
    const id = `cmp_${objectId}`;
    const onLines = (done: number, total: number): Promise<void> => progress({ done, total, unit: 'lines' });
    const computed = await computeComparison(app, input as ComparisonOf, { signal, onLines });
    const bills = computed.comparison.bills.map((bill) => bill.id);
    await log(`Held ${bills.join(', ') || 'no bill'} against ${computed.forecast.id}.`);
    return {
      result: { comparison: `/v1/comparisons/${id}` },
      commit: (trx) => storeComparison(app, trx, id, computed),
    };
  },
};
