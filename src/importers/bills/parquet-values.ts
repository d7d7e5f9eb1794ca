import type { ParquetParsers, SchemaElement } from 'hyparquet';

/** How the values of one column are read, and the text of each. */
export type ParquetText = {
  readonly parsers: Partial<ParquetParsers>;
  readonly textOf: (value: unknown) => string;
};

const utf8 = new TextDecoder();

/**
 * The text of a stored value, exact: decimals from their integers and scale, dates as days, timestamps with a `Z` only where
 * the column says that they are in UTC, floats as the shortest decimal that is that float, lists and maps as JSON.
 */
export function findTextOf(column: SchemaElement): ParquetText {
  const { converted_type: converted, logical_type: logical } = column;
  const zone = logical?.type === 'TIMESTAMP' && !logical.isAdjustedToUTC ? '' : 'Z';
  const parsers: Partial<ParquetParsers> = {
    timestampFromMilliseconds: (at) => timestamp(BigInt(at) * 1_000_000n, zone),
    timestampFromMicroseconds: (at) => timestamp(BigInt(at) * 1000n, zone),
    timestampFromNanoseconds: (at) => timestamp(BigInt(at), zone),
    dateFromDays: (days) => dayText(days),
    jsonFromBytes: (bytes) => bytes && utf8.decode(bytes),
  };
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    const scale = column.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
    return {
      parsers,
      textOf: (value) => (value === null || value === undefined ? '' : scaled(integerOf(value), scale)),
    };
  }
  return {
    parsers,
    textOf:
      column.type === 'FLOAT' ? (value) => (typeof value === 'number' ? shortFloat(value) : textOf(value)) : textOf,
  };
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return utf8.decode(value);
  if (typeof value === 'object')
    return JSON.stringify(value, (_key, member) => (typeof member === 'bigint' ? String(member) : member));
  return String(value);
}

/** Integers of DECIMAL come as number, BigInt or two's complement bytes, the highest first. */
function integerOf(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return BigInt(value);
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > 32)
    throw new RangeError('a DECIMAL of no integer');
  return BigInt.asIntN(8 * value.length, BigInt(`0x${Buffer.from(value).toString('hex')}`));
}

/** 12345 with a scale of 2 is `123.45`. */
function scaled(integer: bigint, scale: number): string {
  if (scale === 0) return String(integer);
  if (scale < 0 || scale > 40) throw new RangeError(`a DECIMAL with a scale of ${scale}`);
  const digits = String(integer < 0n ? -integer : integer).padStart(scale + 1, '0');
  return `${integer < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function timestamp(nanoseconds: bigint, zone: string): string {
  const at = new Date(Number(nanoseconds / 1_000_000n));
  if (Number.isNaN(at.getTime())) throw new RangeError('a timestamp outside the calendar');
  return at.toISOString().replace('.000Z', 'Z').replace('Z', zone);
}

function dayText(days: number): string {
  const at = new Date(days * 86_400_000);
  if (Number.isNaN(at.getTime())) throw new RangeError('a date outside the calendar');
  return at.toISOString().slice(0, 10);
}

/** 0.1 stored in 32 bits is 0.10000000149011612 in 64. */
function shortFloat(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}
