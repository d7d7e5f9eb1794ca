import { describe, expect, test } from '@jest/globals';
import type { StoredLine } from '../../../src/core/bills/actual-spend.ts';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import { openDays, partThrough } from '../../../src/core/bills/days-so-far.ts';
import { billLine } from '../../helpers/bill-lines.ts';

const today = '2026-10-12';

function line(start: string, end: string, over: Partial<StoredLine> = {}): StoredLine {
  return { ...billLine({ ChargePeriodStart: start, ChargePeriodEnd: end }), ...over };
}

function day(date: string, over: Partial<StoredLine> = {}): StoredLine {
  const start = `${date}T00:00:00Z`;
  return line(start, new Date(Date.parse(start) + 86_400_000).toISOString(), over);
}

function through(...lines: readonly StoredLine[]): Record<string, string | null> {
  const { add, settle } = openDays('2026-10', today);
  for (const each of lines) add(each);
  return Object.fromEntries(settle());
}

describe('the days of a month under way', () => {
  test('are known through the last one that a provider gave lines of, each provider for itself', () => {
    const other = { x_Provider: 'anthropic' };
    const lines = [day('2026-10-09'), day('2026-10-03'), day('2026-10-11', other), day('2026-10-10', other)];
    expect(through(...lines)).toEqual({ openai: '2026-10-09', anthropic: '2026-10-11' });
  });

  test('end with yesterday at most, since the rest of today is still to come', () => {
    expect(through(day('2026-10-11'), day('2026-10-12'), day('2026-10-13'))).toEqual({ openai: '2026-10-11' });
    expect(through(day('2026-10-12'))).toEqual({});
  });

  test.each([
    ['Europe/Berlin', '2026-10-08T22:00:00Z', '2026-10-09T22:00:00Z'],
    ['America/Los_Angeles', '2026-10-09T07:00:00Z', '2026-10-10T07:00:00Z'],
    ['UTC, by the hour', '2026-10-09T23:00:00Z', '2026-10-10T00:00:00Z'],
  ])('are the days of the provider, also on the clocks of %s', (_, start, end) => {
    expect(through(line(start, end))).toEqual({ openai: '2026-10-09' });
  });

  test('do not end with a purchase, a credit, or a line whose money does not count', () => {
    const later = [
      day('2026-10-11', { ChargeCategory: 'Purchase' }),
      day('2026-10-11', { ChargeCategory: 'Credit' }),
      day('2026-10-11', { counts: false }),
      day('2026-10-11', { BilledCost: null, EffectiveCost: null }),
    ];
    expect(through(day('2026-10-05'), ...later)).toEqual({ openai: '2026-10-05' });
  });

  test('are not known of use that comes in one sum for a stretch that is not over', () => {
    const month = line('2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z');
    expect(through(day('2026-10-05'), month)).toEqual({ openai: null });
    expect(through(day('2026-10-05'), { ...month, CommitmentDiscountId: 'c' })).toEqual({ openai: '2026-10-05' });
    expect(through(line('2026-10-01T00:00:00Z', '2026-10-08T00:00:00Z'))).toEqual({ openai: '2026-10-07' });
  });

  test('that are billed with the month and lie before or after it count as its own', () => {
    expect(through(day('2026-09-30'))).toEqual({});
    const { add, settle } = openDays('2026-09', today);
    add(day('2026-10-01'));
    expect(Object.fromEntries(settle())).toEqual({ openai: '2026-09-30' });
  });
});

describe('a line through a day', () => {
  test('is there whole where it is of a day, and not at all after', () => {
    const fourth = day('2026-10-04');
    expect([partThrough(fourth, '2026-10-04'), partThrough(fourth, '2026-10-03')]).toEqual([fourth, null]);
  });

  test('of a month counts by the part of it that is over', () => {
    const commitment = line('2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z', {
      BilledCost: new BillDecimal(310),
      EffectiveCost: new BillDecimal(31),
    });
    const part = partThrough(commitment, '2026-10-10');
    expect([part?.BilledCost?.toFixed(10), part?.EffectiveCost?.toFixed(10)]).toEqual([
      ((310 * 10) / 31).toFixed(10),
      ((31 * 10) / 31).toFixed(10),
    ]);
    expect(partThrough(commitment, '2026-10-31')).toBe(commitment);
    expect(partThrough(commitment, '2026-09-30')).toBeNull();
  });
});
