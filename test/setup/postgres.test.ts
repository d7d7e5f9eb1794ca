import { expect, test } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from './postgres.ts';

test('a real PostgreSQL starts with nothing installed by hand, and leaves nothing behind', async () => {
  const server = await startPostgres();
  const client = new pg.Client({ connectionString: server.url('postgres') });
  try {
    await client.connect();
    expect((await client.query('select 0.1::numeric + 0.2::numeric as sum')).rows).toEqual([{ sum: '0.3' }]);
  } finally {
    await client.end();
    await server.stop();
  }
  await expect(new pg.Client({ connectionString: server.url('postgres') }).connect()).rejects.toThrow(/ENOENT/);
});
