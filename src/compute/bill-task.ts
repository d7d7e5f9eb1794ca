import type { MessagePort } from 'node:worker_threads';
import type { BillOutcome, BillSource } from '../importers/bills/bill-import.ts';
import { importBill } from '../importers/bills/import-bill.ts';

/** Runs in a worker thread; the pool calls it by name. Tells how far it is at most ten times a second. */
export function readBill({ source, port }: { source: BillSource; port: MessagePort }): Promise<BillOutcome> {
  let told = 0;
  return importBill(source, (progress) => {
    const now = performance.now();
    if (now - told < 100) return;
    told = now;
    port.postMessage(progress);
  });
}
