import { describe, expect, test } from '@jest/globals';
import { identifyBill } from '../../../src/core/bills/bill-identity.ts';
import { billLine } from '../../helpers/bill-lines.ts';

const none = { BillingPeriodStart: null, BillingPeriodEnd: null };

describe('the month that bills a line', () => {
  test.each([
    ['that of its billing period', {}, '2026-10'],
    ['also where the charge is of another one', { ChargePeriodStart: '2026-09-30T00:00:00Z' }, '2026-10'],
    [
      'that of a billing period of one day, as LiteLLM writes it',
      { BillingPeriodEnd: '2026-10-02T00:00:00Z' },
      '2026-10',
    ],
    [
      'that in which the period lies, where it begins at midnight of Berlin',
      { BillingPeriodStart: '2026-09-30T22:00:00Z', BillingPeriodEnd: '2026-10-31T23:00:00Z' },
      '2026-10',
    ],
    [
      'that in which the period lies, where it begins at midnight of California',
      { BillingPeriodStart: '2026-10-01T07:00:00Z', BillingPeriodEnd: '2026-11-01T07:00:00Z' },
      '2026-10',
    ],
    ['that of its start, where its end is not told', { BillingPeriodEnd: null }, '2026-10'],
    [
      'that of the charge, where no billing period is told',
      { ...none, ChargePeriodStart: '2026-09-30T23:59:59Z' },
      '2026-09',
    ],
  ])('is %s', (_name, over, period) => {
    expect(identifyBill(billLine(over)).period).toBe(period);
  });
});

test('a provider that is not known is named as the file does, in lower case', () => {
  const line = billLine({ x_Provider: null, ServiceProviderName: ' ACME Corp', BillingAccountId: '12345' });
  expect(identifyBill(line)).toEqual({ provider: 'acme corp', account: '12345', period: '2026-10', currency: 'USD' });
});
