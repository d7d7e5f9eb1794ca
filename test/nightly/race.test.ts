import { expect, test } from '@jest/globals';
import { race } from '../helpers/race.ts';
import { startPostgres } from '../setup/postgres.ts';

test('two services and three workers that die nine times give each of 200 months of schedules one whole result', async () => {
  const server = await startPostgres();
  try {
    const died = await race(server, {
      schedules: 50,
      deaths: [
        ['taken', 'stored', 'committing'],
        ['stored', 'committing', 'taken'],
        ['committing', 'taken', 'stored'],
      ],
    });
    expect(died).toBe(9);
  } finally {
    await server.stop();
  }
}, 1_800_000);
