import { randomBytes } from 'node:crypto';
import type { Problem } from '../../core/problem.ts';
import { failWaitingDeliveries } from '../../db/deliveries.ts';
import type { WebhookRow } from '../../db/tables.ts';
import type { WebhookTerms } from '../../db/webhooks.ts';
import {
  countWebhooks,
  findWebhook,
  insertWebhook,
  listWebhooks,
  markWebhookDeleted,
  updateWebhook,
} from '../../db/webhooks.ts';
import { judgeAddress } from '../../egress/guarded-request.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseInput, refuseUnknown } from '../refusal.ts';
import { hintOf } from '../sealed-secrets.ts';
import { requireRoom } from '../storage.ts';
import type { NoticeType } from './notice.ts';

export type WebhookInput = {
  readonly name: string;
  readonly url: string;
  readonly form?: WebhookRow['form'] | undefined;
  readonly events?: readonly NoticeType[] | null | undefined;
  readonly enabled?: boolean | undefined;
};

export type WebhookView = {
  readonly id: string;
  readonly name: string;
  readonly form: WebhookRow['form'];
  /** Where it leads, without what may be secret in it. */
  readonly address: string;
  readonly events: readonly string[] | null;
  readonly enabled: boolean;
  readonly disabled_reason: string | null;
  /** Which address it is, without telling it. */
  readonly fingerprint: string;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
};

/** What is stored sealed: `until` is when a replaced secret signs no more. */
export type WebhookSecrets = {
  readonly url: string;
  readonly secrets: readonly { readonly secret: string; readonly until: string | null }[];
};

const mostWebhooks = 10;
const secretBytes = 32;
const overlapMs = 24 * 3_600_000;

/** Stores a webhook under `id`. `secret` is in this answer only, and null for one that is not signed. Throws Refusal. */
export async function createWebhook(
  app: App,
  id: string,
  input: WebhookInput,
): Promise<WebhookView & { readonly secret: string | null }> {
  if ((await countWebhooks(app.db)) >= mostWebhooks) {
    throw new Refusal('limit-exceeded', `There are ${mostWebhooks} webhooks already: delete one first.`, {
      members: { limit: String(mostWebhooks) },
    });
  }
  requireAddress(app, input.url);
  const { form = 'standard', name, url, events = null, enabled = true } = input;
  const secret = form === 'standard' ? makeSecret() : null;
  const secrets: WebhookSecrets = { url, secrets: secret === null ? [] : [{ secret, until: null }] };
  const terms = { name, form, events, enabled, disabled_reason: null, ...sealedTerms(app, id, form, secrets) };
  await requireRoom(app);
  if (!(await insertWebhook(app.db, id, terms, nowText(app)))) return { ...(await getWebhook(app, id)), secret: null };
  return { ...(await getWebhook(app, id)), secret };
}

export async function getWebhook(app: App, id: string): Promise<WebhookView> {
  return showWebhook(await requireWebhook(app, id));
}

export async function findWebhooks(app: App, { cursor, limit }: PageRequest): Promise<Page<WebhookView>> {
  const rows = await listWebhooks(app.db, parseCursor(cursor, webhookId), limit);
  return makePage(rows, limit, ({ id }) => id, showWebhook);
}

/** Changes what `change` names. Enabled again it gets what happens from then on. Throws Refusal. */
export async function changeWebhook(
  app: App,
  id: string,
  change: Partial<Omit<WebhookInput, 'form'>>,
  isExpected: (version: number) => boolean,
): Promise<WebhookView> {
  const row = await requireWebhook(app, id);
  if (!isExpected(row.version)) throw refuseVersion(row);
  const { url, name = row.name, events = row.events, enabled = row.enabled } = change;
  if (url !== undefined) requireAddress(app, url);
  const sealed =
    url === undefined
      ? { address: row.address, sealed: row.sealed, hint: row.hint }
      : sealedTerms(app, id, row.form, { ...openWebhook(app, row), url });
  const disabled_reason = enabled ? null : row.disabled_reason;
  const terms: WebhookTerms = { name, form: row.form, events, enabled, disabled_reason, ...sealed };
  await replace(app, row, terms);
  return getWebhook(app, id);
}

/** Gives a webhook a new secret; what is sent within a day is signed with the one before too. */
export async function rotateWebhook(app: App, id: string): Promise<WebhookView & { readonly secret: string }> {
  const row = await requireWebhook(app, id);
  if (row.form !== 'standard') {
    throw new Refusal('validation-failed', 'Only webhooks of the form standard are signed: this one has no secret.');
  }
  const { url, secrets } = openWebhook(app, row);
  const secret = makeSecret();
  const until = new Date(app.clock().getTime() + overlapMs).toISOString();
  const [current] = secrets;
  const kept = current === undefined ? [] : [{ secret: current.secret, until }];
  const sealed = sealedTerms(app, id, row.form, { url, secrets: [{ secret, until: null }, ...kept] });
  const { name, form, events, enabled, disabled_reason } = row;
  await replace(app, row, { name, form, events, enabled, disabled_reason, ...sealed });
  return { ...(await getWebhook(app, id)), secret };
}

export async function deleteWebhook(app: App, id: string, isExpected: (version: number) => boolean): Promise<void> {
  const row = await requireWebhook(app, id);
  if (!isExpected(row.version)) throw refuseVersion(row);
  await app.db.transaction().execute(async (trx) => {
    if (!(await markWebhookDeleted(trx, id, row.version, nowText(app)))) throw refuseVersion(row);
    await failWaitingDeliveries(trx, id);
  });
}

/** Where a webhook leads and what signs it. Throws a Refusal where SECRETS_KEY is missing or another. */
export function openWebhook({ settings }: Pick<App, 'settings'>, { id, sealed }: WebhookRow): WebhookSecrets {
  return JSON.parse(settings.outside.secrets.open(sealed, placeOf(id))) as WebhookSecrets;
}

export async function requireWebhook(app: Pick<App, 'db'>, id: string): Promise<WebhookRow> {
  const row = await findWebhook(app.db, id);
  if (row === undefined) throw refuseUnknown('webhook', id);
  return row;
}

export const webhookId = /^wh_[0-9a-z]{1,40}$/;

/** Strong: the version names what may be changed. */
export function webhookEtag({ id, version }: { id: string; version: number }): string {
  return `"${id}-${version}"`;
}

/** An address as it may be shown: its query, and in a form whose whole path is a secret that too, left out. */
export function shownAddress(url: string, form: WebhookRow['form']): string {
  const { origin, pathname, search } = new URL(url);
  if (form === 'slack') return `${origin}/…`;
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

function sealedTerms(app: App, id: string, form: WebhookRow['form'], secrets: WebhookSecrets) {
  return {
    address: shownAddress(secrets.url, form),
    sealed: app.settings.outside.secrets.seal(JSON.stringify(secrets), placeOf(id)),
    hint: { ...hintOf(secrets.url), last4: null },
  };
}

function placeOf(id: string) {
  return { table: 'webhooks', column: 'sealed', id };
}

function makeSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString('base64')}`;
}

function requireAddress(app: App, url: string): void {
  // Whether something may be sent right now is asked when it is sent.
  const message = judgeAddress(url, 'free', { ...app.settings.outside.egress, offline: false });
  if (message === null) return;
  const problem: Problem = { code: 'address-refused', pointer: '/url', message };
  throw refuseInput([problem]);
}

async function replace(app: App, row: WebhookRow, terms: WebhookTerms): Promise<void> {
  if (await updateWebhook(app.db, row.id, row.version, terms, nowText(app))) return;
  throw refuseVersion(await requireWebhook(app, row.id));
}

function showWebhook(row: WebhookRow): WebhookView {
  const { id, name, form, address, events, enabled, disabled_reason, hint, version, created_at, updated_at } = row;
  return {
    id,
    name,
    form,
    address,
    events,
    enabled,
    disabled_reason,
    fingerprint: hint.sha256,
    version,
    created_at,
    updated_at,
  };
}

function refuseVersion(current: { id: string; version: number }): Refusal {
  return new Refusal(
    'version-mismatch',
    `The webhook is at version ${current.version} now: read it again before changing it.`,
    { members: { current_etag: webhookEtag(current) } },
  );
}
