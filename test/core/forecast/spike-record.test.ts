import { expect, test } from '@jest/globals';
import { countSpikes, medianSize } from '../../../src/core/forecast/spike-record.ts';

const record = (totals: readonly (number | null)[]) =>
  countSpikes(totals.map((total) => ({ from: 0, to: 1, days: 30, total })));

test('without a spike the measured priors stand: 2.1 to 4.9 times, 60 % left', () => {
  const none = record([10, 10, 11, 9, 10, 10, 11, 10]);
  expect(none).toMatchObject({ onsets: 0, months: 5, chance: 1 / 38 });
  expect(none.carryOver).toBeCloseTo(0.6, 12);
  expect(Math.exp(none.size.mu - 1.6448536269514722 * none.size.sigma)).toBeCloseTo(2.1, 12);
  expect(Math.exp(none.size.mu + 1.6448536269514722 * none.size.sigma)).toBeCloseTo(4.9, 12);
});

test('two spikes of 4 and 5 times that leave 20 and 30 % are weighed with a prior worth four', () => {
  const calm = [10, 10, 10, 10, 10, 10];
  const spikes = record([...calm, 40, 16, ...calm, 50, 22, ...calm]);
  expect(spikes.onsets).toBe(3); // the month after the second is above twice the median as well: 22 of 10
  const sizes = [Math.log(4), Math.log(5), Math.log(2.2)];
  const mu = (4 * (Math.log(2.1 * 4.9) / 2) + sizes.reduce((sum, size) => sum + size, 0)) / 7;
  expect(medianSize(spikes)).toBeCloseTo(Math.exp(mu), 12);
  expect(spikes.carryOver).toBeCloseTo((4 * 0.6 + 6 / 30 + 12 / 40 + 0 / 12) / 7, 12);
});

test('a spike in the last month says nothing of decay, one that stays says all of it', () => {
  const calm = [10, 10, 10, 10, 10, 10];
  expect(record([...calm, 40]).carryOver).toBeCloseTo(0.6, 12);
  expect(record([...calm, 40, 45]).carryOver).toBeCloseTo((4 * 0.6 + 1) / 5, 12);
  expect(record([...calm, 40, null]).carryOver).toBeCloseTo(0.6, 12);
});
