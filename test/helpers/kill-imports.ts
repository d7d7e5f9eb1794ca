import { setTimeout } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { BillSummary } from '../../src/services/bills/bills.ts';
import type { RunDetails, RunView } from '../../src/services/runs/runs.ts';
import { startProcess } from './process.ts';

const header =
  'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceProviderName,BillingAccountId,SkuId';
const days = '2026-10-01T00:00:00Z,2026-10-02T00:00:00Z';
const count = 20_000;
/** Between two looks at the run, so that the service has its turn. */
const betweenMs = 50;

/**
 * Kills the service as often while it imports a file, each time further on in its work, and starts it again. What was
 * acknowledged with 202 is stored in the end, whole and once; before that nothing of it is. Gives how often it died at work.
 */
export async function killWhileImporting(DATA_DIR: string, kills: number): Promise<number> {
  const settings = { DATA_DIR, LOG_LEVEL: 'warn', MIN_FREE_MB: '1', RATE_READ: '1000000' };
  let service = startProcess(settings);
  let url = await service.ready;
  const { id } = await send(url);
  let died = 0;
  for (let kill = 1; kill <= kills; kill++) {
    if ((await reach(url, id, kill)).ended_at !== null) break;
    service.kill('SIGKILL');
    expect(await service.ended).toMatchObject({ signal: 'SIGKILL' });
    died++;
    service = startProcess(settings);
    url = await service.ready;
    const { state } = await read<RunDetails>(`${url}/v1/runs/${id}`);
    expect((await billsOf(url)).length).toBe(state === 'succeeded' ? 1 : 0);
  }
  let run: RunDetails;
  do {
    await setTimeout(betweenMs);
    run = await read<RunDetails>(`${url}/v1/runs/${id}`);
  } while (run.ended_at === null);
  expect(run).toMatchObject({ state: 'succeeded', result: { stored: true } });
  expect(await billsOf(url)).toMatchObject([{ lines: count, billed: String(count / 100) }]);
  service.kill('SIGTERM');
  expect(await service.ended).toMatchObject({ code: 0 });
  return died;
}

async function send(url: string): Promise<RunView> {
  const lines = Array.from({ length: count }, (_, i) => `0.01,USD,Usage,${days},ACME,acct,sku-${i}`);
  const response = await fetch(`${url}/v1/bills`, {
    method: 'POST',
    body: `${[header, ...lines].join('\n')}\n`,
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': 'once', Prefer: 'respond-async' },
  });
  expect(response.status).toBe(202);
  return (await response.json()) as RunView;
}

/** Waits until a worker has begun an attempt, and for some answers more: each attempt comes further than the one before. */
async function reach(url: string, id: string, attempt: number): Promise<RunDetails> {
  for (let left = 3 * attempt; ; ) {
    const run = await read<RunDetails>(`${url}/v1/runs/${id}`);
    if (run.ended_at !== null || (run.attempt >= attempt && left-- === 0)) return run;
    await setTimeout(betweenMs);
  }
}

async function billsOf(url: string): Promise<readonly BillSummary[]> {
  return (await read<{ data: readonly BillSummary[] }>(`${url}/v1/bills`)).data;
}

async function read<T>(address: string): Promise<T> {
  return (await (await fetch(address)).json()) as T;
}
