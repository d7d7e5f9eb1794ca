import type { Decimal } from 'decimal.js';
import { shareText, sixDigits } from '../forecast/figures.ts';
import type { Warning } from '../problem.ts';
import { normalCdf } from '../sampling/normal.ts';
import type { Place, StepEffect } from './comparison.ts';
import type { FixedFigures } from './fixed-lines.ts';
import type { UsageLine } from './usage-lines.ts';

export const stepLabels: Readonly<Record<StepEffect, string>> = {
  range: 'From the median to the base case',
  volume: 'Volume',
  mix: 'Mix of models and tokens',
  list_price: 'List prices',
  rate: 'Rates and discounts',
  fees: 'Fees',
  exchange_rate: 'Exchange rate',
  fixed: 'Fixed lines',
  residual: 'Not explained',
};

/** Where a bill lies among the futures of its forecast; z = Φ⁻¹ of the share of them below it. */
export function placeOf(z: number): Place {
  const below = normalCdf(z);
  const hundred = Math.min(99.9, Math.max(0.1, 100 * below));
  const marks = [
    [0.05, 'below P5'],
    [0.1, 'between P5 and P10'],
    [0.5, 'between P10 and the median'],
    [0.9, 'between the median and P90'],
    [0.95, 'between P90 and P95'],
  ] as const;
  const where = marks.find(([end]) => below <= end)?.[1] ?? 'above P95';
  const shown = hundred < 1 || hundred > 99 ? hundred.toFixed(1) : hundred.toFixed(0);
  return {
    percentile: shareText(below),
    z: sixDigits(z),
    says: `${where}: higher than in ${shown} of 100 futures of the forecast`,
  };
}

/** More than a hundredth and a twentieth of a unit of currency away: rounding on a bill is neither. */
export function priceDifferences(lines: readonly UsageLine[]): readonly string[] {
  return lines.flatMap(({ provider, model, meter, unit, actual, listed, paid }) => {
    const name = [provider, model, meter].filter((part) => part !== null).join(' ');
    const expected = actual.price.times(actual.rate);
    const differs = (one: Decimal, other: Decimal): boolean =>
      one.minus(other).abs().gt(other.abs().times('0.01')) && one.minus(other).times(actual.quantity).abs().gt('0.05');
    if (listed !== null && differs(actual.price, listed))
      return [
        `${name}: list price ${sixDigits(actual.price)} per ${unit} on the bill, ${sixDigits(listed)} in the catalogue.`,
      ];
    if (paid !== null && differs(paid, expected))
      return [
        `${name}: billed at ${sixDigits(paid)} per ${unit}, ${sixDigits(expected)} at catalogue price and agreed rate.`,
      ];
    return [];
  });
}

const noteTexts = {
  'price-from-catalogue': 'The bill states no list prices: those of the price book for the month are taken.',
  'price-from-bill': 'No list price is known; what was billed per unit is taken as the price.',
  'price-as-forecast': 'No price of the month is known; the forecast price is taken.',
  'forecast-price-from-catalogue':
    'Meters that the forecast did not have are priced as the price book was when it was frozen.',
  'forecast-price-as-billed': 'Meters without any earlier price take the billed one: all of them counts as mix.',
  'quantity-from-amount':
    "The bill has amounts without quantities: they are reckoned from the amounts, in the forecast's proportions, so that the difference shows as volume.",
  'shared-by-forecast': "Models that several workloads use are shared out by the forecast's shares.",
} as const;

export function usageNotes(lines: readonly UsageLine[]): readonly Warning[] {
  const found = new Set(lines.flatMap(({ notes }) => notes));
  return [...found].map((code) => notice(code, noteTexts[code]));
}

export function fixedNotes(fixed: readonly FixedFigures[]): readonly Warning[] {
  const taken = fixed.filter(({ from }) => from === 'forecast').map(({ label }) => label);
  if (taken.length === 0) return [];
  return [notice('fixed-as-forecast', `No bill says ${taken.join(', ')}: the forecast amounts are taken.`)];
}

export function notice(code: string, message: string): Warning {
  return { code, pointer: '', message };
}
