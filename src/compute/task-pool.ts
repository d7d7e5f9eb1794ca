import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';

export type PoolOptions = {
  readonly workers: number;
  /** Wall time of one task, waiting in the queue not counted. */
  readonly timeoutMs: number;
  readonly heapMb: number;
  readonly maxQueue: number;
  /** Threads start with their first task and end when idle so long; left out, they stay. */
  readonly idleSeconds?: number;
};

/** The queue is full: the same request works in about `retryAfterSeconds`. */
export class TooManyJobs extends Error {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('The queue of calculations is full.');
    this.name = 'TooManyJobs';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A task passed its time or its memory; its worker was replaced. `limit` is the one it passed, with its unit. */
export class TooExpensive extends Error {
  readonly limit: string;

  constructor(limit: string, options?: ErrorOptions) {
    super(`The calculation needs more than ${limit}.`, options);
    this.name = 'TooExpensive';
    this.limit = limit;
  }
}

/** The client went away before its task was done. */
export class Abandoned extends Error {
  constructor() {
    super('The request was given up by its client.');
    this.name = 'Abandoned';
  }
}

export type TaskPool = {
  /** `special` where a task needs another time than the pool gives, hands over ports, or ends when its client goes. */
  readonly run: <Outcome>(name: string, task: unknown, signal?: AbortSignal, special?: SpecialTask) => Promise<Outcome>;
  readonly queued: () => number;
  readonly running: () => number;
  readonly close: () => Promise<void>;
};

export type SpecialTask = {
  readonly timeoutMs: number;
  readonly transfer: readonly MessagePort[];
  readonly stopsWithClient: boolean;
};

/**
 * Runs the exported functions of one file in worker threads, in order of arrival. The queue is our own, because a task's
 * time limit must start when the task does, not when it joins the queue.
 */
export function openTaskPool(filename: string, options: PoolOptions): TaskPool {
  const { workers, timeoutMs, heapMb, maxQueue, idleSeconds } = options;
  const piscina = new Piscina({
    filename,
    minThreads: idleSeconds === undefined ? workers : 0,
    maxThreads: workers,
    idleTimeout: idleSeconds === undefined ? 0 : idleSeconds * 1000,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  // A worker that dies between tasks is replaced by the pool; the task's own promise tells of one that dies within.
  piscina.on('error', () => {});

  const waiting: (() => void)[] = [];
  let running = 0;
  let meanSeconds = 1;

  async function takeTurn(signal: AbortSignal | undefined): Promise<void> {
    if (running < workers) {
      running++;
      return;
    }
    if (waiting.length >= maxQueue) throw new TooManyJobs(Math.ceil(((waiting.length + 1) * meanSeconds) / workers));
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(new Abandoned());
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(start);
    });
  }

  /** The turn passes straight to the next in line, so that nobody can step in between. */
  function passTurn(): void {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }

  async function run<Outcome>(
    name: string,
    task: unknown,
    signal?: AbortSignal,
    special?: SpecialTask,
  ): Promise<Outcome> {
    if (signal?.aborted === true) throw new Abandoned();
    await takeTurn(signal);
    const began = performance.now();
    const timeout = new AbortController();
    const allowedMs = special?.timeoutMs ?? timeoutMs;
    const timer = setTimeout(() => timeout.abort(), allowedMs);
    const stop =
      special?.stopsWithClient === true && signal !== undefined
        ? AbortSignal.any([timeout.signal, signal])
        : timeout.signal;
    try {
      return (await piscina.run(task, { name, signal: stop, transferList: [...(special?.transfer ?? [])] })) as Outcome;
    } catch (cause) {
      if (timeout.signal.aborted) throw new TooExpensive(`${allowedMs / 1000} s`, { cause });
      if (stop.aborted) throw new Abandoned();
      if ((cause as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY')
        throw new TooExpensive(`${heapMb} MB`, { cause });
      throw cause;
    } finally {
      clearTimeout(timer);
      meanSeconds = 0.8 * meanSeconds + 0.2 * ((performance.now() - began) / 1000);
      passTurn();
    }
  }

  return {
    run,
    queued: () => waiting.length,
    running: () => running,
    close: () => piscina.destroy(),
  };
}
