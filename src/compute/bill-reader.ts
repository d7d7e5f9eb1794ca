import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { BillOutcome, BillProgress, BillSource } from '../importers/bills/bill-import.ts';
import { openTaskPool } from './task-pool.ts';

/** Reads bills off the event loop, one at a time. May throw TooManyJobs, TooExpensive or Abandoned. */
export type BillReader = {
  readonly read: (
    source: BillSource,
    signal?: AbortSignal,
    onProgress?: (progress: BillProgress) => void,
  ) => Promise<BillOutcome>;
  readonly queued: () => number;
  readonly running: () => number;
  readonly close: () => Promise<void>;
};

const leastSeconds = 60;
/** A fiftieth of what was measured, for slower and busier machines and files that are read twice. */
const bytesPerSecond = 256 * 1024;

/**
 * One worker thread with a heap of 256 MB, started with the first bill. A file has a minute, and four seconds more for each
 * megabyte.
 */
export function openBillReader(heapMb = 256): BillReader {
  const pool = openTaskPool(join(import.meta.dirname, 'bill-task.ts'), {
    workers: 1,
    timeoutMs: leastSeconds * 1000,
    heapMb,
    maxQueue: 20,
    idleSeconds: 60,
  });
  return {
    read: async (source, signal, onProgress = () => {}) => {
      const { size } = await stat(source.path);
      const { port1, port2 } = new MessageChannel();
      port1.on('message', onProgress);
      const timeoutMs = 1000 * (leastSeconds + Math.ceil(size / bytesPerSecond));
      try {
        const special = { timeoutMs, transfer: [port2], stopsWithClient: true };
        return await pool.run<BillOutcome>('readBill', { source, port: port2 }, signal, special);
      } catch (cause) {
        // A thread that was stopped could not tidy up.
        if (source.linesPath !== null) await rm(source.linesPath, { force: true });
        throw cause;
      } finally {
        port1.close();
      }
    },
    queued: pool.queued,
    running: pool.running,
    close: pool.close,
  };
}
