import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { startWorker } from '../../../src/jobs/worker.ts';
import { Refusal } from '../../../src/services/refusal.ts';
import { cancelRun, retryRun } from '../../../src/services/runs/run-control.ts';
import type { Job, RunContext } from '../../../src/services/runs/run-execution.ts';
import { executeRun, loseRun } from '../../../src/services/runs/run-execution.ts';
import { findRuns, getRun, requestRun, reviveRuns, startRun } from '../../../src/services/runs/runs.ts';
import type { TestScheduler } from '../../helpers/scheduling.ts';
import { openScheduler } from '../../helpers/scheduling.ts';

const attempt = { isLast: false, signal: new AbortController().signal };

/** The same promises on both databases. */
describe.each(['embedded', 'postgres'] as const)('a run on the %s database', (kind) => {
  let scheduler: TestScheduler;
  beforeAll(async () => {
    scheduler = await openScheduler(kind);
  });
  afterAll(() => scheduler.close());

  const jobOf = (
    work: (context: RunContext) => Promise<object>,
    commit: Job['failed'] | null = null,
  ): Record<string, Job> => ({
    test: {
      work: async (_app, _input, context) => ({ result: await work(context) }),
      ...(commit === null ? {} : { failed: commit }),
    },
  });
  const request = () => requestRun(scheduler.app, { kind: 'test', input: {} });

  test('shows its progress, its log and what it brought', async () => {
    const { id } = await request();
    const jobs = jobOf(async ({ progress, log, objectId }) => {
      await progress({ done: 3, total: 10, unit: 'pages' });
      await log('Read three pages.');
      expect((await getRun(scheduler.app, id)).progress).toEqual({ done: 3, total: 10, unit: 'pages' });
      return { made: `x_${objectId}` };
    });
    await executeRun(scheduler.app, jobs, id, attempt);
    expect(await getRun(scheduler.app, id)).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      result: { made: id.replace('run_', 'x_') },
      error: null,
      log: [{ attempt: 1, message: 'Read three pages.' }],
    });
  });

  test('is not done again when the queue delivers it twice', async () => {
    const { id } = await request();
    let done = 0;
    const jobs = jobOf(async () => ({ done: ++done }));
    await executeRun(scheduler.app, jobs, id, attempt);
    await executeRun(scheduler.app, jobs, id, attempt);
    expect(done).toBe(1);
  });

  test('is ended by the worker that took it last; one that was thought dead commits nothing', async () => {
    const { id } = await request();
    let wake = (): void => {};
    const asleep = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const committed: string[] = [];
    const jobBy = (who: string, wait: Promise<void>): Record<string, Job> => ({
      test: {
        work: async () => {
          await wait;
          return { result: { by: who }, commit: async () => void committed.push(who) };
        },
      },
    });
    const first = executeRun(scheduler.app, jobBy('first', asleep), id, attempt);
    while ((await getRun(scheduler.app, id)).attempt < 1);
    await executeRun(scheduler.app, jobBy('second', Promise.resolve()), id, attempt);
    wake();
    await first;
    expect(committed).toEqual(['second']);
    expect(await getRun(scheduler.app, id)).toMatchObject({ state: 'succeeded', attempt: 2, result: { by: 'second' } });
  });

  test('keeps nothing of a job whose last write fails', async () => {
    const { id } = await request();
    const jobs: Record<string, Job> = {
      test: {
        work: async (app) => ({
          result: {},
          commit: async (trx) => {
            await startRun(app, trx, { kind: 'test', key: `half-${kind}`, trigger: 'request', input: {} });
            throw new Error('the last write failed');
          },
        }),
      },
    };
    await expect(executeRun(scheduler.app, jobs, id, attempt)).rejects.toThrow('the last write failed');
    expect(await getRun(scheduler.app, id)).toMatchObject({ state: 'queued', error: { code: 'internal' } });
    const { data } = await findRuns(scheduler.app, {
      cursor: null,
      limit: 200,
      schedule_id: null,
      period: null,
      kind: 'test',
      state: 'queued',
    });
    expect(data.map((run) => run.id)).toEqual([id]);
    await cancelRun(scheduler.app, id);
  });

  test('is tried again after what may pass, and ends at once after what will not', async () => {
    const passing = await request();
    const failed: string[] = [];
    const away = jobOf(
      async () => {
        throw new Error('away');
      },
      async (_app, _trx, run, error) => void failed.push(`${run.id} ${error.code}`),
    );
    await expect(executeRun(scheduler.app, away, passing.id, attempt)).rejects.toThrow('away');
    expect(await getRun(scheduler.app, passing.id)).toMatchObject({ state: 'queued', attempt: 1 });
    await executeRun(scheduler.app, away, passing.id, { ...attempt, isLast: true });
    expect(await getRun(scheduler.app, passing.id)).toMatchObject({
      state: 'failed',
      attempt: 2,
      error: { code: 'internal' },
    });
    const wrong = await request();
    const refused = jobOf(
      async () => {
        throw new Refusal('validation-failed', 'No such thing.', {
          errors: [{ code: 'c', pointer: '/p', message: 'm' }],
        });
      },
      async (_app, _trx, run, error) => void failed.push(`${run.id} ${error.code}`),
    );
    await executeRun(scheduler.app, refused, wrong.id, attempt);
    expect(await getRun(scheduler.app, wrong.id)).toMatchObject({
      state: 'failed',
      error: {
        code: 'validation-failed',
        message: 'No such thing.',
        errors: [{ code: 'c', pointer: '/p', detail: 'm' }],
      },
    });
    expect(failed).toEqual([`${passing.id} internal`, `${wrong.id} validation-failed`]);
    const stack = JSON.stringify(await getRun(scheduler.app, passing.id));
    expect(stack).not.toContain('away');
  });

  test('can be cancelled while it waits and while it works, and tried again then', async () => {
    const waiting = await request();
    expect(await cancelRun(scheduler.app, waiting.id)).toMatchObject({ state: 'cancelled' });
    await executeRun(
      scheduler.app,
      jobOf(async () => ({})),
      waiting.id,
      attempt,
    );
    expect(await getRun(scheduler.app, waiting.id)).toMatchObject({ state: 'cancelled', attempt: 0 });

    const working = await request();
    const jobs = jobOf(async ({ progress, signal }) => {
      await cancelRun(scheduler.app, working.id);
      await progress({ done: 1, total: null, unit: 'lines' }).catch(() => {});
      expect(signal.aborted).toBe(true);
      return {};
    });
    await executeRun(scheduler.app, jobs, working.id, attempt);
    expect(await getRun(scheduler.app, working.id)).toMatchObject({ state: 'cancelled', result: null, attempt: 1 });
    await expect(cancelRun(scheduler.app, working.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await retryRun(scheduler.app, working.id)).toMatchObject({ state: 'queued', error: null });
    await executeRun(
      scheduler.app,
      jobOf(async () => ({ ok: true })),
      working.id,
      attempt,
    );
    expect(await getRun(scheduler.app, working.id)).toMatchObject({
      state: 'succeeded',
      attempt: 2,
      result: { ok: true },
    });
    await expect(retryRun(scheduler.app, working.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('that this version knows no job for fails with the reason', async () => {
    const { id } = await requestRun(scheduler.app, { kind: 'from-the-future', input: {} });
    await executeRun(scheduler.app, {}, id, attempt);
    expect(await getRun(scheduler.app, id)).toMatchObject({
      state: 'failed',
      error: { message: expect.stringContaining('from-the-future') },
    });
  });

  test('whose worker died at the last attempt says so', async () => {
    const { id } = await request();
    await loseRun(scheduler.app, {}, id);
    expect(await getRun(scheduler.app, id)).toMatchObject({ state: 'failed', error: { code: 'worker-lost' } });
  });

  test('is in the queue if and only if it is stored, and comes back when the queue lost it', async () => {
    const { app } = scheduler;
    const gone = app.db.transaction().execute(async (trx) => {
      await startRun(app, trx, { id: `run_${kind}rolledback`, kind: 'test', trigger: 'request', input: {} });
      throw new Error('rolled back');
    });
    await expect(gone).rejects.toThrow('rolled back');
    expect(await app.queue.holds(`run_${kind}rolledback`)).toBe(false);
    await expect(getRun(app, `run_${kind}rolledback`)).rejects.toMatchObject({ code: 'not-found' });

    const { id } = await request();
    expect(await app.queue.holds(id)).toBe(true);
    await sql`delete from jobs.job where data->>'run' = ${id}`.execute(app.db);
    expect(await app.queue.holds(id)).toBe(false);
    expect(await reviveRuns(app)).toBe(0);
    scheduler.setNow('2026-11-22T12:02:01.000Z');
    expect(await reviveRuns(app)).toBe(1);
    expect(await app.queue.holds(id)).toBe(true);
    expect(await reviveRuns(app)).toBe(0);
    scheduler.setNow('2026-11-22T12:00:00.000Z');
  });

  test('is refused where a hundred wait already', async () => {
    const waiting = [];
    for (;;) {
      const outcome = await request().catch((error: unknown) => error);
      if (outcome instanceof Refusal) {
        expect(outcome).toMatchObject({ code: 'too-many-jobs', retryAfterSeconds: 30 });
        break;
      }
      waiting.push(outcome);
    }
    expect(waiting.length).toBeGreaterThan(50);
    expect(waiting.length).toBeLessThanOrEqual(100);
  });

  // Last: from here on a worker takes what waits.
  test('is taken by a worker, which also starts what is due', async () => {
    const { app } = scheduler;
    const done = new Set<string>();
    const worker = await startWorker(
      app,
      jobOf(async ({ run }) => {
        done.add(run.id);
        return {};
      }),
      { concurrency: 4, tickMs: 60_000 },
    );
    const isEmpty = async () => (await scheduler.runs({ state: 'queued' })).length === 0;
    while (!(await isEmpty())) app.queue.wake();
    worker.stop();
    expect(done.size).toBeGreaterThan(50);
  });
});
