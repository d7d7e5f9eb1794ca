import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Comparison } from '../core/bills/comparison.ts';
import type { BillScore } from '../core/forecast/bill-scores.ts';
import { computeBase, computeForecast } from '../core/forecast/compute.ts';
import { explainPath } from '../core/forecast/explain.ts';
import type { Catalogue } from '../core/forecast/plan.ts';
import { planForecast } from '../core/forecast/plan.ts';
import type { Forecast } from '../core/forecast/result.ts';
import { withLearnedPrices } from '../core/prices/merge-prices.ts';
import type { PriceExcerpt } from '../core/prices/price-excerpt.ts';
import { excerptPrices, readExcerpt, readPriceRow } from '../core/prices/price-excerpt.ts';
import { listPricesInUse } from '../core/prices/prices-in-use.ts';
import { InvalidInput } from '../core/problem.ts';
import { canonicalScenario } from '../core/scenario/canonical.ts';
import type { CatalogueGpu, CatalogueLlm, Quantization } from '../core/scenario/catalogue.ts';
import type { ScenarioReading } from '../core/scenario/parse.ts';
import { parseScenario } from '../core/scenario/parse.ts';
import type { Scenario } from '../core/scenario/scenario.ts';
import { layOutComparison } from '../core/workbook/comparison/layout.ts';
import type { LaidOut } from '../core/workbook/layout.ts';
import { layOutWorkbook } from '../core/workbook/layout.ts';
import { loadComparisonReport, loadForecastReport } from '../files/reports.ts';
import type { LoadedCatalogue } from './catalogue.ts';
import type { FrozenReading } from './compare-bills.ts';
import { compareBills, forecastLineTexts } from './compare-bills.ts';
import { nowcastBilled } from './nowcast-month.ts';
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
  WorkbookTask,
} from './tasks.ts';

/** Part of every forecast's inputs: another version refuses to recompute them. */
export const engineVersion = '1.0.0';

/** What a stored forecast keeps to be computed again: the scenario as sent, the day, and the figures it took from catalogues. */
type StoredInputs = {
  readonly engine: string;
  readonly scenario: unknown;
  readonly today: string;
  readonly prices: PriceExcerpt;
  /** By the names that the scenario may have used. */
  readonly hardware: readonly (readonly [string, CatalogueGpu])[];
  readonly llms: readonly CatalogueLlm[];
  readonly quantizations: readonly (readonly [string, Quantization])[];
  /** Absent without bills. */
  readonly bills?: readonly BillScore[];
};

export function checkScenario(task: ForecastTask, shipped: LoadedCatalogue): CheckOutcome {
  const catalogue = withLearned(shipped, task);
  const reading = readScenario(task, catalogue);
  if (!reading.ok) return reading;
  return settled(() => {
    const { plan } = computeBase(reading.scenario, within(task, catalogue));
    return { ok: true, name: reading.scenario.name, warnings: [...reading.warnings, ...plan.warnings] };
  });
}

/** The prices that a forecast of the scenario would rest on; nothing is calculated with them. */
export function findPricesInUse(task: ForecastTask, shipped: LoadedCatalogue): PricesInUseOutcome {
  const catalogue = withLearned(shipped, task);
  const reading = readScenario(task, catalogue);
  if (!reading.ok) return reading;
  const { scenario } = reading;
  return settled(() => {
    const { prices } = planForecast(scenario, within(task, catalogue));
    return { ok: true, prices: listPricesInUse(prices, scenario.as_of) };
  });
}

export function calculateForecast(task: ForecastTask, shipped: LoadedCatalogue): ForecastOutcome {
  const catalogue = withLearned(shipped, task);
  const reading = readScenario(task, catalogue);
  if (!reading.ok) return reading;
  const stored = storedInputs(task, reading.scenario, catalogue);
  return settled(() => ({
    ok: true,
    body: forecastBody(reading, stored, within(task, catalogue)),
    inputs: `${canonicalize(stored)}\n`,
  }));
}

/** The same forecast from stored inputs, whatever the catalogues say today. */
export function recalculateForecast(inputs: string, catalogue: LoadedCatalogue): ForecastOutcome {
  const stored = JSON.parse(inputs) as StoredInputs;
  const then = catalogueOf(stored, catalogue);
  const reading = readScenario(stored, then);
  if (!reading.ok) return reading;
  return settled(() => ({ ok: true, body: forecastBody(reading, stored, then), inputs }));
}

export function explainNumber({ inputs, path }: ExplainTask, catalogue: LoadedCatalogue): ExplainOutcome {
  const stored = JSON.parse(inputs) as StoredInputs;
  const then = catalogueOf(stored, catalogue);
  const reading = readScenario(stored, then);
  if (!reading.ok) return reading;
  return settled(() => {
    const { plan, program, exact } = computeBase(reading.scenario, then);
    return {
      ok: true,
      explanation: explainPath(path, { program, exact, months: plan.months, currency: reading.scenario.currency }),
    };
  });
}

/** The workbook of a stored forecast: its base case computed again from its own inputs, its bands as they were stored. */
export async function writeWorkbook({ inputs, body }: WorkbookTask, catalogue: LoadedCatalogue): Promise<Uint8Array> {
  const { workbook } = await layOutForecast({ inputs, body }, catalogue);
  // Loaded when it is needed: a command that writes no workbook should not wait for the spreadsheet library.
  const { writeXlsx } = await import('../xlsx/write.ts');
  return writeXlsx(workbook);
}

/** What a workbook is written from, for those who look behind its cells. Throws InvalidInput. */
export async function layOutForecast({ inputs, body }: WorkbookTask, catalogue: LoadedCatalogue): Promise<LaidOut> {
  const stored = JSON.parse(inputs) as StoredInputs;
  const then = catalogueOf(stored, catalogue);
  const reading = readScenario(stored, then);
  if (!reading.ok) throw new InvalidInput(reading.problems);
  const { scenario } = reading;
  const forecast = JSON.parse(body) as Forecast;
  const report = await loadForecastReport();
  const sheetOf = (tier: string): string => then.tiers.get(tier)?.sheet ?? tier;
  return layOutWorkbook({ ...computeBase(scenario, then), scenario, forecast, sheetOf, report });
}

/** The workbook of a stored comparison, from nothing but itself. */
export async function writeComparisonWorkbook(body: string): Promise<Uint8Array> {
  const comparison = JSON.parse(body) as Comparison;
  const { writeXlsx } = await import('../xlsx/write.ts');
  return writeXlsx(layOutComparison(comparison, await loadComparisonReport()));
}

/** A stored forecast against the bills of one of its months. */
export function compareStored(task: ComparisonTask, catalogue: LoadedCatalogue): ComparisonOutcome {
  return settled(() => ({ ok: true, compared: compareBills(task, readFrozen(task, catalogue)) }));
}

/** A stored forecast of a month under way against what was billed of it so far. */
export function nowcastStored(task: NowcastTask, catalogue: LoadedCatalogue): NowcastOutcome {
  return settled(() => {
    const reading = readFrozen(task, catalogue);
    return { ok: true, currency: reading.scenario.currency, ...nowcastBilled(task, reading) };
  });
}

function readFrozen(
  { inputs, body, learned }: Pick<ComparisonTask, 'inputs' | 'body' | 'learned'>,
  catalogue: LoadedCatalogue,
): FrozenReading {
  const { scenario, then } = readStored(inputs, catalogue);
  const now = withLearned(catalogue, { learned });
  return { ...computeBase(scenario, then), scenario, forecast: JSON.parse(body) as Forecast, then, now };
}

/** The lines of a stored forecast with the quantities and prices that made them, tier by tier and month by month. */
export function linesOfForecast(task: ForecastLinesTask, catalogue: LoadedCatalogue): ForecastLinesOutcome {
  return settled(() => {
    const { scenario, then } = readStored(task.inputs, catalogue);
    return { ok: true, months: forecastLineTexts(task, { ...computeBase(scenario, then), scenario, then }) };
  });
}

function readStored(
  inputs: string,
  catalogue: LoadedCatalogue,
): { readonly scenario: Scenario; readonly then: LoadedCatalogue } {
  const stored = JSON.parse(inputs) as StoredInputs;
  const then = catalogueOf(stored, catalogue);
  const reading = readScenario(stored, then);
  if (!reading.ok) throw new InvalidInput(reading.problems);
  return { scenario: reading.scenario, then };
}

function within({ mostCells }: ForecastTask, catalogue: LoadedCatalogue): LoadedCatalogue {
  return mostCells === undefined ? catalogue : { ...catalogue, mostCells };
}

function forecastBody(
  { scenario, warnings }: Extract<ScenarioReading, { ok: true }>,
  stored: StoredInputs,
  catalogue: Catalogue,
): string {
  const identity = { engine: stored.engine, inputsDigest: digestOf(scenario, stored) };
  const { forecast } = computeForecast(scenario, catalogue, identity, warnings, stored.bills);
  return `${JSON.stringify(forecast)}\n`;
}

/** Equal for scenarios that mean the same: `1` and `1.00`, another order of keys, a default written out. */
function digestOf(scenario: Scenario, { engine, prices, bills }: StoredInputs): string {
  const scored = bills === undefined ? {} : { bills };
  const text = canonicalize({ engine, prices, scenario: canonicalScenario(scenario), ...scored }) ?? '';
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function storedInputs(
  { scenario: sent, today, bills = [] }: ForecastTask,
  scenario: Scenario,
  { book, tiers, gpus, llms }: LoadedCatalogue,
): StoredInputs {
  const wanted = scenario.workloads.flatMap(({ model }) =>
    Object.entries(model).flatMap(([tier, id]) => {
      const provider = tiers.get(tier)?.provider ?? null;
      return provider === null ? [] : [{ provider, model: id }];
    }),
  );
  const successors = scenario.migrations.flatMap(({ provider, to }) => (to === null ? [] : [{ provider, model: to }]));
  const fallbacks = scenario.tiers.flatMap(({ id, terms }) =>
    (terms?.routing?.fallbacks ?? []).map(({ provider, to }) => ({
      provider: provider ?? tiers.get(id)?.provider ?? '',
      model: to,
    })),
  );
  const used = new Set((scenario.local?.machines ?? []).map(({ gpu }) => gpu));
  const hardware = [...gpus].filter(([, { id }]) => used.has(id));
  const served = new Set(scenario.workloads.flatMap(({ model }) => Object.values(model)));
  return {
    engine: engineVersion,
    scenario: sent,
    today,
    prices: excerptPrices(book, [...wanted, ...successors, ...fallbacks], scenario.as_of),
    hardware,
    llms: [...llms.llms.values()].filter(({ id }) => served.has(id)),
    quantizations: [...llms.quantizations],
    ...(bills.length > 0 && { bills: inOrder(bills) }),
  };
}

/** So that the order in which bills were found moves no byte. */
function inOrder(bills: readonly BillScore[]): readonly BillScore[] {
  const place = ({ tier, perimeter, month }: BillScore): string => `${month} ${tier} ${perimeter}`;
  return bills.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

function withLearned(catalogue: LoadedCatalogue, { learned = [] }: Pick<ForecastTask, 'learned'>): LoadedCatalogue {
  return learned.length === 0
    ? catalogue
    : { ...catalogue, book: withLearnedPrices(catalogue.book, learned.map(readPriceRow)) };
}

function catalogueOf(stored: StoredInputs, catalogue: LoadedCatalogue): LoadedCatalogue {
  return {
    ...catalogue,
    book: readExcerpt(stored.prices),
    gpus: new Map(stored.hardware),
    llms: {
      llms: new Map(stored.llms.map((llm) => [llm.id, llm])),
      quantizations: new Map(stored.quantizations),
    },
  };
}

function readScenario(
  { scenario, today }: { readonly scenario: unknown; readonly today: string },
  { gpus, llms, tiers }: LoadedCatalogue,
): ScenarioReading {
  return parseScenario(scenario, { hardware: { gpus }, llms, tiers: [...tiers.values()], today });
}

function settled<Outcome>(
  compute: () => Outcome,
): Outcome | { readonly ok: false; readonly problems: InvalidInput['problems'] } {
  try {
    return compute();
  } catch (error) {
    if (error instanceof InvalidInput) return { ok: false, problems: error.problems };
    throw error;
  }
}
