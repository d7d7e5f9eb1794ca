import { Decimal } from 'decimal.js';

const plain = /^(?:\d{1,12}(?:\.\d{1,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?$/;

/** A price of 0 or more from its text, exponents included; null for anything else, such as −1 for "it depends". */
export function parsePriceText(text: unknown): Decimal | null {
  return typeof text === 'string' && plain.test(text) ? new Decimal(text) : null;
}

/** USD per token, as per million: 1.25e-07 is 0.125. */
export function perMillion(text: unknown): Decimal | null {
  return parsePriceText(text)?.times(1_000_000) ?? null;
}

/** USD apiece, as per thousand. */
export function perThousand(text: unknown): Decimal | null {
  return parsePriceText(text)?.times(1000) ?? null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
