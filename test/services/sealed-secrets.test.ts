import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hintOf, makeSecretBox } from '../../src/services/sealed-secrets.ts';

const key = Buffer.alloc(32, 7).toString('base64');
const place = { table: 'bill_sources', column: 'credential', id: 'src_1' };

describe('a sealed secret', () => {
  const box = makeSecretBox(key);

  test('opens where it belongs, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        expect(box.open(box.seal(secret, place), place)).toBe(secret);
      }),
    );
  });

  test('opens with the same key in hex', () => {
    const inHex = makeSecretBox(Buffer.alloc(32, 7).toString('hex'));
    expect(inHex.open(box.seal('sk-1', place), place)).toBe('sk-1');
  });

  test('does not open in another row, column or table', () => {
    const sealed = box.seal('sk-1', place);
    for (const other of [{ id: 'src_2' }, { column: 'secret' }, { table: 'webhooks' }]) {
      expect(() => box.open(sealed, { ...place, ...other })).toThrow('does not open');
    }
  });

  test('does not open with any byte changed', () => {
    const [version, keyId, body = ''] = box.seal('sk-1', place).split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      const text = [version, keyId, changed.toString('base64url')].join('.');
      expect(() => box.open(text, place)).toThrow('does not open');
    }
  });

  test('says which key it was sealed with where that is another', () => {
    const other = makeSecretBox(Buffer.alloc(32, 8).toString('base64'));
    expect(() => other.open(box.seal('sk-1', place), place)).toThrow('sealed with another key');
  });

  test('is never the same text twice', () => {
    const sealed = Array.from({ length: 1_000 }, () => box.seal('sk-1', place));
    expect(new Set(sealed).size).toBe(1_000);
  });

  test('holds nothing of the secret', () => {
    expect(box.seal('sk-planted-canary', place)).not.toContain('planted');
  });
});

describe('without a key', () => {
  test('nothing is sealed, and the refusal says how to make one', () => {
    const box = makeSecretBox(null);
    expect(box.isReady).toBe(false);
    expect(() => box.seal('sk-1', place)).toThrow('openssl rand -base64 32');
  });

  test('of 32 bytes nothing starts', () => {
    expect(() => makeSecretBox('short')).toThrow('SECRETS_KEY must be 32 bytes in base64 or hex.');
  });
});

describe('of a secret', () => {
  test('four characters are shown where it is long, none where it is short', () => {
    expect(hintOf('sk-admin-0123456789').last4).toBe('6789');
    expect(hintOf('hunter2').last4).toBeNull();
  });
});
