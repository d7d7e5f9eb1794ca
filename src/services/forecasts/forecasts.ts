import { engineVersion } from '../../compute/calculate.ts';
import type { Forecast } from '../../core/forecast/result.ts';
import type { ForecastSummaryRow } from '../../db/forecasts.ts';
import { findForecast, insertForecast, listForecasts } from '../../db/forecasts.ts';
import { findScenario } from '../../db/scenarios.ts';
import type { ForecastRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseInput, refuseUnknown } from '../refusal.ts';
import { requireRoom } from '../storage.ts';
import type { Calculated, KnownBeside } from './calculations.ts';
import { checkScenarioInput, computeScenario, refusing } from './calculations.ts';
import { forecastCsv } from './forecast-csv.ts';
import type { FreezeOf } from './freeze.ts';
import { findBillScores, freezeScenario } from './freeze.ts';

export type ForecastSummary = {
  readonly id: string;
  readonly scenario: { readonly id: string | null; readonly name: string; readonly version: number | null };
  readonly as_of: string;
  readonly engine: string;
  readonly inputs_digest: string;
  readonly created_at: string;
};

/**
 * What to forecast: the newest version of a stored scenario, or one that is only sent. With `from` the stored one is frozen
 * for that month: as of today, and what the bills of closed months measured becomes history.
 */
export type ForecastOf =
  | { readonly scenario_id: string; readonly from?: undefined }
  | FreezeOf
  | { readonly scenario: unknown };

/** Computes a forecast and stores it for good under `id`; the same id again gives what was stored first. */
export async function createForecast(app: App, id: string, of: ForecastOf, signal?: AbortSignal): Promise<Forecast> {
  const source = await requireSource(app, of);
  await requireRoom(app);
  const calculated = await computeScenario(app, source.scenario, signal, source.beside);
  await storeForecast(app, id, source, calculated);
  return getForecast(app, id);
}

/** The problems of what is to be forecast, before anything is put off. Throws Refusal with all of them. */
export async function requireForecastable(app: App, of: ForecastOf, signal?: AbortSignal): Promise<void> {
  const { scenario } = await requireSource(app, of);
  const checked = await checkScenarioInput(app, scenario, signal);
  if (!checked.ok) throw refuseInput(checked.problems);
}

/** How much is to be calculated, in draws × months × tiers; 0 where the scenario does not say or is not there. */
export async function sizeOfForecast(app: App, of: ForecastOf): Promise<number> {
  const { scenario } = await requireSource(app, of);
  const {
    sampling,
    months = 12,
    tiers,
  } = (scenario ?? {}) as Partial<Record<'sampling' | 'months' | 'tiers', unknown>>;
  const draws = (sampling as { draws?: unknown } | null | undefined)?.draws ?? 10_000;
  const size = Number(draws) * Number(months) * (Array.isArray(tiers) ? tiers.length : 1);
  return Number.isFinite(size) ? size : 0;
}

export async function getForecast(app: App, id: string): Promise<Forecast> {
  return showForecast(await requireForecast(app, id));
}

export async function findForecasts(
  app: App,
  { cursor, limit, scenario_id }: PageRequest & { readonly scenario_id: string | null },
): Promise<Page<ForecastSummary>> {
  const before = parseCursor(cursor, forecastId);
  const rows = await listForecasts(app.db, { scenario_id, before, limit });
  return makePage(rows, limit, ({ id }) => id, summarise);
}

export async function getForecastCsv(app: App, id: string): Promise<{ name: string; text: string }> {
  const row = await requireForecast(app, id);
  return { name: row.name, text: forecastCsv(JSON.parse(row.result) as Forecast) };
}

/** The workbook of a stored forecast, from its own inputs, whatever today's prices are. */
export async function getForecastWorkbook(
  app: App,
  id: string,
  signal?: AbortSignal,
): Promise<{ name: string; bytes: Uint8Array }> {
  const row = await requireForecast(app, id);
  requireSameEngine(row);
  const bytes = await refusing(() => app.compute.workbook({ inputs: row.inputs, body: row.result }, signal));
  return { name: row.name, bytes };
}

/** One number of a stored forecast: its formula in names, in figures, and the sources of its prices. */
export async function explainForecast(app: App, id: string, path: string, signal?: AbortSignal): Promise<unknown> {
  const row = await requireForecast(app, id);
  requireSameEngine(row);
  const outcome = await refusing(() => app.compute.explain({ inputs: row.inputs, path }, signal));
  if (outcome.ok) return outcome.explanation;
  throw new Refusal('not-found', outcome.problems[0]?.message ?? `There is no number at ${path}.`, {
    errors: outcome.problems,
  });
}

export type Rerun =
  | { readonly identical: true; readonly digest: string }
  | {
      readonly identical: false;
      readonly first_difference: { readonly at: number; readonly stored: string; readonly now: string };
    };

/** Computes a stored forecast again from its own inputs and compares every byte. Refused by another engine version. */
export async function rerunForecast(app: App, id: string, signal?: AbortSignal): Promise<Rerun> {
  const row = await requireForecast(app, id);
  requireSameEngine(row);
  const outcome = await refusing(() => app.compute.rerun({ inputs: row.inputs }, signal));
  if (!outcome.ok) throw refuseInput(outcome.problems);
  if (outcome.body === row.result) return { identical: true, digest: row.inputs_digest };
  return { identical: false, first_difference: findDifference(row.result, outcome.body) };
}

export const forecastId = /^fc_[0-9a-z]{1,40}$/;

type Source = {
  readonly scenario: unknown;
  readonly id: string | null;
  readonly version: number | null;
  readonly beside?: KnownBeside;
};

async function requireSource(app: App, of: ForecastOf): Promise<Source> {
  if ('scenario' in of) return { scenario: of.scenario, id: null, version: null };
  if (of.from !== undefined) {
    const frozen = await freezeScenario(app, of);
    const bills = await findBillScores(app, of.scenario_id, of.from);
    return { ...frozen, beside: { bills, ...(of.as_of !== undefined && { today: of.as_of }) } };
  }
  const row = await findScenario(app.db, of.scenario_id);
  if (row !== undefined) return { scenario: JSON.parse(row.body), id: row.id, version: row.version };
  const message = `There is no scenario ${of.scenario_id.slice(0, 80)}.`;
  throw refuseInput([{ code: 'unknown-scenario', pointer: '/scenario_id', message }]);
}

async function storeForecast(app: App, id: string, source: Source, { body, inputs }: Calculated): Promise<void> {
  const { scenario, as_of, engine, inputs_digest } = JSON.parse(body) as Forecast;
  await insertForecast(app.db, {
    id,
    scenario_id: source.id,
    scenario_version: source.version,
    name: scenario.name.toWellFormed(),
    as_of,
    engine,
    inputs_digest,
    result: body,
    inputs,
    created_at: nowText(app),
  });
}

async function requireForecast(app: App, id: string): Promise<ForecastRow> {
  const row = await findForecast(app.db, id);
  if (row === undefined) throw refuseUnknown('forecast', id);
  return row;
}

/** Another engine may round or price differently: what it would say now is not what was stored. */
export function requireSameEngine({ id, engine }: ForecastRow): void {
  if (engine === engineVersion) return;
  throw new Refusal(
    'engine-changed',
    `${id} was computed by engine ${engine} and this is ${engineVersion}, which may round or price differently: its stored numbers stay as they are; run it with ${engine}, or make a new forecast.`,
    { members: { engine: engineVersion, forecast_engine: engine } },
  );
}

function showForecast(row: ForecastRow): Forecast {
  const forecast = JSON.parse(row.result) as Forecast;
  const version = row.scenario_version === null ? {} : { version: row.scenario_version };
  return { id: row.id, ...forecast, scenario: { ...forecast.scenario, ...version } };
}

function summarise(row: ForecastSummaryRow): ForecastSummary {
  const { id, scenario_id, scenario_version, name, as_of, engine, inputs_digest, created_at } = row;
  return {
    id,
    scenario: { id: scenario_id, name, version: scenario_version },
    as_of,
    engine,
    inputs_digest,
    created_at,
  };
}

function findDifference(stored: string, now: string): { at: number; stored: string; now: string } {
  let at = 0;
  while (at < stored.length && stored[at] === now[at]) at++;
  const from = Math.max(0, at - 40);
  return { at, stored: stored.slice(from, at + 40), now: now.slice(from, at + 40) };
}
