import { expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import type { BridgeLine, BridgeTerms } from '../../../src/core/bills/variance-bridge.ts';
import { computeVarianceBridge } from '../../../src/core/bills/variance-bridge.ts';
import vectors from '../../fixtures/stat-vectors.json' with { type: 'json' };

const known = vectors.pvm;
const decimal = (value: number): Decimal => new Decimal(value);
const lines: readonly BridgeLine[] = known.lines.map(({ vF, pF, rF, vA, pA, rA }) => ({
  forecast: { volume: decimal(vF), price: decimal(pF), rate: decimal(rF) },
  actual: { volume: decimal(vA), price: decimal(pA), rate: decimal(rA) },
}));
const terms = {
  forecast: { fee: decimal(known.feeF), exchangeRate: decimal(known.fxF), fixed: decimal(known.fixedF) },
  actual: { fee: decimal(known.feeA), exchangeRate: decimal(known.fxA), fixed: decimal(known.fixedA) },
};

test('four lines give the known bridge from 4,650.40 to 5,205.00', () => {
  const bridge = computeVarianceBridge(lines, terms, decimal(known.invoice));
  expect(bridge.forecast.toNumber()).toBeCloseTo(known.forecast, 9);
  const { volume, mix, list_price, rate_discount, fees, fx, fixed, residual } = known.effects;
  expect(bridge.effects.map(({ effect }) => effect)).toEqual([
    'volume',
    'mix',
    'list_price',
    'rate',
    'fees',
    'exchange_rate',
    'fixed',
    'residual',
  ]);
  for (const [i, expected] of [volume, mix, list_price, rate_discount, fees, fx, fixed, residual].entries())
    expect(Math.abs((bridge.effects[i]?.amount.toNumber() ?? Number.NaN) - expected)).toBeLessThan(1e-9 * 1300);
});

test('the effects add up to invoice less forecast, whatever the lines', () => {
  const amount = fc.integer({ min: 0, max: 1_000_000 }).map((cents) => decimal(cents).div(100));
  const figures = fc.record({ volume: amount, price: amount, rate: amount });
  const side: fc.Arbitrary<BridgeTerms> = fc.record({ fee: amount, exchangeRate: amount, fixed: amount });
  fc.assert(
    fc.property(
      fc.array(fc.record({ forecast: figures, actual: figures }), { maxLength: 5 }),
      side,
      side,
      amount,
      (some, forecast, actual, invoice) => {
        const bridge = computeVarianceBridge(some, { forecast, actual }, invoice);
        const sum = bridge.effects.reduce((total, effect) => total.plus(effect.amount), decimal(0));
        const size = bridge.effects.reduce((total, effect) => total.plus(effect.amount.abs()), decimal(1));
        expect(sum.minus(invoice.minus(bridge.forecast)).abs().div(size).toNumber()).toBeLessThan(1e-15);
      },
    ),
  );
});

test('what was used where nothing was forecast is mix', () => {
  const used = { volume: decimal(10), price: decimal(2), rate: decimal(1) };
  const planned = { ...used, volume: decimal(0) };
  const plain = { fee: decimal(0), exchangeRate: decimal(1), fixed: decimal(0) };
  const bridge = computeVarianceBridge(
    [{ forecast: planned, actual: used }],
    { forecast: plain, actual: plain },
    decimal(20),
  );
  expect(bridge.effects.filter(({ amount }) => !amount.isZero())).toEqual([{ effect: 'mix', amount: decimal(20) }]);
});
