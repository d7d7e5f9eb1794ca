import { join } from 'node:path';
import { Piscina } from 'piscina';
import type {
  CheckOutcome,
  ExplainOutcome,
  ExplainTask,
  ForecastOutcome,
  ForecastTask,
  RerunTask,
  WorkbookTask,
} from './tasks.ts';

/** Calculation off the event loop. Each call may throw TooManyJobs or TooExpensive. */
export type Compute = {
  readonly check: (task: ForecastTask, signal?: AbortSignal) => Promise<CheckOutcome>;
  readonly forecast: (task: ForecastTask, signal?: AbortSignal) => Promise<ForecastOutcome>;
  readonly rerun: (task: RerunTask, signal?: AbortSignal) => Promise<ForecastOutcome>;
  readonly explain: (task: ExplainTask, signal?: AbortSignal) => Promise<ExplainOutcome>;
  readonly workbook: (task: WorkbookTask, signal?: AbortSignal) => Promise<Uint8Array>;
  readonly queued: () => number;
  readonly running: () => number;
  readonly close: () => Promise<void>;
};

export type PoolOptions = {
  readonly workers: number;
  /** Wall time of one task, waiting in the queue not counted. */
  readonly timeoutMs: number;
  readonly heapMb: number;
  readonly maxQueue: number;
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
  readonly run: <Outcome>(name: string, task: unknown, signal?: AbortSignal) => Promise<Outcome>;
  readonly queued: () => number;
  readonly running: () => number;
  readonly close: () => Promise<void>;
};

/** Starts the worker threads and lets them load the models before the first request comes. */
export function openCompute(options: PoolOptions): Compute {
  const { run, ...pool } = openTaskPool(join(import.meta.dirname, 'forecast-task.ts'), options);
  return {
    check: (task, signal) => run('check', task, signal),
    forecast: (task, signal) => run('forecast', task, signal),
    rerun: (task, signal) => run('rerun', task, signal),
    explain: (task, signal) => run('explain', task, signal),
    workbook: (task, signal) => run('workbook', task, signal),
    ...pool,
  };
}

/**
 * Runs the exported functions of one file in worker threads, in order of arrival. The queue is our own, because a task's
 * time limit must start when the task does, not when it joins the queue.
 */
export function openTaskPool(filename: string, { workers, timeoutMs, heapMb, maxQueue }: PoolOptions): TaskPool {
  const piscina = new Piscina({
    filename,
    minThreads: workers,
    maxThreads: workers,
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

  async function run<Outcome>(name: string, task: unknown, signal?: AbortSignal): Promise<Outcome> {
    if (signal?.aborted === true) throw new Abandoned();
    await takeTurn(signal);
    const began = performance.now();
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMs);
    try {
      return (await piscina.run(task, { name, signal: timeout.signal })) as Outcome;
    } catch (cause) {
      if (timeout.signal.aborted) throw new TooExpensive(`${timeoutMs / 1000} s`, { cause });
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
