import { Decimal } from 'decimal.js';
import { didYouMean } from '../nearest-name.ts';
import type { Reading } from './fault.ts';
import { refuse, shown } from './fault.ts';

/** Enough digits that no product of two inputs is cut, and no exponent in the text. */
export const ScenarioDecimal = Decimal.clone({ precision: 34, rounding: Decimal.ROUND_HALF_UP });

const NUMBER = /^(-?\d{1,16}(?:\.\d{1,12})?)(?:([kKMBGT])| ?(%))?$/;
const MULTIPLE: Readonly<Record<string, string>> = {
  k: '1000',
  K: '1000',
  M: '1000000',
  B: '1000000000',
  G: '1000000000',
  T: '1000000000000',
  '%': '0.01',
};

/**
 * Reads one number: a JavaScript number as its shortest decimal text (`0.1` is exactly 0.1), or text of up to 16 digits
 * before the point and 12 after it, then perhaps k, M, B (or G), T or %. The text is checked before it becomes a
 * Decimal, which would also take `0x10`, `1_000`, `NaN` and `Infinity`.
 */
export function parseNumber(input: unknown): Reading<Decimal> {
  if (typeof input === 'number' && Number.isFinite(input)) return parseText(new ScenarioDecimal(input).toFixed());
  if (typeof input === 'string') return parseText(input);
  return notANumber(input, []);
}

/** Whether the text reads as one number. */
export function isNumberText(text: string): boolean {
  return NUMBER.test(text);
}

/** `12%` for a share, the plain digits for anything else. */
export function numberText(value: Decimal, percent: boolean): string {
  return percent ? `${value.times(100).toFixed()}%` : value.toFixed();
}

function parseText(text: string): Reading<Decimal> {
  const match = NUMBER.exec(text);
  if (match === null) return notANumber(text, nearestNumbers(text));
  const [, digits = '0', suffix, percent] = match;
  const multiple = MULTIPLE[suffix ?? percent ?? ''] ?? '1';
  const value = new ScenarioDecimal(digits).times(multiple);
  return { ok: true, value: value.isZero() ? new ScenarioDecimal(0) : value };
}

function notANumber(input: unknown, suggestions: readonly string[]): Reading<Decimal> {
  const message = tooManyDigits(input)
    ? `${shown(input)} has too many digits: at most 16 before the point and 12 after it.`
    : `${shown(input)} is not a number. Write digits with a point, such as 1000, 0.5, 250k, 1.2M or 12%.`;
  return refuse('not-a-number', message + didYouMean(suggestions), suggestions);
}

function tooManyDigits(input: unknown): boolean {
  return typeof input === 'string' && input.length < 1000 && /^-?\d+(\.\d+)?$/.test(input);
}

/** What was probably meant by a text that is almost a number. Never guesses between a decimal comma and thousands. */
function nearestNumbers(text: string): readonly string[] {
  if (text.length > 40) return [];
  const tidy = text
    .trim()
    .replace(/^[+$€£]\s?/u, '')
    .replace(/^−/u, '-');
  const candidates = [
    tidy,
    tidy.replace(/\s+(?=[kKMBGT]$)/, ''),
    tidy
      .replace(/(?<=\d)m$/, 'M')
      .replace(/(?<=\d)b$/, 'B')
      .replace(/(?<=\d)g$/, 'G')
      .replace(/(?<=\d)t$/, 'T'),
    /^-?\d{1,3}([_ '’]\d{3})+(\.\d+)?$/u.test(tidy) ? tidy.replace(/[_ '’]/gu, '') : '',
    /^-?\d{1,3}(,\d{3}){2,}(\.\d+)?$/.test(tidy) ? tidy.replaceAll(',', '') : '',
    ...(/^-?\d+,\d+$/.test(tidy) ? [tidy.replace(',', '.'), tidy.replace(',', '')] : []),
    /^-?\d{1,15}(\.\d{1,12})?e[+-]?\d{1,2}$/i.test(tidy) ? new ScenarioDecimal(tidy).toFixed() : '',
  ];
  return [...new Set(candidates.filter((candidate) => candidate !== text && isNumberText(candidate)))];
}
