import type { Problem } from '../../core/problem.ts';
import type { BillSourceTerms } from '../../db/bill-sources.ts';
import {
  countBillSources,
  findBillSource,
  insertBillSource,
  listBillSources,
  markBillSourceDeleted,
  updateBillSource,
} from '../../db/bill-sources.ts';
import type { BillSourceKind, BillSourceReading, SealedHint } from '../../db/outside-tables.ts';
import type { BillSourceRow } from '../../db/tables.ts';
import { judgeAddress } from '../../egress/guarded-request.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { Page, PageRequest } from '../paging.ts';
import { makePage, parseCursor } from '../paging.ts';
import { Refusal, refuseInput, refuseUnknown } from '../refusal.ts';
import { hintOf } from '../sealed-secrets.ts';
import { requireRoom } from '../storage.ts';
import { findReadingProblems } from './source-reading.ts';

/** Kinds there are, and two that would be if their providers published how to ask for a bill. */
export const billSourceKinds = ['openai', 'anthropic', 'openrouter', 'url', 'inbox', 'together', 'fireworks'] as const;

export type BillSourceInput = {
  readonly name: string;
  readonly kind: (typeof billSourceKinds)[number];
  /** Account of bills that do not name theirs. */
  readonly account?: string | null | undefined;
  /** Write-only: a key that may read usage and costs. */
  readonly credential?: string | null | undefined;
  readonly url?: string | undefined;
  readonly folder?: string | undefined;
  /** How its files are read, where they do not tell. */
  readonly reading?: BillSourceReading | null | undefined;
};

export type BillSourceView = {
  readonly id: string;
  readonly name: string;
  readonly kind: BillSourceKind;
  readonly account: string | null;
  /** Without its query, which may hold a key. */
  readonly url: string | null;
  readonly folder: string | null;
  readonly reading: BillSourceReading | null;
  readonly credential: SealedHint | null;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
};

/** A source with what is sealed of it opened: what a pull needs. Never shown, stored or logged. */
export type OpenSource = {
  readonly id: string | null;
  readonly kind: BillSourceKind;
  readonly account: string | null;
  readonly credential: string | null;
  readonly url: string | null;
  readonly folder: string | null;
  readonly reading: BillSourceReading | null;
};

type Sealed = { readonly credential: string | null; readonly query: string };

const mostSources = 20;

/** Stores a source under `id`; the same id again gives what was stored first. Throws Refusal. */
export async function createBillSource(app: App, id: string, input: BillSourceInput): Promise<BillSourceView> {
  if ((await countBillSources(app.db)) >= mostSources) {
    throw new Refusal('limit-exceeded', `There are ${mostSources} bill sources already: delete one first.`, {
      members: { limit: String(mostSources) },
    });
  }
  const source = requireSource(app, input);
  const terms = termsOf(app, id, input.name, source, source.kind === 'openrouter' ? nowText(app) : null);
  await requireRoom(app);
  const { taken } = await insertBillSource(app.db, id, terms, nowText(app));
  if (taken !== null && taken !== id) throw refuseName(input.name, taken);
  return getBillSource(app, id);
}

export async function getBillSource(app: App, id: string): Promise<BillSourceView> {
  return showBillSource(await requireBillSource(app, id));
}

export async function findBillSources(app: App, { cursor, limit }: PageRequest): Promise<Page<BillSourceView>> {
  const rows = await listBillSources(app.db, parseCursor(cursor, billSourceId), limit);
  return makePage(rows, limit, ({ id }) => id, showBillSource);
}

/** Changes what `change` names; a credential that is not named stays. Throws Refusal. */
export async function changeBillSource(
  app: App,
  id: string,
  change: Partial<Omit<BillSourceInput, 'kind'>>,
  isExpected: (version: number) => boolean,
): Promise<BillSourceView> {
  const row = await requireBillSource(app, id);
  if (!isExpected(row.version)) throw refuseVersion(row);
  const { url, folder, account, credential, kind, reading } = openBillSource(app, row);
  const input: BillSourceInput = {
    name: change.name ?? row.name,
    kind,
    account: change.account === undefined ? account : change.account,
    credential: change.credential === undefined ? credential : change.credential,
    reading: change.reading === undefined ? reading : change.reading,
    ...((change.url ?? url) === null ? {} : { url: change.url ?? url ?? '' }),
    ...((change.folder ?? folder) === null ? {} : { folder: change.folder ?? folder ?? '' }),
  };
  const terms = termsOf(app, id, input.name, requireSource(app, input), row.keep_at);
  const stored = await updateBillSource(app.db, id, row.version, terms, nowText(app));
  if (stored.outcome === 'name-taken') throw refuseName(input.name, stored.by);
  if (stored.outcome === 'changed-meanwhile') throw refuseVersion(await requireBillSource(app, id));
  return getBillSource(app, id);
}

/** Hides a source and forgets its credential; the bills it brought stay. */
export async function deleteBillSource(app: App, id: string, isExpected: (version: number) => boolean): Promise<void> {
  const row = await requireBillSource(app, id);
  if (!isExpected(row.version)) throw refuseVersion(row);
  if (await markBillSourceDeleted(app.db, id, row.version, nowText(app))) return;
  throw refuseVersion(await requireBillSource(app, id));
}

/** What a pull needs of a stored source. Throws a Refusal where SECRETS_KEY is missing or another. */
export function openBillSource({ settings }: Pick<App, 'settings'>, row: BillSourceRow): OpenSource {
  const sealed: Sealed =
    row.sealed === null
      ? { credential: null, query: '' }
      : (JSON.parse(settings.outside.secrets.open(row.sealed, placeOf(row.id))) as Sealed);
  const { url, folder } = row.settings;
  return {
    id: row.id,
    kind: row.kind,
    account: row.account,
    credential: sealed.credential,
    url: url === undefined ? null : url + sealed.query,
    folder: folder ?? null,
    reading: row.reading,
  };
}

/** What was sent as a source, for a test before it is saved. Throws Refusal with every problem. */
export function requireSource(app: App, input: BillSourceInput): OpenSource {
  const { kind, account = null, credential = null, url, folder, reading = null } = input;
  const problems: Problem[] = [];
  const add = (pointer: string, code: string, message: string): void => void problems.push({ pointer, code, message });
  if (kind === 'together' || kind === 'fireworks') {
    const named = kind === 'together' ? 'Together' : 'Fireworks';
    add(
      '/kind',
      'no-api',
      `${named} publishes no address that gives bills: download its export and send it to POST /v1/bills, or put it in an inbox.`,
    );
    throw refuseInput(problems);
  }
  const needsKey = kind === 'openai' || kind === 'anthropic' || kind === 'openrouter';
  if (needsKey && credential === null) add('/credential', 'required', `${kind} gives bills only to a key: send it.`);
  if (kind === 'inbox' && credential !== null) add('/credential', 'conflict', 'An inbox takes no key.');
  if (kind === 'url') {
    if (url === undefined) add('/url', 'required', 'Send the address that serves the bills.');
    else problems.push(...findAddressProblems(app, url));
  } else if (url !== undefined)
    add('/url', 'conflict', `Only a source of the kind url has an address; this is ${kind}.`);
  if (kind === 'inbox') {
    if (app.settings.outside.inboxFolder === null) {
      add('/kind', 'not-set-up', 'No folder may be read: set INBOX_DIR and start again.');
    }
    if (folder !== undefined && !isInside(folder)) {
      add('/folder', 'format', 'A folder below INBOX_DIR, such as "together", without "..".');
    }
  } else if (folder !== undefined) add('/folder', 'conflict', `Only an inbox has a folder; this is ${kind}.`);
  if (reading !== null && needsKey) {
    add(
      '/reading',
      'conflict',
      `What ${kind} reports is read as it documents it: only a url or an inbox takes a reading.`,
    );
  } else if (reading !== null) problems.push(...findReadingProblems(reading));
  if (problems.length > 0) throw refuseInput(problems);
  const place = { url: url ?? null, folder: kind === 'inbox' ? (folder ?? '') : null };
  return { id: null, kind, account, credential, ...place, reading };
}

export async function requireBillSource(app: Pick<App, 'db'>, id: string): Promise<BillSourceRow> {
  const row = await findBillSource(app.db, id);
  if (row === undefined) throw refuseUnknown('bill source', id);
  return row;
}

export const billSourceId = /^src_[0-9a-z]{1,40}$/;

/** Strong: the version names what may be changed. */
export function billSourceEtag({ id, version }: { id: string; version: number }): string {
  return `"${id}-${version}"`;
}

function findAddressProblems(app: App, url: string): readonly Problem[] {
  // Its parts for the month stand for digits; whether it may be asked right now is asked when it is.
  const example = url
    .replaceAll('{period}', '2026-10')
    .replaceAll('{start}', '2026-10-01')
    .replaceAll('{end}', '2026-10-31');
  const message = judgeAddress(example, 'free', { ...app.settings.outside.egress, offline: false });
  return message === null ? [] : [{ code: 'address-refused', pointer: '/url', message }];
}

/** Relative, and never upwards. */
function isInside(folder: string): boolean {
  return !/^[/\\]|[\\:\0]/.test(folder) && !folder.split('/').includes('..');
}

function termsOf(app: App, id: string, name: string, source: OpenSource, keep_at: string | null): BillSourceTerms {
  const { kind, account, credential, url, folder, reading } = source;
  const [address = '', query] = url?.split(/(?=\?)/, 2) ?? [];
  const sealed: Sealed = { credential, query: query ?? '' };
  const isSecret = credential !== null || sealed.query !== '';
  return {
    name,
    kind,
    account,
    settings: { ...(url !== null && { url: address }), ...(folder !== null && { folder }) },
    sealed: isSecret ? app.settings.outside.secrets.seal(JSON.stringify(sealed), placeOf(id)) : null,
    hint: credential === null ? null : hintOf(credential),
    reading,
    keep_at,
  };
}

function placeOf(id: string) {
  return { table: 'bill_sources', column: 'sealed', id };
}

function showBillSource(row: BillSourceRow): BillSourceView {
  const { id, name, kind, account, settings, reading, hint, version, created_at, updated_at } = row;
  const { url = null, folder = null } = settings;
  return { id, name, kind, account, url, folder, reading, credential: hint, version, created_at, updated_at };
}

function refuseName(name: string, taken: string): Refusal {
  return new Refusal(
    'conflict',
    `There is a bill source named "${name}" already: change that one, or choose another name.`,
    { members: { existing: `/v1/bill-sources/${taken}` } },
  );
}

function refuseVersion(current: { id: string; version: number }): Refusal {
  return new Refusal(
    'version-mismatch',
    `The bill source is at version ${current.version} now: read it again before changing it.`,
    { members: { current_etag: billSourceEtag(current) } },
  );
}
