import { afterEach, expect, test } from '@jest/globals';
import { calculateForecast } from '../../src/compute/calculate.ts';
import type { Compute } from '../../src/compute/pool.ts';
import { openCompute } from '../../src/compute/pool.ts';
import { catalogue, sample, today } from '../helpers/forecasting.ts';

let compute: Compute | undefined;
afterEach(() => compute?.close());

const task = {
  scenario: { ...sample('support-assistant'), months: 6, sampling: { draws: 1500, seed: 42 } },
  today,
};

test.each([1, 2])(
  'the same seed gives the same bytes in %d threads, busy or not, as in none',
  async (workers) => {
    const alone = calculateForecast(task, catalogue);
    compute = openCompute({ workers, timeoutMs: 60_000, heapMb: 1024, maxQueue: 10 });
    const { forecast } = compute;
    const other = { ...task, scenario: { ...task.scenario, sampling: { draws: 700, seed: 7 } } };
    const [first, , second] = await Promise.all([forecast(task), forecast(other), forecast(task)]);
    expect(first).toEqual(alone);
    expect(second).toEqual(alone);
  },
  120_000,
);
