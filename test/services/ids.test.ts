import { expect, test } from '@jest/globals';
import { sampleForecastId, sampleScenarioId } from '../../src/services/forecasts/sample.ts';
import { makeId, makeObjectId } from '../../src/services/ids.ts';

test('ids sort by the time they were made, and the sample before all of them', () => {
  const ids = Array.from({ length: 2_000 }, () => makeId('fc'));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(2_000);
  expect(sampleForecastId < (ids[0] ?? '')).toBe(true);
  expect(sampleScenarioId < makeId('sc')).toBe(true);
  expect(makeObjectId()).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
});
