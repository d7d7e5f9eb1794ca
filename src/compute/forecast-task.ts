import {
  calculateForecast,
  checkScenario,
  compareStored,
  explainNumber,
  findPricesInUse,
  linesOfForecast,
  nowcastStored,
  recalculateForecast,
  writeComparisonWorkbook,
  writeWorkbook,
} from './calculate.ts';
import { loadCatalogue } from './catalogue.ts';
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

/** Runs in a worker thread; the pool calls these functions by name. Models are read from disk once for each thread. */
const catalogue = await loadCatalogue();

export function check(task: ForecastTask): CheckOutcome {
  return checkScenario(task, catalogue);
}

export function pricesInUse(task: ForecastTask): PricesInUseOutcome {
  return findPricesInUse(task, catalogue);
}

export function forecast(task: ForecastTask): ForecastOutcome {
  return calculateForecast(task, catalogue);
}

export function rerun(task: RerunTask): ForecastOutcome {
  return recalculateForecast(task.inputs, catalogue);
}

export function explain(task: ExplainTask): ExplainOutcome {
  return explainNumber(task, catalogue);
}

export function workbook(task: WorkbookTask): Promise<Uint8Array> {
  return writeWorkbook(task, catalogue);
}

export function compare(task: ComparisonTask): ComparisonOutcome {
  return compareStored(task, catalogue);
}

export function nowcast(task: NowcastTask): NowcastOutcome {
  return nowcastStored(task, catalogue);
}

export function forecastLines(task: ForecastLinesTask): ForecastLinesOutcome {
  return linesOfForecast(task, catalogue);
}

export function comparisonWorkbook(body: string): Promise<Uint8Array> {
  return writeComparisonWorkbook(body);
}
