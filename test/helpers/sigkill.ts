import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { smallScenario } from './app.ts';
import { startProcess } from './process.ts';

/** A write that was answered 2xx, and what has to be found of it ever after. */
type Acknowledged = { readonly kind: Kind; readonly id: string; readonly name: string };

const kinds = ['scenarios', 'bills', 'forecasts'] as const;
type Kind = (typeof kinds)[number];

/**
 * Kills the service `kills` times in the middle of a stream of writes and starts it again. Every write that was answered
 * 2xx is there after each start, whole, and nothing half-written is: scenarios, bills of thirty lines in five tables, and
 * forecasts. Gives how many were acknowledged.
 */
export async function killAgainAndAgain(DATA_DIR: string, kills: number): Promise<number> {
  const settings = { DATA_DIR, LOG_LEVEL: 'warn', MIN_FREE_MB: '1' };
  const journal: Acknowledged[] = [];
  const seen = new Set<string>();
  for (let kill = 1; kill <= kills; kill++) {
    const service = startProcess(settings);
    const url = await service.ready;
    await expectAll(url, journal, seen);
    const before = journal.length;
    const writers = [1, 2, 3, 4].map((writer) => write(url, journal, `${kill}-${writer}`));
    // Not by the clock: the kill falls wherever the fifth to 24th acknowledgement of this round finds the others.
    const enough = before + 5 + ((kill * 7) % 20);
    const reached = async (): Promise<void> => {
      while (journal.length < enough && !stopped) await new Promise((resolve) => setImmediate(resolve));
    };
    let stopped = false;
    await Promise.race([reached(), Promise.all(writers)]).finally(() => {
      stopped = true;
    });
    service.kill('SIGKILL');
    expect(await service.ended).toMatchObject({ signal: 'SIGKILL' });
    await Promise.all(writers);
  }
  const last = startProcess(settings);
  await expectAll(await last.ready, journal, new Set());
  last.kill('SIGTERM');
  expect(await last.ended).toMatchObject({ code: 0 });
  return journal.length;
}

async function write(url: string, journal: Acknowledged[], writer: string): Promise<void> {
  for (let n = 0; ; n++) {
    const kind = kinds[n % kinds.length] ?? 'scenarios';
    const name = `${writer}-${n}`;
    const answer = await send(url, kind, name);
    // Killed in the middle: whether it was stored nobody was told.
    if (answer === null) return;
    expect(answer).toMatchObject({ status: 201 });
    journal.push({ kind, id: answer.body.bills?.[0]?.id ?? answer.body.id, name });
  }
}

type Answer = {
  readonly status: number;
  readonly body: { readonly id: string; readonly bills?: readonly { readonly id: string }[] };
};

/** null where no whole answer came. */
async function send(url: string, kind: Kind, name: string): Promise<Answer | null> {
  try {
    const response = await fetch(...requestOf(url, kind, name));
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  } catch {
    return null;
  }
}

function requestOf(url: string, kind: Kind, name: string): [string, RequestInit] {
  const bodies = {
    scenarios: JSON.stringify(smallScenario({ name })),
    bills: billOf(name),
    forecasts: JSON.stringify({ scenario: smallScenario({ name }) }),
  };
  const headers = {
    'Content-Type': kind === 'bills' ? 'text/csv' : 'application/json',
    'Idempotency-Key': randomUUID(),
  };
  return [`${url}/v1/${kind}`, { method: 'POST', body: bodies[kind], headers }];
}

const billedDays = 30;

/** A bill of one account with a line for each day of November. */
function billOf(account: string): string {
  const date = (day: number): string => new Date(Date.UTC(2026, 10, day)).toISOString();
  const lines = Array.from({ length: billedDays }, (_, i) =>
    [1.25, 1.25, 'USD', 'Usage', date(i + 1), date(i + 2), date(1), date(31), 'ACME', account, 'tokens'].join(','),
  );
  const header =
    'BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingPeriodEnd,ServiceProviderName,BillingAccountId,SkuId';
  return [header, ...lines].join('\n');
}

type Stored = {
  readonly id: string;
  readonly name?: string;
  readonly account?: string;
  readonly scenario?: { readonly name: string };
};

/** All that was acknowledged is listed under its name, and each that is new to `seen` can be read whole. */
async function expectAll(url: string, journal: readonly Acknowledged[], seen: Set<string>): Promise<void> {
  for (const kind of kinds) {
    const stored = await listAll(url, kind);
    const lost = journal.filter((written) => written.kind === kind && stored.get(written.id) !== written.name);
    expect(lost).toEqual([]);
    for (const id of stored.keys()) {
      if (seen.has(id)) continue;
      seen.add(id);
      const response = await fetch(`${url}/v1/${kind}/${id}`);
      expect([id, response.status]).toEqual([id, 200]);
      if (kind === 'bills') await expectWhole(url, id, (await response.json()) as { lines: number; billed: string });
    }
  }
}

async function expectWhole(
  url: string,
  id: string,
  { lines, billed }: { lines: number; billed: string },
): Promise<void> {
  expect([id, lines, billed]).toEqual([id, billedDays, String(billedDays * 1.25)]);
  const response = await fetch(`${url}/v1/bills/${id}/lines?limit=200`);
  expect(((await response.json()) as { data: readonly unknown[] }).data).toHaveLength(billedDays);
}

async function listAll(url: string, kind: Kind): Promise<ReadonlyMap<string, string>> {
  const stored = new Map<string, string>();
  let path: string | null = `/v1/${kind}?limit=200`;
  while (path !== null) {
    const response: Response = await fetch(url + path);
    const { data } = (await response.json()) as { data: readonly Stored[] };
    for (const { id, name, account, scenario } of data) stored.set(id, name ?? account ?? scenario?.name ?? '');
    path = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
  }
  return stored;
}
