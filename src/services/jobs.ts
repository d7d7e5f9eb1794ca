import { comparisonJob, comparisonKind } from './bills/comparison-job.ts';
import { importHooks, importJob, importKind } from './bills/import-job.ts';
import { forecastJob, forecastKind } from './forecasts/forecast-job.ts';
import { checkJob, checkKind } from './prices/check-prices-job.ts';
import { dailyHooks } from './prices/daily-hooks.ts';
import { pullPricesJob, pullPricesKind } from './prices/pull-prices-job.ts';
import type { Hooks, Jobs } from './runs/run-execution.ts';
import { nowcastHooks, nowcastJob, nowcastKind } from './schedules/nowcast-job.ts';
import type { PeriodWork } from './schedules/period-work.ts';
import {
  compareHooks,
  compareJob,
  compareKind,
  freezeHooks,
  freezeJob,
  freezeKind,
} from './schedules/schedule-jobs.ts';
import { keepHooks, keepJob, keepKind } from './sources/keep-job.ts';
import { pullJob, pullKind } from './sources/pull-job.ts';

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
