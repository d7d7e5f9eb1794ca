import { engineVersion } from '../../compute/calculate.ts';
import { spendText } from '../../compute/spend-text.ts';
import type { WorkloadRule } from '../../core/bills/actual-spend.ts';
import { openSpend } from '../../core/bills/actual-spend.ts';
import type { ComparedBill, Comparison, TierComparison } from '../../core/bills/comparison.ts';
import type { Forecast } from '../../core/forecast/result.ts';
import { startOfMonth } from '../../core/schedule/local-time.ts';
import type { StoredBill } from '../../db/bills.ts';
import { findBillsOfPeriods, streamBillLines } from '../../db/bills.ts';
import type { ComparisonSummaryRow, NewScore } from '../../db/comparisons.ts';
import {
  findComparison,
  findForecastBefore,
  findLatestComparison,
  insertComparison,
  listClosedMonths,
  listComparisons,
} from '../../db/comparisons.ts';
import { findForecast } from '../../db/forecasts.ts';
import { findScenario } from '../../db/scenarios.ts';
import type { ComparisonRow, Db, ForecastRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { refusing, todayOf } from '../forecasts/calculations.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { findLearnedPrices } from '../prices/prices.ts';
import { refuseInput, refuseUnknown } from '../refusal.ts';
import { requireRoom } from '../storage.ts';

export const comparisonId = /^cmp_[0-9a-z]{1,40}$/;

/** What to compare: a scenario's newest forecast from before the month, or a forecast by its id. */
export type ComparisonOf = {
  readonly scenario_id: string | null;
  readonly forecast_id: string | null;
  /** YYYY-MM. */
  readonly period: string;
  /** null: every tier whose providers all have bills of the month. */
  readonly tiers: readonly string[] | null;
  /** Scenario currency for one of another in that month; those left out are the forecast's. */
  readonly exchange_rates: Readonly<Record<string, string>>;
  /** Which lines belong to which workload; the first that fits counts. Others go by their model. */
  readonly workloads: readonly WorkloadRule[];
  /** On whose clocks the month begins, and a forecast is too late for it. */
  readonly time_zone: string;
};

export type ComparisonSummary = {
  readonly id: string;
  readonly scenario: { readonly id: string | null; readonly name: string };
  readonly forecast_id: string;
  readonly period: string;
  readonly status: 'provisional' | 'final';
  readonly supersedes: string | null;
  readonly created_at: string;
};

/**
 * Holds the bills of a month against the forecast that was frozen before it, and stores the answer for good under `id`; the
 * same id again gives what was stored first. A forecast made later is shown, never scored.
 */
export async function createComparison(
  app: App,
  id: string,
  of: ComparisonOf,
  signal?: AbortSignal,
): Promise<Comparison> {
  const stored = await findComparison(app.db, id);
  if (stored !== undefined) return showComparison(stored);
  await requireRoom(app);
  const computed = await computeComparison(app, of, { signal });
  await app.db.transaction().execute((trx) => storeComparison(app, trx, id, computed));
  return getComparison(app, id);
}

/** A comparison that is not stored yet, with the forecast it is held against. */
export type ComputedComparison = { readonly forecast: ForecastRow; readonly comparison: Comparison };

export type ComparisonWatch = {
  readonly signal?: AbortSignal | undefined;
  /** Told how many lines of the month's bills were read, of how many; what it throws ends the comparison. */
  readonly onLines?: (done: number, total: number) => Promise<void>;
};

/** Throws Refusal where there is no forecast to hold the bills against, and with every problem of the request. */
export async function computeComparison(
  app: App,
  of: ComparisonOf,
  { signal, onLines }: ComparisonWatch = {},
): Promise<ComputedComparison> {
  const forecast = await requireForecastOf(app, of);
  const bills = await findBillsOfPeriods(app.db, [of.period]);
  const scenario = forecast.scenario_id === null ? undefined : await findScenario(app.db, forecast.scenario_id);
  const earlier = forecast.scenario_id === null ? [] : await listClosedMonths(app.db, forecast.scenario_id, of.period);
  const frozen = isFrozen(forecast, of);
  const outcome = await refusing(async () =>
    app.compute.compare(
      {
        inputs: forecast.inputs,
        body: forecast.result,
        period: of.period,
        tiers: of.tiers,
        spend: spendText(await readSpend(app, bills, of.workloads, onLines)),
        workloads: of.workloads.map(({ workload }) => workload),
        exchangeRates: of.exchange_rates,
        frozen,
        provisional: [...new Set(bills.flatMap(({ status, provider }) => (status === 'locked' ? [] : [provider])))],
        earlier,
        today: todayOf(app),
        learned: scenario === undefined ? [] : await findLearnedPrices(app, JSON.parse(scenario.body)),
      },
      signal,
    ),
  );
  if (!outcome.ok) throw refuseInput(outcome.problems);
  const { compared } = outcome;
  const { name } = (JSON.parse(forecast.result) as Forecast).scenario;
  const comparison: Comparison = {
    scenario: { id: forecast.scenario_id, name, version: forecast.scenario_version },
    forecast: {
      id: forecast.id,
      as_of: forecast.as_of,
      created_at: forecast.created_at,
      engine: forecast.engine,
      frozen,
    },
    period: of.period,
    status: compared.tiers.every(({ status }) => status === 'final') ? 'final' : 'provisional',
    bills: bills.map(billText),
    ...compared,
    warnings: warningsOf(forecast, bills, of.period, frozen),
  };
  return { forecast, comparison };
}

export async function getComparison(app: App, id: string): Promise<Comparison> {
  const row = await findComparison(app.db, id);
  if (row === undefined) throw refuseUnknown('comparison', id);
  return showComparison(row);
}

/** The workbook of a stored comparison, from nothing but itself. */
export async function getComparisonWorkbook(
  app: App,
  id: string,
  signal?: AbortSignal,
): Promise<{ name: string; bytes: Uint8Array }> {
  const comparison = await getComparison(app, id);
  const bytes = await refusing(() => app.compute.comparisonWorkbook(JSON.stringify(comparison), signal));
  return { name: `${comparison.scenario.name} ${comparison.period}`, bytes };
}

export async function findComparisons(
  app: App,
  { cursor, limit, ...filter }: PageRequest & { readonly scenario_id: string | null; readonly period: string | null },
): Promise<Page<ComparisonSummary>> {
  const before = parseCursor(cursor, comparisonId);
  const rows = await listComparisons(app.db, { ...filter, before, limit });
  return makePage(rows, limit, ({ id }) => id, summarise);
}

/** The forecast a comparison is made with. Throws Refusal where there is none. */
export async function requireForecastOf(
  app: App,
  { scenario_id, forecast_id, period, time_zone }: ComparisonOf,
): Promise<ForecastRow> {
  if (forecast_id !== null) {
    const forecast = await findForecast(app.db, forecast_id);
    if (forecast !== undefined && (scenario_id === null || forecast.scenario_id === scenario_id)) return forecast;
    const message =
      forecast === undefined
        ? `There is no forecast ${forecast_id.slice(0, 80)}.`
        : `${forecast_id} is of another scenario than ${scenario_id}.`;
    throw refuseInput([{ code: 'unknown-forecast', pointer: '/forecast_id', message }]);
  }
  if ((await findScenario(app.db, scenario_id ?? '')) === undefined) {
    const message = `There is no scenario ${(scenario_id ?? '').slice(0, 80)}.`;
    throw refuseInput([{ code: 'unknown-scenario', pointer: '/scenario_id', message }]);
  }
  const began = new Date(startOfMonth(period, time_zone)).toISOString();
  const frozen = await findForecastBefore(app.db, scenario_id ?? '', { day: `${period}-01`, instant: began });
  if (frozen !== undefined) return frozen;
  const message = `No forecast of ${scenario_id} was stored before ${period}-01, so there is nothing that foresaw ${period}. Name a later one as forecast_id to see it beside the bills: it is shown, never scored.`;
  throw refuseInput([{ code: 'nothing-frozen', pointer: '/period', message }]);
}

/** Made, and with prices as known, before the month began on the clocks of its zone. */
function isFrozen({ created_at, as_of }: ForecastRow, { period, time_zone }: ComparisonOf): boolean {
  return Date.parse(created_at) < startOfMonth(period, time_zone) && as_of < `${period}-01`;
}

const linesAtOnce = 10_000;

async function readSpend(
  app: App,
  bills: readonly StoredBill[],
  rules: readonly WorkloadRule[],
  onLines: ComparisonWatch['onLines'],
) {
  const { add, settle } = openSpend(rules);
  const total = bills.reduce((sum, { lines }) => sum + lines, 0);
  let done = 0;
  for (const bill of bills)
    for await (const { line, model } of streamBillLines(app.db, bill.id)) {
      add({ ...line, x_ModelId: model, counts: bill.counts, ofUsage: bill.kind === 'usage' });
      if (++done % linesAtOnce === 0) await onLines?.(done, total);
    }
  await onLines?.(done, total);
  return settle();
}

/** Stores what was computed, within a transaction; what is there already under the id is left as it is. */
export async function storeComparison(
  app: App,
  trx: Db,
  id: string,
  { forecast, comparison }: ComputedComparison,
): Promise<void> {
  const { period, status } = comparison;
  const before =
    forecast.scenario_id === null ? undefined : await findLatestComparison(trx, forecast.scenario_id, period);
  await insertComparison(
    trx,
    {
      id,
      scenario_id: forecast.scenario_id,
      forecast_id: forecast.id,
      name: comparison.scenario.name,
      period,
      status,
      supersedes: before?.id ?? null,
      body: JSON.stringify(comparison),
      created_at: nowText(app),
    },
    comparison.tiers.flatMap(scoresOf),
  );
}

function scoresOf(tier: TierComparison): readonly NewScore[] {
  if (tier.hit === null || tier.place === null) return [];
  const { id, status, forecast, actual, hit, place, full } = tier;
  const bill = {
    tier: id,
    perimeter: 'bill',
    status,
    forecast: forecast.p50,
    actual,
    hit,
    z: Number(place.z),
  } as const;
  if (full.actual === null) return [bill];
  return [
    bill,
    {
      tier: id,
      perimeter: 'full',
      status,
      forecast: full.forecast,
      actual: full.actual,
      hit: full.hit,
      z: Number(full.place.z),
    },
  ];
}

function warningsOf(
  forecast: ForecastRow,
  bills: readonly StoredBill[],
  period: string,
  frozen: boolean,
): Comparison['warnings'] {
  const open = bills.filter(({ status }) => status !== 'locked').map(({ id }) => id);
  const unbalanced = bills.filter(({ balance }) => balance === 'unbalanced').map(({ id }) => id);
  return [
    ...(forecast.engine === engineVersion
      ? []
      : [
          {
            code: 'engine-changed',
            pointer: '/forecast',
            message: `${forecast.id} was made by engine ${forecast.engine}; its quantities and prices were read again by ${engineVersion}.`,
          },
        ]),
    ...(frozen
      ? []
      : [
          {
            code: 'not-frozen',
            pointer: '/forecast',
            message: `${forecast.id} was made on ${forecast.created_at.slice(0, 10)}, not before ${period} began: it is shown, never scored.`,
          },
        ]),
    ...(open.length === 0
      ? []
      : [
          {
            code: 'provisional-bills',
            pointer: '/bills',
            message: `Not settled yet: ${open.join(', ')}. Lock them and compare again; that comparison supersedes this one.`,
          },
        ]),
    ...(unbalanced.length === 0
      ? []
      : [
          {
            code: 'unbalanced-bills',
            pointer: '/bills',
            message: `The lines of ${unbalanced.join(', ')} do not add up to what the invoice asks.`,
          },
        ]),
  ];
}

function billText({ id, provider, account, currency, status, kind, counts }: StoredBill): ComparedBill {
  return { id, provider, account, currency, status, kind, counts };
}

function showComparison({ id, body, created_at, supersedes }: ComparisonRow): Comparison {
  return { id, ...(JSON.parse(body) as Comparison), created_at, ...(supersedes !== null && { supersedes }) };
}

function summarise(row: ComparisonSummaryRow): ComparisonSummary {
  const { id, scenario_id, name, forecast_id, period, status, supersedes, created_at } = row;
  return { id, scenario: { id: scenario_id, name }, forecast_id, period, status, supersedes, created_at };
}
