import type { Distribution } from '../sampling/distributions.ts';
import { quantileOf } from '../sampling/distributions.ts';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Quantity } from './scenario.ts';

/**
 * A quantity in words, for the place where it was typed: `5 to 15: nine times in ten between 5 and 15, median 8.66`.
 * Three significant digits; percentages where it was written in them.
 */
export function describeQuantity(quantity: Quantity): string {
  switch (quantity.kind) {
    case 'constant':
      return quantity.value.toFixed();
    case 'series': {
      const sorted = quantity.values.toSorted((a, b) => a.comparedTo(b));
      const ends = `${sorted[0]?.toFixed() ?? ''} to ${sorted.at(-1)?.toFixed() ?? ''}`;
      return `${quantity.values.length} monthly values, ${ends}`;
    }
    case 'range': {
      const show = (value: number) => shortNumber(value, quantity.text.includes('%'));
      return `${quantity.text}: ${describeDistribution(quantity.distribution, show)}`;
    }
  }
}

function describeDistribution(distribution: Distribution, show: (value: number) => string): string {
  const at = (share: number) => show(quantileOf(distribution, share));
  switch (distribution.kind) {
    case 'pert':
    case 'triangular':
      return `between ${show(distribution.min)} and ${show(distribution.max)}, most often about ${show(distribution.mode)}`;
    case 'metalog':
    case 'log-metalog':
      return `one time in ten below ${at(0.1)}, one in ten above ${at(0.9)}, median ${at(0.5)}`;
    default:
      return `nine times in ten between ${at(0.05)} and ${at(0.95)}, median ${at(0.5)}`;
  }
}

function shortNumber(value: number, percent: boolean): string {
  const digits = new ScenarioDecimal(percent ? value * 100 : value).toSignificantDigits(3).toFixed();
  return percent ? `${digits}%` : digits;
}
