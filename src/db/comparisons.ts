import type { ClosedMonth } from '../core/bills/track-record.ts';
import type { ComparisonRow, Db, ForecastRow } from './tables.ts';
import { workspace } from './workspace.ts';

/** A comparison without its long text. */
export type ComparisonSummaryRow = Omit<ComparisonRow, 'body'>;

/** A score whose month is settled only where it is final. */
export type NewScore = Omit<ClosedMonth, 'period'> & { readonly status: 'provisional' | 'final' };

export type NewComparison = Omit<ComparisonRow, 'workspace_id'>;

/** Stores a comparison with its scores once, within a transaction; one that is there already under the id is left as it is. */
export async function insertComparison(trx: Db, comparison: NewComparison, scores: readonly NewScore[]): Promise<void> {
  const { numInsertedOrUpdatedRows: stored } = await trx
    .insertInto('comparisons')
    .values({ ...comparison, workspace_id: workspace })
    .onConflict((conflict) => conflict.columns(['workspace_id', 'id']).doNothing())
    .executeTakeFirst();
  if (stored === 0n || scores.length === 0) return;
  await trx
    .insertInto('comparison_scores')
    .values(scores.map((score) => ({ ...score, workspace_id: workspace, comparison_id: comparison.id })))
    .execute();
}

export async function findComparison(db: Db, id: string): Promise<ComparisonRow | undefined> {
  return db
    .selectFrom('comparisons')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('id', '=', id)
    .executeTakeFirst();
}

export type ComparisonFilter = {
  readonly scenario_id: string | null;
  readonly period: string | null;
  /** Rows with a smaller id, that is older ones. */
  readonly before: string | null;
  readonly limit: number;
};

/** Newest first, one more than `limit` where there is more. */
export async function listComparisons(
  db: Db,
  { scenario_id, period, before, limit }: ComparisonFilter,
): Promise<ComparisonSummaryRow[]> {
  return db
    .selectFrom('comparisons')
    .select([
      'workspace_id',
      'id',
      'scenario_id',
      'forecast_id',
      'name',
      'period',
      'status',
      'supersedes',
      'created_at',
    ])
    .where('workspace_id', '=', workspace)
    .$if(scenario_id !== null, (query) => query.where('scenario_id', '=', scenario_id))
    .$if(period !== null, (query) => query.where('period', '=', period ?? ''))
    .$if(before !== null, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
}

/** The newest comparison of a scenario's month. */
export async function findLatestComparison(
  db: Db,
  scenario_id: string,
  period: string,
): Promise<ComparisonSummaryRow | undefined> {
  const [latest] = await listComparisons(db, { scenario_id, period, before: null, limit: 1 });
  return latest;
}

/**
 * How a scenario's months before `period` were scored, oldest first: of each month and tier the newest score, and only where
 * that is final. A comparison that scored nothing, because its forecast came too late, hides none.
 */
export async function listClosedMonths(db: Db, scenario_id: string, period: string): Promise<readonly ClosedMonth[]> {
  const rows = await db
    .selectFrom('comparisons')
    .innerJoin('comparison_scores', (join) =>
      join
        .onRef('comparison_scores.workspace_id', '=', 'comparisons.workspace_id')
        .onRef('comparison_scores.comparison_id', '=', 'comparisons.id'),
    )
    .select(['period', 'tier', 'perimeter', 'forecast', 'actual', 'hit', 'z', 'comparison_scores.status as settled'])
    .distinctOn(['period', 'tier', 'perimeter'])
    .where('comparisons.workspace_id', '=', workspace)
    .where('comparisons.scenario_id', '=', scenario_id)
    .where('comparisons.period', '<', period)
    .orderBy('period')
    .orderBy('tier')
    .orderBy('perimeter')
    .orderBy('comparisons.id', 'desc')
    .execute();
  return rows.filter(({ settled }) => settled === 'final').map(({ settled: _, ...month }) => month);
}

/** The newest comparison of each month of a scenario before `period`, where it is final, oldest month first. */
export async function listFinalComparisons(db: Db, scenario_id: string, period: string): Promise<ComparisonRow[]> {
  const rows = await db
    .selectFrom('comparisons')
    .selectAll()
    .distinctOn('period')
    .where('workspace_id', '=', workspace)
    .where('scenario_id', '=', scenario_id)
    .where('period', '<', period)
    .orderBy('period')
    .orderBy('id', 'desc')
    .execute();
  return rows.filter(({ status }) => status === 'final');
}

/** The newest forecast of a scenario that was made before an instant, with prices as known before a day (YYYY-MM-DD). */
export async function findForecastBefore(
  db: Db,
  scenario_id: string,
  { instant, day }: { readonly instant: string; readonly day: string },
): Promise<ForecastRow | undefined> {
  return db
    .selectFrom('forecasts')
    .selectAll()
    .where('workspace_id', '=', workspace)
    .where('scenario_id', '=', scenario_id)
    .where('created_at', '<', instant)
    .where('as_of', '<', day)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
}
