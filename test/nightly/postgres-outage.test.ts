import { test } from '@jest/globals';
import { takeDatabaseAway } from '../helpers/outage.ts';

test('a PostgreSQL that crashes ten times under load loses nothing, and what was put off is done', async () => {
  await takeDatabaseAway(
    Array.from({ length: 10 }, (_, i) => (i % 3 === 0 ? 'fast' : 'immediate')),
    { jobs: true },
  );
}, 3_600_000);
