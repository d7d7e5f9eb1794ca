import { z } from 'zod';
import { InvalidInput } from '../../core/problem.ts';
import { EgressFailed } from '../../egress/guarded-request.ts';
import { DownloadFailed } from '../../sources/download.ts';
import type { PriceListName } from '../../sources/price-lists.ts';
import { downloadPriceList, priceListNames } from '../../sources/price-lists.ts';
import type { App } from '../app.ts';
import { Refusal } from '../refusal.ts';
import type { Job, RunContext } from '../runs/run-execution.ts';
import { dailyHooks } from './daily-hooks.ts';
import { learnPrices } from './learn-prices.ts';
import type { PriceImportReport } from './prices.ts';

export const pullPricesKind = 'pull-prices';

export type PullPricesInput = { readonly lists: readonly PriceListName[] };

const pullPricesInput = z.object({ lists: z.array(z.enum(priceListNames)).min(1) });

/** Why a list taught nothing, and whether another try may help. */
type Failure = { readonly reason: string; readonly isOfTheMoment: boolean };

/** Fetches published lists of prices, one after the other, and learns from each. One that fails does not keep back the others. */
export const pullPricesJob: Job = {
  ...dailyHooks,
  work: async (app, input, context) => {
    const { lists } = pullPricesInput.parse(input);
    const failures: Failure[] = [];
    const learned: object[] = [];
    for (const [i, list] of lists.entries()) {
      await context.progress({ done: i, total: lists.length, unit: 'lists' });
      const outcome = await pullList(app, list, i, context);
      if ('reason' in outcome) {
        failures.push(outcome);
        await context.log(outcome.reason);
        continue;
      }
      const { id, counts, repeated } = outcome;
      const { new: added, same, differs, quarantined } = counts;
      const figures = `${added} new, ${same} confirmed, ${differs} different, ${quarantined} kept apart`;
      await context.log(`${list}: ${figures}${repeated ? '; learned today already' : ''}.`);
      learned.push({ list, import: id, repeated, counts });
    }
    if (failures.length > 0) {
      const isOfTheMoment = failures.some((failure) => failure.isOfTheMoment);
      const message = failures.map(({ reason }) => reason).join(' ');
      throw new Refusal(isOfTheMoment ? 'unavailable' : 'validation-failed', message);
    }
    return { result: { lists: learned } };
  },
};

async function pullList(
  app: App,
  list: PriceListName,
  place: number,
  { objectId, run, signal }: RunContext,
): Promise<PriceImportReport | Failure> {
  const { egress, priceLists } = app.settings.outside;
  try {
    const text = await downloadPriceList(list, egress, priceLists);
    const request = { text, dryRun: false, acceptOutliers: false, passOverRestated: true };
    // An attempt that comes after a list has changed learns from what it says then.
    return await learnPrices(app, `pi_${objectId}${run.attempt}x${place}`, request, signal);
  } catch (error) {
    if (error instanceof DownloadFailed) {
      const isRefused = error.cause instanceof EgressFailed && error.cause.kind === 'refused';
      return { reason: `${list} could not be fetched: ${error.message}`, isOfTheMoment: !isRefused };
    }
    if (error instanceof InvalidInput) {
      const reason = `${list} is no list of prices any more: ${error.problems[0]?.message ?? error.message}`;
      return { reason, isOfTheMoment: false };
    }
    throw error;
  }
}
