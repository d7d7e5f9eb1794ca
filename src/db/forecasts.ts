import type { Db, ForecastRow, NewForecast } from './tables.ts';
import { workspace } from './workspace.ts';

/** A forecast without its long texts. */
export type ForecastSummaryRow = Omit<ForecastRow, 'result' | 'inputs'>;

const summary = [
  'workspace_id',
  'id',
  'scenario_id',
  'scenario_version',
  'name',
  'as_of',
  'engine',
  'inputs_digest',
  'created_at',
] as const;

/** Stores a forecast once; one that is there already under the id is left as it is. */
export async function insertForecast(db: Db, forecast: Omit<NewForecast, 'workspace_id'>): Promise<void> {
  await db
    .insertInto('forecasts')
    .values({ ...forecast, workspace_id: workspace })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doNothing())
    .execute();
}

export async function findForecast(db: Db, id: string): Promise<ForecastRow | undefined> {
  return db
    .selectFrom('forecasts')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .executeTakeFirst();
}

/** The first forecast of a scenario: its month 1 is where a scenario that names no start is anchored. */
export async function findFirstForecast(db: Db, scenario_id: string): Promise<ForecastRow | undefined> {
  return db
    .selectFrom('forecasts')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('scenario_id', '=', scenario_id)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

export type ForecastFilter = {
  readonly scenario_id: string | null;
  /** Rows with a smaller id, that is older ones. */
  readonly before: string | null;
  readonly limit: number;
};

/** Newest first, one more than `limit` where there is more. */
export async function listForecasts(
  db: Db,
  { scenario_id, before, limit }: ForecastFilter,
): Promise<ForecastSummaryRow[]> {
  return db
    .selectFrom('forecasts')
    .select(summary)
    .where('workspace_id', '=', workspace)
    .$if(scenario_id !== null, (query) => query.where('scenario_id', '=', scenario_id))
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}
