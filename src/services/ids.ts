import { uuidv7obj } from 'uuidv7';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** Kinds of stored things, by the letters their ids begin with. */
export type IdPrefix = 'sc' | 'fc' | 'pi' | 'bill' | 'cmp' | 'req' | 'sch' | 'run' | 'wh' | 'dlv' | 'src';

/** 26 letters that sort by the time they were made: a UUIDv7 in Crockford's base 32. */
export function makeObjectId(): string {
  let rest = uuidv7obj().bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = alphabet.charAt(Number(rest & 31n)) + text;
    rest >>= 5n;
  }
  return text;
}

/** `sc_01jd…`, `fc_01jd…`. */
export function makeId(prefix: IdPrefix): string {
  return `${prefix}_${makeObjectId()}`;
}
