import type { PullContext, Pulled, PulledFile } from './bill-source.ts';
import { askForJson, SourceFailed } from './bill-source.ts';
import { daysBefore, daysOf } from './period-days.ts';

export const openrouterOrigin = 'https://openrouter.ai';

/** The activity report gives the last 30 completed days in UTC and nothing before. */
const windowDays = 30;
const maxBytes = 25_000_000;

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
      { address: url.href, headers, destination: { origins: [origin] }, maxBytes },
      context,
    );
    if (!Array.isArray((json as { data?: unknown }).data)) {
      throw new SourceFailed('shape', `${origin} sent an activity report without "data".`);
    }
    files.push({ name: `openrouter-activity-${day}.json`, bytes: new TextEncoder().encode(text) });
  }
  return { files, missing_days: over.filter((day) => day < oldest) };
}
