import { expect, test } from '@jest/globals';
import { expectOneRunPerPeriod, timings } from '../helpers/schedule-simulation.ts';

test.each(timings)('every IANA zone has 24 runs in 24 months, no gap and no double, day $day at $time', (timing) => {
  const zones = Intl.supportedValuesOf('timeZone');
  expect(zones.length).toBeGreaterThan(400);
  for (const zone of [...zones, 'UTC']) expectOneRunPerPeriod(zone, timing);
});
