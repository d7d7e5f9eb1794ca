import { Decimal } from 'decimal.js';

/** How the page writes figures. Money and shares come in as the decimal strings of a forecast, so no digit is lost. */
export type FigureText = {
  /** To the cent, as the forecast has it: `$1,055.98`. */
  readonly money: (amount: string) => string;
  /** For a sentence: three digits from 100 up, whole below, two decimals below 10: `$1,060`, `$54`, `$3.96`. */
  readonly aboutMoney: (amount: string) => string;
  /** A price per million tokens: three decimals, or three digits where it is below a cent: `$1.169`, `$0.00214`. */
  readonly unitPrice: (amount: string) => string;
};

export function figureTextFor(currency: string): FigureText {
  const style = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
  const exact = new Intl.NumberFormat('en-US', style);
  const whole = new Intl.NumberFormat('en-US', { ...style, minimumFractionDigits: 0, maximumFractionDigits: 0 });
  const small = new Intl.NumberFormat('en-US', { ...style, minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const tiny = new Intl.NumberFormat('en-US', { ...style, maximumSignificantDigits: 3 });
  const write = (format: Intl.NumberFormat, amount: Decimal): string =>
    withMinus(format.format(amount.toFixed() as Intl.StringNumericLiteral));
  return {
    money: (amount) => write(exact, new Decimal(amount)),
    aboutMoney: (amount) => {
      const value = new Decimal(amount);
      if (value.abs().lt(10)) return write(exact, value);
      return write(whole, value.abs().lt(100) ? value : value.toSignificantDigits(3, Decimal.ROUND_HALF_UP));
    },
    unitPrice: (amount) => {
      const value = new Decimal(amount);
      return write(value.isZero() || value.abs().gte('0.01') ? small : tiny, value);
    },
  };
}

/** A share as whole per cent, `89 %`; never `100 %` or `0 %` of what is not all or nothing. */
export function percentText(share: string): string {
  const percent = new Decimal(share).times(100);
  const whole = percent.toDecimalPlaces(0, Decimal.ROUND_HALF_UP);
  if (whole.gte(100) && percent.lt(100)) return `over 99${narrow}%`;
  if (whole.isZero() && percent.gt(0)) return `under 1${narrow}%`;
  return `${whole.toFixed()}${narrow}%`;
}

/** `±7.8 %`, with a decimal only where there is one. */
export function toleranceText(share: string): string {
  return `±${new Decimal(share).times(100).toDecimalPlaces(1, Decimal.ROUND_HALF_UP).toFixed()}${narrow}%`;
}

/** `0.2135` as `+21.4 %`, `-0.031` as `−3.1 %`: one decimal, and the sign always. */
export function signedPercentText(share: Decimal.Value): string {
  const percent = new Decimal(share).times(100).toDecimalPlaces(1, Decimal.ROUND_HALF_UP);
  const sign = percent.isZero() ? '±' : percent.isNegative() ? '−' : '+';
  return `${sign}${percent.abs().toFixed(1)}${narrow}%`;
}

/** `2027-01` as `January 2027`. */
export function monthText(month: string): string {
  return monthFormat.format(new Date(`${month}-01T00:00:00Z`));
}

/** `2026-11-22` as `22 November 2026`. */
export function dayText(day: string): string {
  return dayFormat.format(new Date(`${day}T00:00:00Z`));
}

const monthFormat = new Intl.DateTimeFormat('en', { timeZone: 'UTC', month: 'long', year: 'numeric' });
const dayFormat = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });

/** No line breaks between a number and its sign. */
const narrow = '\u00a0';

function withMinus(text: string): string {
  return text.replace('-', '\u2212');
}
