import type { StoredScenario } from '../../db/scenarios.ts';
import {
  findScenario,
  findVersion,
  insertNextVersion,
  insertScenario,
  listScenarios,
  listVersions,
  markScenarioDeleted,
} from '../../db/scenarios.ts';
import type { ScenarioRow, ScenarioVersionRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseInput, refuseUnknown } from '../refusal.ts';
import { requireRoom } from '../storage.ts';
import { checkScenarioInput } from './calculations.ts';

export type ScenarioSummary = {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
};

/** `scenario` is as it was sent. */
export type ScenarioView = ScenarioSummary & { readonly scenario: unknown };

export type ScenarioVersionView = { readonly version: number; readonly created_at: string; readonly scenario: unknown };

/** Stores a new scenario under `id`; the same id again gives what was stored first. Throws Refusal: problems, name taken. */
export async function createScenario(app: App, id: string, scenario: unknown): Promise<ScenarioView> {
  const name = await requireValid(app, scenario);
  await requireRoom(app);
  const { taken } = await insertScenario(app.db, { id, name, body: JSON.stringify(scenario), now: nowText(app) });
  if (taken !== null && taken !== id) throw refuseName(name, taken);
  return getScenario(app, id);
}

export async function getScenario(app: App, id: string): Promise<ScenarioView> {
  return showScenario(await requireScenario(app, id));
}

/**
 * Stores the next version where `isExpected` accepts the current one. A scenario that says the same, letter by letter,
 * makes no new version. Throws Refusal: problems, changed meanwhile, name taken.
 */
export async function replaceScenario(
  app: App,
  id: string,
  scenario: unknown,
  isExpected: (version: number) => boolean,
): Promise<ScenarioView> {
  const current = await requireScenario(app, id);
  if (!isExpected(current.version)) throw refuseVersion(current);
  const name = await requireValid(app, scenario);
  const body = JSON.stringify(scenario);
  if (body === current.body) return showScenario(current);
  await requireRoom(app);
  const change = { id, name, body, now: nowText(app), expected: current.version };
  const stored = await insertNextVersion(app.db, change);
  if (stored.outcome === 'name-taken') throw refuseName(name, stored.by);
  const now = await requireScenario(app, id);
  if (stored.outcome === 'changed-meanwhile') throw refuseVersion(now);
  return showScenario(now);
}

/** Hides a scenario. Its forecasts stay readable. */
export async function deleteScenario(app: App, id: string, isExpected: (version: number) => boolean): Promise<void> {
  const current = await requireScenario(app, id);
  if (!isExpected(current.version)) throw refuseVersion(current);
  if (!(await markScenarioDeleted(app.db, id, current.version, nowText(app))))
    throw refuseVersion(await requireScenario(app, id));
}

export async function findScenarios(
  app: App,
  {
    cursor,
    limit,
    q,
    updated_since,
  }: PageRequest & { readonly q: string | null; readonly updated_since: string | null },
): Promise<Page<ScenarioSummary>> {
  const before = parseCursor(cursor, scenarioId);
  const rows = await listScenarios(app.db, { q, updated_since, before, limit });
  return makePage(rows, limit, ({ id }) => id, summarise);
}

export async function findScenarioVersions(
  app: App,
  id: string,
  { cursor, limit }: PageRequest,
): Promise<Page<ScenarioVersionView>> {
  await requireScenario(app, id);
  const before = parseCursor(cursor, /^[1-9]\d{0,8}$/);
  const rows = await listVersions(app.db, id, before === null ? null : Number(before), limit);
  return makePage(rows, limit, ({ version }) => String(version), showVersion);
}

export async function getScenarioVersion(app: App, id: string, version: number): Promise<ScenarioVersionView> {
  await requireScenario(app, id);
  const row = await findVersion(app.db, id, version);
  if (row === undefined) throw refuseUnknown('version', `${version} of ${id}`);
  return showVersion(row);
}

export const scenarioId = /^sc_[0-9a-z]{1,40}$/;

/** Strong: the version names the text. */
export function scenarioEtag({ id, version }: { id: string; version: number }): string {
  return `"${id}-${version}"`;
}

async function requireScenario(app: App, id: string): Promise<StoredScenario> {
  const row = await findScenario(app.db, id);
  if (row === undefined) throw refuseUnknown('scenario', id);
  return row;
}

async function requireValid(app: App, scenario: unknown): Promise<string> {
  const checked = await checkScenarioInput(app, scenario);
  if (!checked.ok) throw refuseInput(checked.problems);
  return checked.name.toWellFormed();
}

function refuseName(name: string, taken: string): Refusal {
  return new Refusal(
    'conflict',
    `There is a scenario named "${name}" already: change that one, or choose another name.`,
    {
      members: { existing: `/v1/scenarios/${taken}` },
    },
  );
}

function refuseVersion(current: { id: string; version: number }): Refusal {
  return new Refusal(
    'version-mismatch',
    `The scenario is at version ${current.version} now: read it again before changing it.`,
    {
      members: { current_etag: scenarioEtag(current) },
    },
  );
}

function summarise({ id, name, version, created_at, updated_at }: ScenarioRow): ScenarioSummary {
  return { id, name, version, created_at, updated_at };
}

function showScenario(row: StoredScenario): ScenarioView {
  return { ...summarise(row), scenario: JSON.parse(row.body) };
}

function showVersion({ version, created_at, body }: ScenarioVersionRow): ScenarioVersionView {
  return { version, created_at, scenario: JSON.parse(body) };
}
