import { describe, expect, test } from '@jest/globals';
import type { Nowcast } from '../../../src/core/forecast/nowcast.ts';
import { computeNowcast } from '../../../src/core/forecast/nowcast.ts';
import { normalQuantile } from '../../../src/core/sampling/normal.ts';
import { fillUniforms, hashName } from '../../../src/core/sampling/philox.ts';

const noise = new Float64Array(130);
fillUniforms(noise, { seed: 3, variable: hashName('days'), month: 1, firstDraw: 0, count: 130 });
const days = [...noise].map((u) => 100 * Math.exp(0.1 * normalQuantile(u)));
const history = days.slice(0, 100);
const month = days.slice(100);
const total = month.reduce((sum, value) => sum + value, 0);

function nowcast(daysSoFar: number, over: { readonly forecast?: number; readonly factor?: number } = {}): Nowcast {
  const found = computeNowcast({
    history,
    monthToDate: month.slice(0, daysSoFar).map((value) => value * (over.factor ?? 1)),
    daysInMonth: 30,
    forecast: over.forecast ?? null,
    draws: 2000,
    seed: 1,
  });
  if (typeof found === 'string') throw new Error(found);
  return found;
}

describe('the month under way', () => {
  test('is what came so far and the days that are left; the more came, the narrower', () => {
    const widths = [0, 10, 20, 29].map((day) => nowcast(day).p90 - nowcast(day).p10);
    expect(widths).toEqual(widths.toSorted((a, b) => b - a));
    for (const day of [0, 10, 20, 29]) {
      const { p10, p90, soFar } = nowcast(day);
      expect(p10).toBeGreaterThan(soFar);
      expect(p10).toBeLessThan(total * 1.05);
      expect(p90).toBeGreaterThan(total * 0.95);
    }
  });

  test('is known when its last day is over', () => {
    expect(nowcast(30)).toMatchObject({ p10: total, p50: total, p90: total, runRate: total });
  });

  test('warns as soon as it will most likely end more than 10 % above its forecast', () => {
    expect(nowcast(15, { forecast: total })).toMatchObject({ warns: false });
    expect(nowcast(15, { forecast: total }).probabilityOver).toBeLessThan(0.1);
    const dear = nowcast(15, { forecast: total, factor: 1.6 });
    expect(dear.probabilityOver).toBeGreaterThan(0.8);
    expect(dear.warns).toBe(true);
    expect(nowcast(15)).toMatchObject({ probabilityOver: null, warns: false });
  });

  test('is held against what is asked about, 10 % above its forecast where nothing is', () => {
    const ask = (over?: number): Nowcast => {
      const found = computeNowcast({
        history,
        monthToDate: month.slice(0, 15),
        daysInMonth: 30,
        forecast: total / 1.15,
        ...(over !== undefined && { over }),
        draws: 2000,
        seed: 1,
      });
      if (typeof found === 'string') throw new Error(found);
      return found;
    };
    expect(ask()).toEqual(ask(0.1));
    const [near, asked, far] = [ask(0.05), ask(), ask(0.25)];
    expect([near.warns, far.warns]).toEqual([true, false]);
    expect(near.probabilityOver).toBeGreaterThan(asked.probabilityOver ?? 1);
    expect(asked.probabilityOver).toBeGreaterThan(far.probabilityOver ?? 1);
    for (const [factor, { probabilityOver, draws }] of [
      [1.05, near],
      [1.1, asked],
      [1.25, far],
    ] as const)
      expect(probabilityOver).toBe(draws.filter((draw) => draw > factor * (total / 1.15)).length / 2000);
    expect([near.p10, near.p50, near.p90]).toEqual([far.p10, far.p50, far.p90]);
  });

  test('has no run rate before its first day is over', () => {
    expect(nowcast(0).runRate).toBeNull();
    expect(nowcast(10).runRate).toBeCloseTo((month.slice(0, 10).reduce((sum, value) => sum + value, 0) / 10) * 30, 9);
  });

  test('names what is wrong with it', () => {
    const asked = { history, daysInMonth: 30, forecast: null, draws: 10, seed: 1 };
    expect(computeNowcast({ ...asked, monthToDate: Array(31).fill(1) })).toBe(
      'the month has 30 days, and 31 of them are given',
    );
    expect(computeNowcast({ ...asked, monthToDate: [1, -2] })).toBe(
      'day 2 of the month is -2: expected a number from 0 up',
    );
    expect(computeNowcast({ ...asked, history: [0], monthToDate: [] })).toBe('the history has no volume above 0');
  });
});
