import { expect } from '@jest/globals';
import { startProcess } from './process.ts';

type Acknowledged = { readonly id: string; readonly name: string };

/**
 * Kills the service `kills` times in the middle of a stream of writes and starts it again. Every write that was answered
 * 2xx is there after each start, whole, and nothing half-written is. Gives how many were acknowledged.
 */
export async function killAgainAndAgain(
  DATA_DIR: string,
  kills: number,
  scenario: (name: string) => object,
): Promise<number> {
  const journal: Acknowledged[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    const service = startProcess({ DATA_DIR, LOG_LEVEL: 'warn', MIN_FREE_MB: '1' });
    const url = await service.ready;
    await expectAll(url, journal);
    const before = journal.length;
    const writers = [1, 2, 3, 4].map((writer) => write(url, journal, scenario, `${kill}-${writer}`));
    // Not by the clock: the kill falls wherever the fifth to 24th acknowledgement of this round finds the others.
    const enough = before + 5 + ((kill * 7) % 20);
    while (journal.length < enough) await new Promise((resolve) => setImmediate(resolve));
    service.kill('SIGKILL');
    expect(await service.ended).toMatchObject({ signal: 'SIGKILL' });
    await Promise.all(writers);
  }
  const last = startProcess({ DATA_DIR, LOG_LEVEL: 'warn', MIN_FREE_MB: '1' });
  await expectAll(await last.ready, journal);
  last.kill('SIGTERM');
  expect(await last.ended).toMatchObject({ code: 0 });
  return journal.length;
}

async function write(
  url: string,
  journal: Acknowledged[],
  scenario: (name: string) => object,
  writer: string,
): Promise<void> {
  for (let n = 1; ; n++) {
    const name = `${writer}-${n}`;
    try {
      const response = await fetch(`${url}/v1/scenarios`, {
        method: 'POST',
        body: JSON.stringify(scenario(name)),
        headers: { 'Content-Type': 'application/json' },
      });
      const { id } = (await response.json()) as { id: string };
      if (response.status === 201) journal.push({ id, name });
    } catch {
      return;
    }
  }
}

async function expectAll(url: string, journal: readonly Acknowledged[]): Promise<void> {
  const stored = new Map<string, string>();
  let path: string | null = '/v1/scenarios?limit=200';
  while (path !== null) {
    const response: Response = await fetch(url + path);
    for (const { id, name } of ((await response.json()) as { data: Acknowledged[] }).data) stored.set(id, name);
    path = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
  }
  const lost = journal.filter(({ id, name }) => stored.get(id) !== name);
  expect(lost).toEqual([]);
  for (const id of stored.keys()) {
    const response = await fetch(`${url}/v1/scenarios/${id}`);
    expect([id, response.status]).toEqual([id, 200]);
  }
}
