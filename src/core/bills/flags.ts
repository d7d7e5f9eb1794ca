import type { Decimal } from 'decimal.js';
import { bandMultiplier, learnSpread } from '../forecast/calibration.ts';
import { Exact } from '../formula/values.ts';
import { normalQuantile } from '../sampling/normal.ts';
import type { Flag } from './comparison.ts';

/** Few flags, each with how often it is raised although nothing is wrong. */
export type FlagQuestion = {
  /** z of this month; null where it is not scored. */
  readonly z: number | null;
  /** z of earlier closed months, oldest first. */
  readonly earlier: readonly number[];
  readonly residual: Decimal;
  readonly bill: Decimal;
  readonly currency: string;
  /** Lines whose billed price is not the catalogue's, in words. */
  readonly prices: readonly string[];
};

/**
 * 1. The bill lies outside the 95 % band, recalibrated by the bills before it (5 % of the months).
 * 2. |residual| > max(1 % of the bill, 5 units of currency): a metering or invoice problem, whatever was forecast.
 * 3. Three of the last four bills beyond the same side of the 80 % band (0.7 % of the windows).
 * 5. A list price or rate that is not the catalogue's. (4, the early warning within a month, is `judgePace`.)
 */
export function raiseFlags({ z, earlier, residual, bill, currency, prices }: FlagQuestion): readonly Flag[] {
  const flags: Flag[] = [];
  if (z !== null && Math.abs(z) > bandMultiplier(0.95, learnSpread(earlier))) {
    const side = z > 0 ? 'above' : 'below';
    flags.push({
      code: 'outside-95',
      says: `The bill lies ${side} the 95 % band, recalibrated by ${earlier.length} earlier bills.`,
      false_alarm_rate: '0.05',
    });
  }
  const limit = Exact.max(bill.abs().times('0.01'), 5);
  if (residual.abs().gt(limit)) {
    flags.push({
      code: 'residual',
      says: `${residual.toFixed(2)} ${currency} of the bill are not explained by its quantities and prices (more than ${limit.toFixed(2)}): check metering and invoice.`,
      false_alarm_rate: null,
    });
  }
  const side = z === null ? null : driftOf([...earlier, z].slice(-4));
  if (side !== null) {
    flags.push({
      code: 'drift',
      says: `Three of the last four bills lie ${side} the 80 % band: the forecast is drifting.`,
      false_alarm_rate: '0.007',
    });
  }
  if (prices.length > 0) flags.push({ code: 'price-differs', says: `${prices.join(' ')}`, false_alarm_rate: null });
  return flags;
}

/**
 * The early warning of a month under way: at least 0.8 probable that it ends above 1.1 F.
 * @param probability P(month > 1.1 F) given the month to date
 */
export function judgePace(probability: number): string | null {
  if (!(probability >= leastPace)) return null;
  return `This month ends more than 10 % above its forecast with a probability of ${Math.floor(100 * probability)} %.`;
}

const leastPace = 0.8;
const endOf80 = normalQuantile(0.9);

function driftOf(last: readonly number[]): 'above' | 'below' | null {
  if (last.filter((z) => z > endOf80).length >= 3) return 'above';
  return last.filter((z) => z < -endOf80).length >= 3 ? 'below' : null;
}
