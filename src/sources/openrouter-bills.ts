import type { PullContext, Pulled, PulledFile } from './bill-source.ts';
import { askForJson, SourceFailed } from './bill-source.ts';
import { daysBefore, daysOf } from './period-days.ts';

export const openrouterOrigin = 'https://openrouter.ai';

/** The activity report gives the last 30 completed days in UTC and nothing before. */
const windowDays = 30;
const maxDayBytes = 5_000_000;
const needs = 'a management key';

/**
 * One file a day of the period that the activity report still gives; the other days that are over are named as missing,
 * for whoever kept them from an earlier pull (https://openrouter.ai/docs/api-reference/analytics/get-activity). The key
 * is a management key.
 */
export async function pullOpenrouterBills(context: PullContext, origin = openrouterOrigin): Promise<Pulled> {
  const over = daysOf(context.period).filter((day) => day < context.today);
  const oldest = daysBefore(context.today, windowDays);
  const files: PulledFile[] = [];
  for (const day of over.filter((each) => each >= oldest)) {
    const url = new URL('/api/v1/activity', origin);
    url.searchParams.set('date', day);
    const headers = { Authorization: `Bearer ${context.credential}`, Accept: 'application/json' };
    const { text, json } = await askForJson(
      { address: url.href, headers, destination: { origins: [origin] }, maxBytes: maxDayBytes, needs },
      context,
    );
    requireRowsOf(day, json, origin);
    files.push({ name: `openrouter-activity-${day}.json`, bytes: new TextEncoder().encode(text) });
  }
  return { files, missing_days: over.filter((day) => day < oldest) };
}

/** Rows of another day would count once for each day that is asked. */
function requireRowsOf(day: string, json: unknown, origin: string): void {
  const { data } = (json ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) throw new SourceFailed('shape', `${origin} sent an activity report without "data".`);
  const other = data.map((row: { date?: unknown } | null) => row?.date).find((date) => !isOf(day, date));
  if (other === undefined) return;
  const message = `${origin} was asked for ${day} and sent rows of ${String(other).slice(0, 20)}: none of them is taken.`;
  throw new SourceFailed('shape', message);
}

function isOf(day: string, date: unknown): boolean {
  return typeof date !== 'string' || date.slice(0, 10) === day;
}
