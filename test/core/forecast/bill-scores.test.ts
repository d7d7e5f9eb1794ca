import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calculateForecast, recalculateForecast } from '../../../src/compute/calculate.ts';
import type { BillScore } from '../../../src/core/forecast/bill-scores.ts';
import { billScoreInput, placeInBand, scoresOfBills } from '../../../src/core/forecast/bill-scores.ts';
import { computeForecast } from '../../../src/core/forecast/compute.ts';
import { catalogue, parsed, sample, tierOf } from '../../helpers/forecasting.ts';

const band = { p5: '80', p10: '85', p50: '100', p90: '118', p95: '125' };
const bill = (month: string, actual: string, z: number, over: Partial<BillScore> = {}): BillScore => ({
  tier: 'openai',
  perimeter: 'bill',
  month,
  forecast: '100',
  actual,
  z,
  ...over,
});

describe('an actual in a band of which five points were kept', () => {
  test('lies on the line through the points beside it, in logarithms', () => {
    expect(placeInBand(band, '108')).toBeCloseTo((1.2815515655446004 * Math.log(1.08)) / Math.log(1.18), 12);
    expect(placeInBand(band, '118')).toBeCloseTo(1.2815515655446004, 12);
    expect(placeInBand(band, '80')).toBeCloseTo(-1.6448536269514722, 12);
    expect(placeInBand(band, '100')).toBe(0);
  });

  test('goes on beyond the last points, up to ±6', () => {
    const slope = (1.6448536269514722 - 1.2815515655446004) / Math.log(125 / 118);
    expect(placeInBand(band, '130')).toBeCloseTo(1.2815515655446004 + slope * Math.log(130 / 118), 12);
    expect(placeInBand(band, '100000')).toBe(6);
    expect(placeInBand(band, '0')).toBe(-6);
  });

  test('of a bill that does not vary is its forecast or far off', () => {
    const fixed = { p5: '20', p10: '20', p50: '20', p90: '20', p95: '20' };
    expect([placeInBand(fixed, '20'), placeInBand(fixed, '20.01'), placeInBand(fixed, '19')]).toEqual([0, 6, -6]);
  });

  test('rises with the actual', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 400, noNaN: true }),
        fc.double({ min: 1.0001, max: 2, noNaN: true }),
        (actual, factor) => {
          expect(placeInBand(band, String(actual * factor))).toBeGreaterThanOrEqual(placeInBand(band, String(actual)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('scores of bills', () => {
  test('are those of their tier and perimeter, oldest first, each month once, forecasts of nothing left out', () => {
    const bills = [
      bill('2026-10', '120', 1.4),
      bill('2026-08', '95', -0.4),
      bill('2026-10', '105', 0.4),
      bill('2026-09', '100', 0, { tier: 'google' }),
      bill('2026-09', '100', 0, { perimeter: 'full' }),
      bill('2026-07', '3', 0, { forecast: '0' }),
    ];
    expect(scoresOfBills(bills, 'openai', 'bill', 0.1)).toEqual([
      { month: '2026-08', z: -0.4, error: Math.log(95 / 100), hit: true },
      { month: '2026-10', z: 0.4, error: Math.log(105 / 100), hit: true },
    ]);
    expect(scoresOfBills(bills, 'openai', 'bill', 0.04).map(({ hit }) => hit)).toEqual([false, false]);
  });

  test('are refused with another shape', () => {
    expect(billScoreInput.safeParse(bill('2026-10', '120', 1.4)).success).toBe(true);
    for (const wrong of [{ month: '2026-13' }, { actual: '1e3' }, { z: 7 }, { perimeter: 'all' }, { more: 1 }])
      expect(billScoreInput.safeParse({ ...bill('2026-10', '120', 1.4), ...wrong }).success).toBe(false);
  });
});

describe('a forecast with bills', () => {
  const sent = { ...sample('support-assistant'), months: 2, sampling: { draws: 500, seed: 42 } };
  const months = Array.from({ length: 12 }, (_, i) => `2026-${String(i + 1).padStart(2, '0')}`);
  const record = (z: number, count: number) => {
    const bills = months.slice(0, count).map((month) => bill(month, '100.5', z));
    const { forecast } = computeForecast(parsed(sent), catalogue, { engine: 'test', inputsDigest: '' }, [], bills);
    return tierOf(forecast, 'openai').predictability.bill.record;
  };

  test('shows dots after 3 bills, the corrected band and the test of Σz² after 6, the 90 % audit band after 12', () => {
    expect(record(0.5, 3)).toMatchObject({
      bills: 3,
      inside_80: 3,
      expected_inside_80: null,
      too_narrow_p: null,
      drift: null,
    });
    expect(record(0.5, 3)?.conformal).toEqual({ within_80: null, within_90: null });
    expect(record(0.5, 6)).toMatchObject({ expected_inside_80: { least: 3, most: 6 }, drift: { withholds: false } });
    expect(record(0.5, 6)?.too_narrow_p).not.toBeNull();
    expect(record(0.5, 6)?.conformal.within_90).toBeNull();
    expect(record(0.5, 12)).toMatchObject({ expected_inside_80: { least: 7, most: 12 } });
    expect(record(0.5, 12)?.conformal.within_90).not.toBeNull();
  });

  test('keeps them among its inputs in one order, and is computed again from them byte for byte', () => {
    const bills = months.map((month) => bill(month, '104', 0.3));
    const task = { scenario: sent, today: '2026-11-22' };
    const found = calculateForecast({ ...task, bills }, catalogue);
    const turned = calculateForecast({ ...task, bills: bills.toReversed() }, catalogue);
    const none = calculateForecast(task, catalogue);
    if (!found.ok || !turned.ok || !none.ok) throw new Error('refused');
    expect(turned).toEqual(found);
    expect(recalculateForecast(found.inputs, catalogue)).toEqual(found);
    expect(JSON.parse(none.inputs)).not.toHaveProperty('bills');
    expect(JSON.parse(found.body).inputs_digest).not.toBe(JSON.parse(none.body).inputs_digest);
    expect(JSON.parse(found.body).tiers.find(({ id }: { id: string }) => id === 'openai').same_as_last_month).toEqual({
      bill: { amount: '104.00', month: '2026-12', from: 'bill' },
      full: null,
    });
  });
});
