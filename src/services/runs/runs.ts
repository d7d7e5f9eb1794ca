import {
  countQueuedRequests,
  endLostRun,
  findQuietRuns,
  findRun,
  insertRun,
  listLogLines,
  listRuns,
  markCancelled,
} from '../../db/runs.ts';
import type { RunError, RunProgress, RunState, RunTrigger } from '../../db/schedule-tables.ts';
import type { Db, RunRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { makeId } from '../ids.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import type { ProblemText } from '../problem-text.ts';
import { showProblem } from '../problem-text.ts';
import { Refusal, refuseUnknown } from '../refusal.ts';

export type RunView = {
  readonly id: string;
  readonly kind: string;
  readonly state: RunState;
  readonly trigger: RunTrigger;
  readonly schedule_id: string | null;
  readonly period: string | null;
  readonly attempt: number;
  readonly progress: RunProgress | null;
  readonly result: unknown;
  readonly error: RunErrorView | null;
  readonly cancel_requested: boolean;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
};

/** As a refusal would be answered, further members included. */
export type RunErrorView = {
  readonly code: string;
  readonly message: string;
  readonly errors?: readonly ProblemText[];
  readonly [member: string]: unknown;
};

export type RunDetails = RunView & {
  readonly log: readonly { readonly at: string; readonly attempt: number; readonly message: string }[];
};

export type RunRequest = {
  readonly id?: string;
  readonly kind: string;
  readonly key?: string;
  readonly trigger: RunTrigger;
  readonly schedule_id?: string;
  readonly period?: string;
  readonly input: unknown;
};

const mostQueued = 100;
const quietMs = 120_000;

/**
 * Stores a run and puts it in the queue, both in the transaction given or neither. A second run with the same id or key
 * is not made; what stands is given. Call `app.queue.wake()` after the transaction.
 */
export async function startRun(app: App, trx: Db, request: RunRequest): Promise<{ made: boolean; row: RunRow }> {
  const { id = makeId('run'), kind, key, trigger, schedule_id, period, input } = request;
  const stored = await insertRun(trx, {
    id,
    kind,
    key: key ?? null,
    state: 'queued',
    trigger,
    schedule_id: schedule_id ?? null,
    period: period ?? null,
    input: JSON.stringify(input),
    now: nowText(app),
  });
  if (stored.made) await app.queue.send(trx, stored.row.id);
  return stored;
}

/** A run somebody asked for. Throws Refusal where a hundred of those wait already. */
export async function requestRun(app: App, request: Omit<RunRequest, 'trigger'>): Promise<RunView> {
  if ((await countQueuedRequests(app.db)) >= mostQueued) {
    throw new Refusal('too-many-jobs', `${mostQueued} runs are waiting already: nothing was started.`, {
      retryAfterSeconds: 30,
    });
  }
  const { row } = await app.db.transaction().execute((trx) => startRun(app, trx, { ...request, trigger: 'request' }));
  app.queue.wake();
  return showRun(row);
}

export async function getRun(app: App, id: string): Promise<RunDetails> {
  const row = await requireRun(app, id);
  const lines = await listLogLines(app.db, id);
  return { ...showRun(row), log: lines.map(({ at, attempt, message }) => ({ at, attempt, message })) };
}

export type RunQuery = PageRequest & {
  readonly schedule_id: string | null;
  readonly period: string | null;
  readonly kind: string | null;
  readonly state: RunState | null;
};

export async function findRuns(app: App, { cursor, limit, ...filter }: RunQuery): Promise<Page<RunView>> {
  const rows = await listRuns(app.db, { ...filter, before: parseCursor(cursor, runId), limit });
  return makePage(rows, limit, ({ id }) => id, showRun);
}

/**
 * Runs that should be under way, of which nothing was heard for two minutes and which the queue does not hold, are queued
 * anew: so a restored database, or a queue that was emptied by hand, goes on. Gives how many.
 */
export async function reviveRuns(app: App): Promise<number> {
  const quiet = await findQuietRuns(app.db, new Date(app.clock().getTime() - quietMs).toISOString());
  let revived = 0;
  for (const { id } of quiet) {
    if (await markCancelled(app.db, id, nowText(app))) continue;
    if (await app.queue.holds(id)) continue;
    await app.queue.send(app.db, id);
    revived++;
  }
  if (revived > 0) app.queue.wake();
  return revived;
}

/** Ends a run that the queue gave up: its worker died at the last attempt. False where it had ended. */
export async function giveUpRun(app: App, db: Db, id: string): Promise<boolean> {
  const message = 'Its worker stopped without a word, also at the last attempt. Look into the log, then try again.';
  return endLostRun(db, id, { code: 'worker-lost', message }, nowText(app));
}

export const runId = /^run_[0-9a-z]{1,40}$/;

export function showRun(row: RunRow): RunView {
  const { id, kind, state, trigger, schedule_id, period, attempt, progress, error, created_at } = row;
  return {
    id,
    kind,
    state,
    trigger,
    schedule_id,
    period,
    attempt,
    progress,
    result: row.result === null ? null : JSON.parse(row.result),
    error: error === null ? null : showError(error),
    cancel_requested: row.cancel_requested_at !== null,
    created_at,
    started_at: row.started_at,
    ended_at: row.ended_at,
  };
}

function showError({ code, message, errors = [], members }: RunError): RunErrorView {
  return { ...members, code, message, ...(errors.length === 0 ? {} : { errors: errors.map(showProblem) }) };
}

export async function requireRun(app: App, id: string): Promise<RunRow> {
  const row = await findRun(app.db, id);
  if (row === undefined) throw refuseUnknown('run', id);
  return row;
}
