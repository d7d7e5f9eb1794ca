import { expect } from '@jest/globals';
import { startPostgres } from '../setup/postgres.ts';
import { smallScenario } from './app.ts';
import { startProcess } from './process.ts';

type Journal = { id: string; name: string }[];

/** Writes until told to stop; what was acknowledged goes into the journal, what was refused says how. */
async function write(
  url: string,
  writer: number,
  journal: Journal,
  refusals: Response[],
  isOver: () => boolean,
): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    const name = `writer ${writer}, ${n}`;
    const response = await fetch(`${url}/v1/scenarios`, {
      method: 'POST',
      body: JSON.stringify(smallScenario({ name })),
      headers: { 'Content-Type': 'application/json' },
    });
    const body = (await response.json()) as { id: string };
    if (response.status === 201) journal.push({ id: body.id, name });
    else refusals.push(response);
  }
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Takes PostgreSQL away from a service under load, once for each way, and brings it back: what it cannot do meanwhile is
 * answered 503 with Retry-After, what it acknowledged is there, and it goes on by itself. With `jobs`, a forecast that was
 * put off just before is done afterwards too.
 */
export async function takeDatabaseAway(
  ways: readonly ('fast' | 'immediate')[],
  { jobs }: { readonly jobs: boolean },
): Promise<void> {
  const server = await startPostgres({ durable: true });
  const service = startProcess({ DATABASE_URL: server.url('postgres'), LOG_LEVEL: 'warn' });
  try {
    const url = await service.ready;
    const journal: Journal = [];
    for (const [round, how] of ways.entries()) {
      const refusals: Response[] = [];
      let over = false;
      const enough = journal.length + 20;
      const writers = [1, 2, 3, 4].map((writer) => write(url, round * 10 + writer, journal, refusals, () => over));
      await until(() => journal.length >= enough);
      const run = jobs ? await putOff(url, round) : null;
      await server.interrupt(how);
      await until(() => refusals.length >= 20);
      const away = await fetch(`${url}/readyz`);
      expect(away.status).toBe(503);
      expect((await fetch(`${url}/livez`)).status).toBe(200);
      const read = await fetch(`${url}/v1/scenarios`);
      expect([read.status, read.headers.get('retry-after')]).toEqual([503, '5']);
      await server.resume();
      await until(async () => (await fetch(`${url}/readyz`)).status === 200);
      const back = journal.length + 20;
      await until(() => journal.length >= back);
      over = true;
      await Promise.all(writers);
      expect([...new Set(refusals.map(({ status }) => status))]).toEqual([503]);
      expect([...new Set(refusals.map(({ headers }) => headers.get('retry-after')))]).toEqual(['5']);
      if (run !== null) await until(async () => (await stateOf(url + run)) === 'succeeded');
    }
    for (const { id, name } of journal) {
      const response = await fetch(`${url}/v1/scenarios/${id}`);
      expect([response.status, ((await response.json()) as { name: string }).name]).toEqual([200, name]);
    }
    const lines = service
      .output()
      .stderr.split('\n')
      .filter((line) => line !== '' && !line.includes('"msg":"request"'));
    expect(lines.length).toBeLessThan(ways.length * 200);
    service.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
  } finally {
    service.kill('SIGKILL');
    await service.ended;
    await server.stop();
  }
}

async function putOff(url: string, round: number): Promise<string> {
  const response = await fetch(`${url}/v1/forecasts`, {
    method: 'POST',
    body: JSON.stringify({ scenario: smallScenario({ name: `Put off in round ${round}` }) }),
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
  });
  expect(response.status).toBe(202);
  return response.headers.get('location') ?? '';
}

async function stateOf(run: string): Promise<string> {
  return ((await (await fetch(run)).json()) as { state: string }).state;
}
