import type { Decimal } from 'decimal.js';
import { BillDecimal } from '../../core/bills/bill-decimal.ts';
import { answerFor } from './bill-context.ts';
import type { BillContext } from './bill-format.ts';

const plainNumber = /^-?\d{1,40}(?:\.\d{1,40})?$/;
const exponent = /^-?\d{1,40}(?:\.\d{1,40})?[eE][+-]?\d{1,2}$/;
const written =
  /^(?<open>\()?(?<before>[-+])?\s*(?:[A-Z]{2,3}\$?|[$€£¥₹₩])?\s*(?<inside>[-+])?(?<digits>\d[\d.,\s'’]*(?:[eE][+-]?\d+)?)\s*(?:[A-Z]{3}|[$€£¥₹₩])?(?<behind>-)?(?<close>\))?$/u;
const gaps = /[\s'’]/gu;

/**
 * A number of a bill, exact: plain, with an exponent, with a currency sign or code, negative by a minus before or behind
 * or by parentheses, in either convention of decimal mark and thousands. null for anything else.
 *
 * `0,50` and `1.234,50` can be read in one way only. `1,234` and `1.234` could be thousands or thousandths: the answer to
 * `number-format` decides (`point` or `comma` is the decimal mark); until there is one, the point is.
 */
export function parseBillDecimal(text: string, context: BillContext, line: number, column: string): Decimal | null {
  if (plainNumber.test(text) && text.length < 80) {
    const point = text.indexOf('.');
    if (point < 0) return new BillDecimal(text);
    if (!isThreeDigitsAfter(text, point)) {
      context.hear('number-format', 'point', line, column, text);
      return new BillDecimal(text);
    }
  } else if (exponent.test(text)) return new BillDecimal(text);
  return parseWritten(text, context, line, column);
}

function parseWritten(text: string, context: BillContext, line: number, column: string): Decimal | null {
  if (text.length > 100) return null;
  const found = withoutSign(text);
  if (found === null) return null;
  const { bare, negative } = found;
  const digits = bare.replace(gaps, '');
  if (digits !== bare && !/^\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d+)?$/u.test(bare)) return null;
  if (/^\d+$/.test(digits)) return signed(digits, negative);
  if (exponent.test(digits)) return signed(digits, negative);
  const says = markOf(digits);
  if (says === undefined) return null;
  context.hear('number-format', says, line, column, text);
  const mark = says ?? answerFor(context, 'number-format', column) ?? 'point';
  const plain = mark === 'comma' ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
  return plainNumber.test(plain) ? signed(plain, negative) : null;
}

/** Which mark this text can only have as its decimal mark; null where either would do, undefined where neither. */
function markOf(digits: string): 'point' | 'comma' | null | undefined {
  if (/^(?:0|[1-9]\d{0,2}(?:,\d{3})+|\d+)\.\d+$/.test(digits) && !/^[1-9]\d{0,2}\.\d{3}$/.test(digits)) return 'point';
  if (/^(?:0|[1-9]\d{0,2}(?:\.\d{3})+|\d+),\d+$/.test(digits) && !/^[1-9]\d{0,2},\d{3}$/.test(digits)) return 'comma';
  if (/^[1-9]\d{0,2}(?:,\d{3}){2,}$/.test(digits)) return 'point';
  if (/^[1-9]\d{0,2}(?:\.\d{3}){2,}$/.test(digits)) return 'comma';
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(digits) ? null : undefined;
}

/** Without sign and currency: `(1.50)`, `$ -1.50`, `−1.50 USD`, `1.50-`. null where it is no number, or says its sign twice. */
function withoutSign(text: string): { readonly bare: string; readonly negative: boolean } | null {
  const { open, before, inside, digits, behind, close } = written.exec(text.replace('−', '-'))?.groups ?? {};
  const signs = [open, before, inside, behind].filter((sign) => sign !== undefined);
  if (digits === undefined || signs.length > 1 || (open === undefined) !== (close === undefined)) return null;
  return { bare: digits.trim(), negative: signs.length === 1 && signs[0] !== '+' };
}

function signed(digits: string, negative: boolean): Decimal {
  const number = new BillDecimal(digits);
  return negative ? number.negated() : number;
}

function isThreeDigitsAfter(text: string, point: number): boolean {
  return text.length === point + 4 && /^-?[1-9]\d{0,2}\./.test(text);
}
