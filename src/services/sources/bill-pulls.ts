import { monthBefore } from '../../core/schedule/local-time.ts';
import { keepDays, listKeptDays } from '../../db/bill-sources.ts';
import { pullAnthropicBills } from '../../sources/anthropic-bills.ts';
import type { PullContext, Pulled } from '../../sources/bill-source.ts';
import { mostPatienceMs, SourceFailed } from '../../sources/bill-source.ts';
import { pullBillsAtUrl } from '../../sources/bills-at-url.ts';
import { readInbox } from '../../sources/inbox-bills.ts';
import { pullOpenaiBills } from '../../sources/openai-bills.ts';
import { pullOpenrouterBills } from '../../sources/openrouter-bills.ts';
import { daysOf } from '../../sources/period-days.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { Refusal } from '../refusal.ts';
import { hintOf } from '../sealed-secrets.ts';
import type { OpenSource } from './bill-sources.ts';

export type PullControl = {
  readonly signal: AbortSignal;
  readonly log: (message: string) => Promise<void>;
  /** How long the pull may wait in all for a provider that asks it to; ten minutes unless given. */
  readonly patienceMs?: number;
};

/**
 * The files of a month as its source gives them now; days that a source has forgotten come from those that were kept.
 * Throws a Refusal, `unavailable` where another try may help, and the reason of the signal once that is aborted.
 */
export async function pullFiles(app: App, source: OpenSource, period: string, control: PullControl): Promise<Pulled> {
  try {
    return await pullFrom(app, source, contextOf(app, source, period, control));
  } catch (cause) {
    throw refusalOf(cause);
  }
}

/**
 * Keeps the days that a source gives now and will forget. Gives how many. Throws a Refusal: `unavailable` where another
 * try may help.
 */
export async function keepSourceDays(app: App, source: OpenSource, control: PullControl): Promise<number> {
  const today = nowText(app).slice(0, 10);
  let kept = 0;
  for (const period of [monthBefore(today.slice(0, 7)), today.slice(0, 7)]) {
    kept += (
      await pullDays(app, source, contextOf(app, source, period, control)).catch((cause: unknown) => {
        throw refusalOf(cause);
      })
    ).length;
  }
  return kept;
}

function contextOf(
  app: App,
  { credential }: OpenSource,
  period: string,
  { signal, log, patienceMs = mostPatienceMs }: PullControl,
): PullContext {
  const { egress: rules, wait } = app.settings.outside;
  return {
    period,
    today: nowText(app).slice(0, 10),
    credential,
    last4: credential === null ? null : hintOf(credential).last4,
    rules,
    now: app.clock,
    wait,
    patience: { leftMs: patienceMs },
    signal,
    log,
  };
}

async function pullFrom(app: App, source: OpenSource, context: PullContext): Promise<Pulled> {
  const { origins, inboxFolder } = app.settings.outside;
  switch (source.kind) {
    case 'openai':
      return pullOpenaiBills(context, origins.openai);
    case 'anthropic':
      return pullAnthropicBills(context, origins.anthropic);
    case 'openrouter':
      return pullOpenrouterMonth(app, source, context);
    case 'url':
      return pullBillsAtUrl(source.url ?? '', context);
    case 'inbox':
      if (inboxFolder === null) throw new SourceFailed('refused', 'No folder may be read: set INBOX_DIR.');
      return readInbox(inboxFolder, source.folder ?? '', context.period);
  }
}

/** One file of all days, since each is a part of one bill: those given now, and those kept from earlier. */
async function pullOpenrouterMonth(app: App, source: OpenSource, context: PullContext): Promise<Pulled> {
  const { period, today } = context;
  const given = await pullDays(app, source, context);
  const kept = source.id === null ? given : await listKeptDays(app.db, source.id, period);
  const lines = kept.map(({ body }) => body.replaceAll(/\r?\n/g, ' '));
  const have = new Set(kept.map(({ day }) => day));
  const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`);
  return {
    files: lines.length === 0 ? [] : [{ name: `openrouter-activity-${period}.jsonl`, bytes }],
    missing_days: daysOf(period).filter((day) => day < today && !have.has(day)),
  };
}

async function pullDays(
  app: App,
  source: OpenSource,
  context: PullContext,
): Promise<readonly { readonly day: string; readonly body: string }[]> {
  const { files } = await pullOpenrouterBills(context, app.settings.outside.origins.openrouter);
  const days = files.map(({ name, bytes }) => ({
    day: /\d{4}-\d{2}-\d{2}/.exec(name)?.[0] ?? '',
    body: new TextDecoder().decode(bytes),
  }));
  context.signal.throwIfAborted();
  if (source.id !== null) await keepDays(app.db, source.id, days, nowText(app));
  return days;
}

function refusalOf(cause: unknown): unknown {
  if (!(cause instanceof SourceFailed)) return cause;
  const { kind, waitMs, message } = cause;
  if (kind === 'too-large') return new Refusal('limit-exceeded', message, { cause });
  if (kind !== 'later') return new Refusal('validation-failed', message, { cause });
  const retryAfterSeconds = waitMs === null ? {} : { retryAfterSeconds: Math.ceil(waitMs / 1_000) };
  return new Refusal('unavailable', message, { cause, ...retryAfterSeconds });
}
