import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import { readBillLine, writeBillLine } from '../../../src/core/bills/bill-line-text.ts';
import { billLine } from '../../helpers/bill-lines.ts';

test('a line comes back from its text digit by digit, whatever it holds', () => {
  const digits = fc
    .tuple(fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }), fc.integer({ min: 0, max: 40 }))
    .map(([whole, places]) => new BillDecimal(whole.toString()).times(new BillDecimal(10).pow(-places)));
  fc.assert(
    fc.property(digits, fc.string(), fc.dictionary(fc.string(), fc.string()), (BilledCost, x_Model, x_Other) => {
      const line = billLine({ BilledCost, x_Model, x_Other: { ...x_Other } });
      const back = readBillLine(writeBillLine(line));
      expect(back.BilledCost?.toFixed()).toBe(BilledCost.toFixed());
      expect({ ...back, BilledCost: null }).toEqual({ ...line, BilledCost: null });
    }),
  );
});

test('a small amount keeps its digits and has no exponent', () => {
  const text = writeBillLine(billLine({ BilledCost: new BillDecimal('1.25e-7') }));
  expect(JSON.parse(text)).toMatchObject({ BilledCost: '0.000000125', EffectiveCost: '1.6' });
});
