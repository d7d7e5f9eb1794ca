import type { Decimal } from 'decimal.js';
import { didYouMean } from '../nearest-name.ts';
import type { Sort } from '../sampling/distributions.ts';
import { numberText, parseNumber, ScenarioDecimal } from './decimal-text.ts';
import type { Fault, Reading } from './fault.ts';
import { faulty } from './fault.ts';

/** What a field of the scenario takes: its sort decides the distribution of a range, its bounds what is refused. */
export type QuantityField = {
  readonly sort: Sort;
  readonly min: string;
  readonly max: string;
  /** The bounds themselves are refused. */
  readonly aboveMin?: true;
  readonly belowMax?: true;
  readonly whole?: true;
  /** How a range moves unless it says so itself: a new draw every month, or one unknown value for the whole horizon. */
  readonly varies: 'once' | 'monthly';
  /** False where a value for each month has no meaning, such as the life of a machine. */
  readonly byMonth: boolean;
  /** Bounds are shown as percentages. */
  readonly percent?: true;
  /** Words that are refused with a sentence of their own. */
  readonly refusedWords?: Readonly<Record<string, string>>;
};

/** Reads a plain number within the field's bounds: no range, no series. */
export function parseConstant(input: unknown, field: QuantityField): Reading<Decimal> {
  const reading = parseNumber(input);
  if (!reading.ok) return reading;
  const fault = findBoundsFault(reading.value, field, typeof input === 'string' ? input : reading.value.toFixed());
  return fault === undefined ? reading : { ok: false, faults: [fault] };
}

/** `from 0% to 100%`, `above 0 and at most 1000`: the bounds of a field in words. */
export function boundsInWords(field: QuantityField): string {
  const percent = field.percent === true;
  const low = numberText(new ScenarioDecimal(field.min), percent);
  const high = numberText(new ScenarioDecimal(field.max), percent);
  const whole = field.whole === true ? 'a whole number ' : '';
  if (field.aboveMin !== true && field.belowMax !== true) return `${whole}from ${low} to ${high}`;
  const least = field.aboveMin === true ? 'above' : 'at least';
  const most = field.belowMax === true ? 'below' : 'at most';
  return `${whole}${least} ${low} and ${most} ${high}`;
}

/** `text` is the value as it was written, for the message. */
export function findBoundsFault(value: Decimal, field: QuantityField, text: string): Fault | undefined {
  const below = field.aboveMin === true ? value.lte(field.min) : value.lt(field.min);
  const above = field.belowMax === true ? value.gte(field.max) : value.gt(field.max);
  if (below || above) {
    const asPercent = above && field.percent === true && !text.endsWith('%') && value.lte(100) ? [`${text}%`] : [];
    const message = `${text} is out of range: expected ${boundsInWords(field)}.${didYouMean(asPercent)}`;
    return { ...faulty('out-of-range', message, asPercent), limit: below ? field.min : field.max };
  }
  if (field.whole !== true || value.isInteger()) return undefined;
  const nearest = [value.round().toFixed()];
  return faulty('not-whole', `${text} is not a whole number.${didYouMean(nearest)}`, nearest);
}
