import type { Decimal } from 'decimal.js';
import { Exact } from '../formula/values.ts';
import type { BridgeEffect, BridgeLine } from './variance-bridge.ts';
import { computeVarianceBridge } from './variance-bridge.ts';

/** The steps of the accountants' order. */
export const bridgeEffects = [
  'volume',
  'mix',
  'list_price',
  'rate',
  'fees',
  'exchange_rate',
  'fixed',
  'residual',
] as const satisfies readonly BridgeEffect[];

export type Effects = Readonly<Record<BridgeEffect, Decimal>>;

/** What one provider bills for one workload. `lines` are of one unit, for quantities of different units do not add up. */
export type BridgeCell = {
  readonly lines: readonly (readonly BridgeLine[])[];
  /** In the currency of the prices. */
  readonly billed: Decimal;
  readonly forecast: CellTerms;
  readonly actual: CellTerms;
};
export type CellTerms = { readonly fee: Decimal; readonly exchangeRate: Decimal };

/** A row before rounding: its base in the smallest unit of the currency, its exact effects and its exact end. */
export type RowQuestion = { readonly base: Decimal; readonly cells: readonly BridgeCell[] };
export type RowAnswer = { readonly base: Decimal; readonly effects: Effects; readonly actual: Decimal };

/**
 * The bridge of each row, in whole smallest units of the currency, so that every row and every column adds up as printed.
 *
 * Exact effects are computed unit by unit and added. `fixed` takes the rounding of the forecast's lines, whose sum the base
 * is. Running totals are rounded, and an effect is the difference of two of them: 10.004, then + 0.004, then + 0.004 reads
 * 10.00 + 0.01 + 0.00 = 10.01. The ends of the rows are rounded the same way along the rows, so that they add up to `actual`.
 */
export function computeBridgeRows(rows: readonly RowQuestion[], minorUnits: number): readonly RowAnswer[] {
  const round = (amount: Decimal): Decimal => amount.toDecimalPlaces(minorUnits, Exact.ROUND_HALF_UP);
  let exactEnds: Decimal = new Exact(0);
  let ends: Decimal = new Exact(0);
  return rows.map(({ base: given, cells }) => {
    const base = new Exact(given);
    const exact = exactEffects(base, cells);
    const total = bridgeEffects.reduce((sum, effect) => sum.plus(exact[effect]), base);
    exactEnds = exactEnds.plus(total);
    const actual = round(exactEnds).minus(ends);
    ends = ends.plus(actual);
    let running = base;
    let shown = base;
    const effects = Object.fromEntries(
      bridgeEffects.map((effect): [BridgeEffect, Decimal] => {
        running = running.plus(exact[effect]);
        const next = effect === 'residual' ? actual : round(running);
        const amount = next.minus(shown);
        shown = next;
        return [effect, amount];
      }),
    ) as Record<BridgeEffect, Decimal>;
    return { base, effects, actual };
  });
}

/** Unrounded effects of a row; they lead from its base to Σ billed × (1 + fee) × exchange rate. */
export function exactEffects(base: Decimal, cells: readonly BridgeCell[]): Effects {
  const sums = Object.fromEntries(bridgeEffects.map((effect) => [effect, new Exact(0)])) as Record<
    BridgeEffect,
    Decimal
  >;
  let lines: Decimal = new Exact(0);
  for (const { lines: byUnit, billed, forecast, actual } of cells) {
    const none = new Exact(0);
    let explained: Decimal = none;
    for (const ofUnit of byUnit) {
      const bridge = computeVarianceBridge(
        ofUnit,
        { forecast: { ...forecast, fixed: none }, actual: { ...actual, fixed: none } },
        none,
      );
      lines = lines.plus(bridge.forecast);
      for (const { effect, amount } of bridge.effects) {
        if (effect === 'residual') explained = explained.minus(amount);
        else sums[effect] = sums[effect].plus(amount);
      }
    }
    const invoice = billed.times(actual.fee.plus(1)).times(actual.exchangeRate);
    sums.residual = sums.residual.plus(invoice.minus(explained));
  }
  sums.fixed = sums.fixed.plus(lines.minus(base));
  return sums;
}
