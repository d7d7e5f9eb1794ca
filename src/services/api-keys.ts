import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  countActiveApiKeys,
  findApiKey,
  insertApiKey,
  listApiKeys,
  markApiKeyRevoked,
  markApiKeyUsed,
} from '../db/api-keys.ts';
import type { ApiKeyRow } from '../db/tables.ts';
import type { App, AppSettings } from './app.ts';
import { nowText } from './app.ts';
import type { Page, PageRequest } from './paging.ts';
import { makePage, parseCursor } from './paging.ts';
import { Refusal, refuseUnknown } from './refusal.ts';

/** What a key may do. `admin` may do everything. */
export const scopes = ['read', 'write', 'bills', 'schedules', 'admin', 'metrics'] as const;
export type Scope = (typeof scopes)[number];

export type ApiKeyView = {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created_at: string;
  readonly expires_at: string;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
};

export type NewApiKeyInput = {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly ttl_days?: number | undefined;
};

/** What keeping keys takes: the command line has no more of the service than this. */
export type KeyStore = Pick<App, 'db' | 'clock'> & { readonly settings: Pick<AppSettings, 'apiKeyTtlDays'> };

const mostKeys = 50;
const dayMs = 86_400_000;

/** Makes a key. `key` is in this answer only: the database keeps its SHA-256. */
export async function createApiKey(
  app: KeyStore,
  { name, scopes, ttl_days }: NewApiKeyInput,
): Promise<ApiKeyView & { readonly key: string }> {
  const now = app.clock();
  if ((await countActiveApiKeys(app.db, now.toISOString())) >= mostKeys) {
    throw new Refusal('limit-exceeded', `There are ${mostKeys} keys already: revoke one first.`, {
      members: { limit: String(mostKeys) },
    });
  }
  const id = makeKeyId();
  const secret = randomBytes(32).toString('base64url');
  const row = {
    id,
    name,
    scopes: [...new Set(scopes)],
    secret_sha256: digest(secret),
    created_at: now.toISOString(),
    expires_at: new Date(now.getTime() + (ttl_days ?? app.settings.apiKeyTtlDays) * dayMs).toISOString(),
  };
  await insertApiKey(app.db, row);
  const { secret_sha256: _, ...view } = row;
  return { ...view, last_used_at: null, revoked_at: null, key: writeKey(id, secret) };
}

export async function findApiKeys(app: KeyStore, { cursor, limit }: PageRequest): Promise<Page<ApiKeyView>> {
  const rows = await listApiKeys(app.db, parseCursor(cursor, apiKeyId), limit);
  return makePage(rows, limit, ({ id }) => id, showKey);
}

/** Ends a key at once. */
export async function revokeApiKey(app: KeyStore, id: string): Promise<void> {
  if (!(await markApiKeyRevoked(app.db, id, nowText(app)))) throw refuseUnknown('active key', id);
}

/** Whether somebody can let others in: needed before the service listens beyond this machine. */
export async function hasAdminKey(app: Pick<App, 'db' | 'clock'>): Promise<boolean> {
  return (await countActiveApiKeys(app.db, app.clock().toISOString(), 'admin')) > 0;
}

/**
 * The key a client sent, or null when it is malformed, unknown, wrong, expired or revoked: the caller cannot tell which,
 * and each takes the same work.
 */
export async function authenticateKey(app: App, sent: string): Promise<ApiKeyView | null> {
  const parts = parseKey(sent);
  const row = parts === null ? undefined : await findApiKey(app.db, parts.id);
  const right = timingSafeEqual(
    Buffer.from(digest(parts?.secret ?? ''), 'hex'),
    Buffer.from(row?.secret_sha256 ?? digest('no such key'), 'hex'),
  );
  const now = nowText(app);
  if (!right || row === undefined || row.revoked_at !== null || row.expires_at <= now) return null;
  await noteUse(app, row, now);
  return showKey(row);
}

export const apiKeyId = /^[0-9a-z]{8}$/;

/** Written at most once a minute: a read must not become a write each time. */
async function noteUse(app: App, { id, last_used_at }: ApiKeyRow, now: string): Promise<void> {
  if (last_used_at !== null && Date.parse(now) - Date.parse(last_used_at) < 60_000) return;
  await markApiKeyUsed(app.db, id, now);
}

/** `ifc_live_<id>_<secret><crc>`: the check sum lets a secret scanner tell a real key from a lookalike without asking. */
function writeKey(id: string, secret: string): string {
  const body = `ifc_live_${id}_${secret}`;
  return body + checksum(body);
}

function parseKey(text: string): { id: string; secret: string } | null {
  const match = /^(ifc_live_([0-9a-z]{8})_([A-Za-z0-9_-]{43}))([0-9a-f]{8})$/.exec(text);
  if (match === null) return null;
  const [, body = '', id = '', secret = '', sum] = match;
  return checksum(body) === sum ? { id, secret } : null;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function makeKeyId(): string {
  return Array.from({ length: 8 }, () => '0123456789abcdefghijklmnopqrstuvwxyz'.charAt(randomInt(36))).join('');
}

function showKey({ id, name, scopes, created_at, expires_at, last_used_at, revoked_at }: ApiKeyRow): ApiKeyView {
  return { id, name, scopes: scopes as readonly Scope[], created_at, expires_at, last_used_at, revoked_at };
}
