import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { PoolOptions, TaskPool } from '../../src/compute/task-pool.ts';
import { Abandoned, openTaskPool, TooExpensive, TooManyJobs } from '../../src/compute/task-pool.ts';

const hostileTasks = join(import.meta.dirname, '../helpers/hostile-tasks.ts');
const roomy: PoolOptions = { workers: 1, timeoutMs: 30_000, heapMb: 512, maxQueue: 100 };

describe('the task pool', () => {
  let pool: TaskPool | undefined;
  afterEach(() => pool?.close());

  function open(options: Partial<PoolOptions> = {}): TaskPool {
    pool = openTaskPool(hostileTasks, { ...roomy, ...options });
    return pool;
  }

  test('runs a task in its worker', async () => {
    expect(await open().run('double', 21)).toBe(42);
  });

  test('hands an error back to its caller and goes on', async () => {
    const { run } = open();
    await expect(run('fail', null)).rejects.toThrow(/planted/);
    expect(await run('double', 2)).toBe(4);
  });

  test('stops a task at its time limit, says which, and serves the next one', async () => {
    const { run } = open({ timeoutMs: 500 });
    await expect(run('hang', null)).rejects.toEqual(new TooExpensive('0.5 s'));
    expect(await run('double', 2)).toBe(4);
  });

  test('stops a task at its memory limit, says which, and serves the next one', async () => {
    const { run } = open({ heapMb: 64 });
    await expect(run('hoard', null)).rejects.toEqual(new TooExpensive('64 MB'));
    expect(await run('double', 2)).toBe(4);
  });

  test('takes as many as the queue holds and refuses one more with a time to come back', async () => {
    const { run, queued, running } = open({ maxQueue: 2 });
    const gate = new SharedArrayBuffer(4);
    const held = run('hold', gate);
    const queuedRuns = [run('double', 1), run('double', 2)];
    expect([running(), queued()]).toEqual([1, 2]);
    const refusal = await run('double', 3).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TooManyJobs);
    expect((refusal as TooManyJobs).retryAfterSeconds).toBeGreaterThanOrEqual(1);
    release(gate);
    expect(await Promise.all([held, ...queuedRuns])).toEqual(['released', 2, 4]);
    expect([running(), queued()]).toEqual([0, 0]);
  });

  test('drops a waiting task whose client went away', async () => {
    const { run, queued } = open();
    const gate = new SharedArrayBuffer(4);
    const held = run('hold', gate);
    const client = new AbortController();
    const waiting = run('double', 1, client.signal);
    expect(queued()).toBe(1);
    client.abort();
    await expect(waiting).rejects.toBeInstanceOf(Abandoned);
    expect(queued()).toBe(0);
    release(gate);
    expect(await held).toBe('released');
  });

  test('counts only a task’s own time, not its wait in the queue', async () => {
    const { run } = open({ timeoutMs: 700 });
    const hanging = expect(run('hang', null)).rejects.toBeInstanceOf(TooExpensive);
    expect(await run('double', 2)).toBe(4);
    await hanging;
  });
});

function release(gate: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
}
