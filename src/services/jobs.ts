import { checkJob, checkKind } from './check-prices-job.ts';
import { comparisonJob, comparisonKind } from './comparison-job.ts';
import { dailyHooks } from './daily-hooks.ts';
import { forecastJob, forecastKind } from './forecast-job.ts';
import { importHooks, importJob, importKind } from './import-job.ts';
import { keepHooks, keepJob, keepKind } from './keep-job.ts';
import { nowcastHooks, nowcastJob, nowcastKind } from './nowcast-job.ts';
import type { PeriodWork } from './period-work.ts';
import { pullJob, pullKind } from './pull-job.ts';
import { pullPricesJob, pullPricesKind } from './pull-prices-job.ts';
import type { Hooks, Jobs } from './run-execution.ts';
import { compareHooks, compareJob, compareKind, freezeHooks, freezeJob, freezeKind } from './schedule-jobs.ts';

/** What kinds of runs keep beside the run, for whoever cancels or retries one. */
export const hooks: Readonly<Record<string, Hooks>> = {
  [freezeKind]: freezeHooks,
  [compareKind]: compareHooks,
  [nowcastKind]: nowcastHooks,
  [keepKind]: keepHooks,
  [importKind]: importHooks,
  [checkKind]: dailyHooks,
  [pullPricesKind]: dailyHooks,
};

/** Every kind of run that a worker knows. */
export function makeJobs(work: PeriodWork): Jobs {
  return {
    [forecastKind]: forecastJob,
    [comparisonKind]: comparisonJob,
    [importKind]: importJob,
    [freezeKind]: freezeJob(work),
    [compareKind]: compareJob(work),
    [nowcastKind]: nowcastJob(work),
    [keepKind]: keepJob,
    [pullKind]: pullJob,
    [checkKind]: checkJob,
    [pullPricesKind]: pullPricesJob,
  };
}
