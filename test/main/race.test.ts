import { expect, test } from '@jest/globals';
import { race } from '../helpers/race.ts';
import { startPostgres } from '../setup/postgres.ts';

test('two services and three workers that die in the middle of a job give each of 40 months of schedules one whole result', async () => {
  const server = await startPostgres();
  try {
    const died = await race(server, { schedules: 10, deaths: [['taken'], ['stored'], ['committing']] });
    expect(died).toBe(3);
  } finally {
    await server.stop();
  }
}, 300_000);
