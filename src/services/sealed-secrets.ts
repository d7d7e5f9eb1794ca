import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { workspace } from '../db/workspace.ts';
import { Refusal } from './refusal.ts';

/** Seals what must be read again later, such as a provider's key: AES-256-GCM, a fresh nonce each time. */
export type SecretBox = {
  /** False where no SECRETS_KEY is set: nothing can be sealed or opened. */
  readonly isReady: boolean;
  /** Throws a Refusal without a key. */
  readonly seal: (plain: string, place: SecretPlace) => string;
  /** Throws a Refusal where the key is missing or another, or the value was sealed for another place. */
  readonly open: (sealed: string, place: SecretPlace) => string;
};

/** Where a sealed value belongs; moved to another row or column it does not open. */
export type SecretPlace = { readonly table: string; readonly column: string; readonly id: string };

/** What may be shown of a secret: its last four characters where it is long, and which secret it is. */
export type SecretHint = { readonly last4: string | null; readonly sha256: string };

const version = 'v1';
const nonceBytes = 12;
const tagBytes = 16;
const shortest = 12;

/** `key` is the text of SECRETS_KEY: 32 bytes in base64 or hex; null where none is set. */
export function makeSecretBox(key: string | null): SecretBox {
  if (key === null) return { isReady: false, seal: refuseWithoutKey, open: refuseWithoutKey };
  const bytes = decodeKey(key);
  if (bytes === null) throw new RangeError('SECRETS_KEY must be 32 bytes in base64 or hex.');
  const keyId = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  return {
    isReady: true,
    seal: (plain, place) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(placeBytes(place));
      const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [version, keyId, sealed.toString('base64url')].join('.');
    },
    open: (text, place) => openSealed(text, place, bytes, keyId),
  };
}

/** The 32 bytes of a key in base64 or hex, or null where the text is none. */
export function decodeKey(text: string): Buffer | null {
  const bytes = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : Buffer.from(text.replaceAll('-', '+').replaceAll('_', '/'), 'base64');
  return bytes.byteLength === 32 ? bytes : null;
}

export function hintOf(secret: string): SecretHint {
  return {
    last4: secret.length >= shortest ? secret.slice(-4) : null,
    sha256: createHash('sha256').update(secret).digest('hex').slice(0, 16),
  };
}

function openSealed(text: string, place: SecretPlace, key: Buffer, keyId: string): string {
  const [form, sealedWith, body = ''] = text.split('.');
  if (form !== version || sealedWith !== keyId) {
    throw new Refusal(
      'validation-failed',
      `This secret was sealed with another key (${String(sealedWith).slice(0, 8)}; SECRETS_KEY is ${keyId}): set that key again, or send the secret anew.`,
    );
  }
  const bytes = Buffer.from(body, 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes));
    decipher.setAAD(placeBytes(place)).setAuthTag(bytes.subarray(-tagBytes));
    return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    const message = `The secret of ${place.id} was changed in the database and does not open: send it anew.`;
    throw new Refusal('validation-failed', message, { cause });
  }
}

function placeBytes({ table, column, id }: SecretPlace): Buffer {
  return Buffer.from([workspace, table, column, id].join('|'));
}

function refuseWithoutKey(): never {
  throw new Refusal(
    'validation-failed',
    'Secrets are stored sealed only: set SECRETS_KEY to 32 random bytes (`openssl rand -base64 32`) and start again.',
  );
}
