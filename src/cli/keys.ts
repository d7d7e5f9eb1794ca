import { loadConfig } from '../config.ts';
import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import { StartRefused } from '../db/folder-lock.ts';
import type { ApiKeyView, KeyStore, NewApiKeyInput, Scope } from '../services/api-keys.ts';
import { createApiKey, findApiKeys, revokeApiKey, scopes } from '../services/api-keys.ts';
import { Refusal } from '../services/refusal.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import { connectService, findService, serviceUrl } from './service.ts';
import { clockOf } from './settings.ts';
import { openStore } from './store.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type KeysOptions = GlobalOptions & {
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

/** `infercast keys create NAME` */
export async function runKeysCreate(
  name: string,
  { scopes: given, ttlDays, ...options }: KeysOptions & { readonly scopes: string; readonly ttlDays?: string },
): Promise<void> {
  const input = parseNewKey(name, given, ttlDays);
  await withKeys(options, async (keys) => {
    const made = await keys.create(input);
    const output = outputOf(options);
    if (options.format === 'json') output.print(JSON.stringify(made));
    else if (options.format === 'table') output.print(made.key ?? '');
    else output.print(renderTable(keyTable([made]), options.format, output.terminal));
    output.say(`Key ${made.id} (${made.scopes.join(', ')}) is valid until ${made.expires_at}. It is shown this once.`);
  });
}

/** `infercast keys list` */
export async function runKeysList(options: KeysOptions): Promise<void> {
  await withKeys(options, async (keys) => {
    const found = await keys.list();
    const output = outputOf(options);
    if (options.format === 'json') output.print(JSON.stringify({ data: found }));
    else output.print(renderTable(keyTable(found), options.format, output.terminal));
  });
}

/** `infercast keys revoke ID` */
export async function runKeysRevoke(id: string, options: KeysOptions): Promise<void> {
  await withKeys(options, async (keys) => {
    await keys.revoke(id);
    outputOf(options).say(`Key ${id} is revoked.`);
  });
}

type MadeKey = ApiKeyView & { readonly key: string | null };

type Keys = {
  readonly create: (input: NewApiKeyInput) => Promise<MadeKey>;
  readonly list: () => Promise<readonly ApiKeyView[]>;
  readonly revoke: (id: string) => Promise<void>;
};

/** Keys are in the database; where a running service holds the embedded one, the service is asked instead. */
async function withKeys(options: KeysOptions, use: (keys: Keys) => Promise<void>): Promise<void> {
  if (options.server !== undefined) return use(await keysOfService(options.server, options));
  const config = loadConfig();
  const database = await openStore(config).catch((error: unknown) => {
    if (error instanceof StartRefused && config.DATABASE_URL === undefined) return error;
    throw error;
  });
  if (database instanceof StartRefused) {
    const url = serviceUrl(config);
    if (await findService(url)) return use(await keysOfService(url, options));
    throw new CommandFailed(exitCodes.unreachable, [
      database.message,
      `No service answers at ${url} either: give its address with --server.`,
    ]);
  }
  const store: KeyStore = {
    db: database.db,
    clock: clockOf(config),
    settings: { apiKeyTtlDays: config.API_KEY_DEFAULT_TTL_DAYS },
  };
  try {
    await use(keysOfDatabase(store));
  } catch (error) {
    if (error instanceof Refusal) throw badUsage(error.message, { cause: error });
    throw error;
  } finally {
    await database.close();
  }
}

function keysOfDatabase(app: KeyStore): Keys {
  return {
    create: (input) => createApiKey(app, input),
    list: () => everyPage((cursor) => findApiKeys(app, { cursor, limit: 100 })),
    revoke: (id) => revokeApiKey(app, id),
  };
}

async function keysOfService(url: string, { keyFile }: KeysOptions): Promise<Keys> {
  const { call } = await connectService(url, keyFile ?? null);
  return {
    create: async (input) => (await call('POST', '/v1/api-keys', input)) as MadeKey,
    list: () =>
      everyPage(async (cursor) => {
        const query = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        return (await call('GET', `/v1/api-keys?limit=100${query}`)) as KeyPage;
      }),
    revoke: async (id) => {
      await call('DELETE', `/v1/api-keys/${encodeURIComponent(id)}`);
    },
  };
}

type KeyPage = { readonly data: readonly ApiKeyView[]; readonly next_cursor: string | null };

async function everyPage(load: (cursor: string | null) => Promise<KeyPage>): Promise<readonly ApiKeyView[]> {
  const found: ApiKeyView[] = [];
  let cursor: string | null = null;
  do {
    const page: KeyPage = await load(cursor);
    found.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

function parseNewKey(name: string, given: string, ttlDays: string | undefined): NewApiKeyInput {
  if (!/^\P{C}{1,120}$/u.test(name))
    throw badUsage('A key needs a name of 1 to 120 characters, none of them a control character.');
  const wanted = given.split(',').map((scope) => scope.trim());
  for (const scope of wanted) {
    if (isScope(scope)) continue;
    throw badUsage(
      `--scopes ${scope}: expected some of ${scopes.join(', ')}.${didYouMean(nearestNames(scope, scopes))}`,
    );
  }
  if (ttlDays !== undefined && !(/^\d{1,3}$/.test(ttlDays) && Number(ttlDays) >= 1 && Number(ttlDays) <= 365)) {
    throw badUsage(`--ttl-days ${ttlDays}: expected whole days from 1 to 365.`);
  }
  return { name, scopes: wanted.filter(isScope), ...(ttlDays !== undefined && { ttl_days: Number(ttlDays) }) };
}

function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}

function keyTable(keys: readonly (ApiKeyView & { readonly key?: string | null })[]): Table {
  const ids = ['id', 'name', 'scopes', 'created_at', 'expires_at', 'last_used_at', 'revoked_at'] as const;
  const titles = ['Id', 'Name', 'Scopes', 'Created', 'Expires', 'Last used', 'Revoked'];
  const isNew = keys.some(({ key }) => key !== undefined);
  return {
    columns: [...ids.map((id, i) => ({ id, title: titles[i] ?? id })), ...(isNew ? [{ id: 'key', title: 'Key' }] : [])],
    rows: keys.map((key) => [
      key.id,
      key.name,
      key.scopes.join(' '),
      ...[key.created_at, key.expires_at, key.last_used_at, key.revoked_at].map(
        (instant) => instant?.slice(0, 16) ?? '–',
      ),
      ...(isNew ? [key.key ?? ''] : []),
    ]),
  };
}
