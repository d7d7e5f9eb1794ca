import { join } from 'node:path';
import type { BillReader } from './bill-reader.ts';
import { openBillReader } from './bill-reader.ts';
import type { PoolOptions } from './task-pool.ts';
import { openTaskPool } from './task-pool.ts';
import type {
  CheckOutcome,
  ComparisonOutcome,
  ComparisonTask,
  ExplainOutcome,
  ExplainTask,
  ForecastLinesOutcome,
  ForecastLinesTask,
  ForecastOutcome,
  ForecastTask,
  NowcastOutcome,
  NowcastTask,
  PricesInUseOutcome,
  RerunTask,
  WorkbookTask,
} from './tasks.ts';

/** Calculation off the event loop. Each call may throw TooManyJobs or TooExpensive. */
export type Compute = {
  readonly check: (task: ForecastTask, signal?: AbortSignal) => Promise<CheckOutcome>;
  readonly pricesInUse: (task: ForecastTask, signal?: AbortSignal) => Promise<PricesInUseOutcome>;
  readonly forecast: (task: ForecastTask, signal?: AbortSignal) => Promise<ForecastOutcome>;
  readonly rerun: (task: RerunTask, signal?: AbortSignal) => Promise<ForecastOutcome>;
  readonly explain: (task: ExplainTask, signal?: AbortSignal) => Promise<ExplainOutcome>;
  readonly workbook: (task: WorkbookTask, signal?: AbortSignal) => Promise<Uint8Array>;
  readonly compare: (task: ComparisonTask, signal?: AbortSignal) => Promise<ComparisonOutcome>;
  readonly nowcast: (task: NowcastTask, signal?: AbortSignal) => Promise<NowcastOutcome>;
  /** `body` is the JSON text of a stored comparison. */
  readonly comparisonWorkbook: (body: string, signal?: AbortSignal) => Promise<Uint8Array>;
  readonly forecastLines: (task: ForecastLinesTask, signal?: AbortSignal) => Promise<ForecastLinesOutcome>;
  /** Reads the file of a bill, in a thread of its own: a long import never holds up a forecast. */
  readonly bill: BillReader['read'];
  readonly queued: () => number;
  readonly running: () => number;
  readonly close: () => Promise<void>;
};

/** Starts the worker threads and lets them load the models before the first request comes. */
export function openCompute(options: PoolOptions): Compute {
  const { run, ...pool } = openTaskPool(join(import.meta.dirname, 'forecast-task.ts'), options);
  const bills = openBillReader();
  return {
    check: (task, signal) => run('check', task, signal),
    pricesInUse: (task, signal) => run('pricesInUse', task, signal),
    forecast: (task, signal) => run('forecast', task, signal),
    rerun: (task, signal) => run('rerun', task, signal),
    explain: (task, signal) => run('explain', task, signal),
    workbook: (task, signal) => run('workbook', task, signal),
    compare: (task, signal) => run('compare', task, signal),
    nowcast: (task, signal) => run('nowcast', task, signal),
    comparisonWorkbook: (body, signal) => run('comparisonWorkbook', body, signal),
    forecastLines: (task, signal) => run('forecastLines', task, signal),
    bill: bills.read,
    queued: () => pool.queued() + bills.queued(),
    running: () => pool.running() + bills.running(),
    close: async () => {
      await Promise.all([pool.close(), bills.close()]);
    },
  };
}
