import { test } from '@jest/globals';
import { takeDatabaseAway } from '../helpers/outage.ts';

test('a PostgreSQL that goes away under load costs 503s with Retry-After, loses nothing, and is found again', async () => {
  await takeDatabaseAway(['immediate', 'fast'], { jobs: false });
}, 300_000);
