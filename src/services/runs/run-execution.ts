import { claimRun, endAttempt, findRun, insertLogLine, markCancelled, noteProgress } from '../../db/runs.ts';
import type { RunError, RunProgress } from '../../db/schedule-tables.ts';
import type { Db, RunRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { findOutage } from '../outage.ts';
import { sayReasons } from '../problem-text.ts';
import { Refusal } from '../refusal.ts';
import { giveUpRun } from './runs.ts';

/** What a job sees of its run. */
export type RunContext = {
  readonly run: RunRow;
  /** The id of whatever the job makes, after its kind's letters: the same at every attempt, so that it is made once. */
  readonly objectId: string;
  /** Aborts when the run is cancelled, taken by another worker, or the process stops. */
  readonly signal: AbortSignal;
  /** One line for whoever reads the run. */
  readonly log: (message: string) => Promise<void>;
  /** How far it is. Throws Stopped where the run was cancelled or is another worker's. */
  readonly progress: (progress: RunProgress) => Promise<void>;
  /**
   * Ends the run as the last step of a transaction of the job's own, for one that is long: `commit` would hold the run from
   * its first step on, and whoever cancels it would wait. The job then gives null. Throws Stopped as `progress` does, which
   * undoes the transaction.
   */
  readonly end: (trx: Db, result: object) => Promise<void>;
};

export type JobOutcome = {
  /** What the run shows, as JSON. */
  readonly result: object;
  /** Writes what the job brings in the transaction that ends the run: both are there, once, or neither is. */
  readonly commit?: (trx: Db) => Promise<void>;
};

/**
 * One kind of run. `work` may be started several times for a run, also at the same time after a long pause of a worker;
 * only one attempt is ever committed. What it stores itself must bear being stored twice.
 */
export type Job = Hooks & {
  readonly work: (app: App, input: unknown, context: RunContext) => Promise<JobOutcome | null>;
};

/** What a kind of run keeps in its own tables beside the run. */
export type Hooks = {
  /** Notes that the run has failed for good or was cancelled, in the transaction that ends it. */
  readonly failed?: (app: App, trx: Db, run: RunRow, error: RunError) => Promise<void>;
  /** Notes that a run which had failed is queued again. */
  readonly retried?: (app: App, trx: Db, run: RunRow) => Promise<void>;
};

export const cancelled: RunError = { code: 'cancelled', message: 'It was cancelled.' };

/** Why a run failed, for people who see nothing else of it: what is wrong, not how many things are. */
export function reasonOf({ message, errors = [] }: RunError): string {
  return sayReasons(
    message,
    errors.map((error) => error.message),
  );
}

const watchMs = 2_000;

export type Jobs = Readonly<Record<string, Job>>;

/** Thrown into a job whose run goes on without it. */
export class Stopped extends Error {
  constructor() {
    super('The run was cancelled, or another worker has it.');
    this.name = 'Stopped';
  }
}

/**
 * One attempt at a run: takes it, does its job, and ends it in one transaction with what the job brings. Throws where it
 * is worth trying again, which a queue then does; an error that would come again ends the run at once.
 */
export async function executeRun(
  app: App,
  jobs: Jobs,
  id: string,
  { isLast, signal }: { readonly isLast: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const run = await claimRun(app.db, id, nowText(app));
  if (run === undefined) {
    await endCancelled(app, jobs, id);
    return;
  }
  const job = jobs[run.kind];
  const { context, isStopped, release } = watch(app, run, signal);
  try {
    if (job === undefined) throw new Refusal('validation-failed', `This version knows no job "${run.kind}".`);
    const outcome = await job.work(app, JSON.parse(run.input), context);
    if (outcome !== null) await endWith(app, run, outcome);
    app.queue.wake();
  } catch (error) {
    if (error instanceof Stopped || isStopped()) {
      await endCancelled(app, jobs, id);
      return;
    }
    await noteFailure(app, run, job, error, isLast || !isWorthRetrying(error), signal.aborted);
    if (!isLast && isWorthRetrying(error)) throw error;
  } finally {
    release();
  }
}

/** Ends a run whose last worker died without a word. */
export async function loseRun(app: App, jobs: Jobs, id: string): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    if (!(await giveUpRun(app, trx, id))) return;
    const run = await findRun(trx, id);
    if (run?.error) await jobs[run.kind]?.failed?.(app, trx, run, run.error);
  });
}

/** Ends a run that was asked to stop; nothing where it is another worker's now. */
export async function endCancelled(app: App, hooks: Readonly<Record<string, Hooks>>, id: string): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    if (!(await markCancelled(trx, id, nowText(app)))) return;
    const run = await findRun(trx, id);
    if (run !== undefined) await hooks[run.kind]?.failed?.(app, trx, run, cancelled);
  });
}

async function endWith(app: App, run: RunRow, { result, commit }: JobOutcome): Promise<void> {
  await app.db.transaction().execute(async (trx) => {
    await endWell(app, trx, run, result);
    await commit?.(trx);
  });
}

async function endWell(app: App, trx: Db, { id, attempt }: RunRow, result: object): Promise<void> {
  const end = { id, attempt, state: 'succeeded' as const, error: null, now: nowText(app) };
  if (!(await endAttempt(trx, { ...end, result: JSON.stringify(result) }))) throw new Stopped();
}

async function noteFailure(
  app: App,
  run: RunRow,
  job: Job | undefined,
  cause: unknown,
  isFinal: boolean,
  isStopping: boolean,
): Promise<void> {
  const error = describeError(cause);
  if (error.code === 'internal') {
    const stack = cause instanceof Error ? cause.stack : String(cause);
    app.log.error({ run: run.id, kind: run.kind, attempt: run.attempt, stack }, 'a run failed');
  }
  const now = nowText(app);
  const state = isFinal ? ('failed' as const) : ('queued' as const);
  await app.db.transaction().execute(async (trx) => {
    if (!(await endAttempt(trx, { id: run.id, attempt: run.attempt, state, result: null, error, now }))) return;
    const what = isStopping
      ? 'Given back: this process stops.'
      : `${isFinal ? 'Failed' : 'Will be tried again'}: ${error.message}`;
    await insertLogLine(trx, { run_id: run.id, attempt: run.attempt, at: now, message: what });
    if (isFinal) await job?.failed?.(app, trx, run, error);
  });
}

/** A run at work: asks now and then whether it should go on, which tells others too that somebody is at it. */
function watch(
  app: App,
  run: RunRow,
  outer: AbortSignal,
): { readonly context: RunContext; readonly isStopped: () => boolean; readonly release: () => void } {
  const given = new AbortController();
  const note = async (progress: RunProgress | null): Promise<void> => {
    if (await noteProgress(app.db, run.id, run.attempt, progress, nowText(app))) return;
    const stopped = new Stopped();
    given.abort(stopped);
    throw stopped;
  };
  // An answer that does not come says nothing of the run.
  const timer = setInterval(() => void note(null).catch(() => {}), watchMs);
  timer.unref();
  const context: RunContext = {
    run,
    objectId: run.id.slice('run_'.length),
    signal: AbortSignal.any([outer, given.signal]),
    log: async (message) => {
      const line = { run_id: run.id, attempt: run.attempt, at: nowText(app), message: message.slice(0, 2_000) };
      await insertLogLine(app.db, line);
      await note(null);
    },
    progress: note,
    end: (trx, result) => endWell(app, trx, run, result),
  };
  return { context, isStopped: () => given.signal.aborted, release: () => clearInterval(timer) };
}

/** Refusals that the same run would meet again, however often it is tried. */
const transient = new Set(['unavailable', 'too-many-jobs', 'out-of-space', 'rate-limited', 'internal']);

function isWorthRetrying(error: unknown): boolean {
  return !(error instanceof Refusal) || transient.has(error.code);
}

function describeError(error: unknown): RunError {
  const refusal = error instanceof Refusal ? error : findOutage(error);
  if (refusal === null)
    return { code: 'internal', message: 'Something broke on our side; the log has the cause under the id of the run.' };
  const { code, message, errors, members } = refusal;
  return {
    code,
    message,
    ...(errors.length === 0 ? {} : { errors }),
    ...(Object.keys(members).length === 0 ? {} : { members }),
  };
}
