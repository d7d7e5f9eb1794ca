import { spendText } from '../../compute/spend-text.ts';
import type { NowcastTask } from '../../compute/tasks.ts';
import type { StoredLine } from '../../core/bills/actual-spend.ts';
import { openSpend } from '../../core/bills/actual-spend.ts';
import { openDays, partThrough } from '../../core/bills/days-so-far.ts';
import { loadPeriodLines } from '../../db/bills.ts';
import type { ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { PullControl } from '../sources/bill-pulls.ts';
import { openBillSource, requireBillSource } from '../sources/bill-sources.ts';
import type { PulledLines } from '../sources/pulled-lines.ts';
import { withPulledLines } from '../sources/pulled-lines.ts';

export type SpendSoFar = Pick<NowcastTask, 'days' | 'spends'>;

/**
 * What was billed of a month under way, through the last day of each provider. What the sources of a schedule give counts
 * for their providers; of others, and without sources, the bills that somebody sent. Throws Refusal, as a pull does.
 */
export async function findSpendSoFar(
  app: App,
  { sources }: Pick<ScheduleRow, 'sources'>,
  period: string,
  control: PullControl,
): Promise<SpendSoFar> {
  const open = [];
  for (const id of sources) open.push(openBillSource(app, await requireBillSource(app, id)));
  return withPulledLines(app, open, period, control, (pulled) => addUp(app, pulled, period));
}

async function addUp(app: App, pulled: PulledLines, period: string): Promise<SpendSoFar> {
  const today = nowText(app).slice(0, 10);
  const known = openDays(period, today);
  for await (const line of linesOf(app, pulled, period)) known.add(line);
  const days = known.settle();
  const ends = [...new Set(days.values())].filter((day) => day !== null);
  const spends = ends.map((day) => ({ day, ...openSpend() }));
  if (spends.length > 0) {
    for await (const line of linesOf(app, pulled, period)) {
      for (const { day, add } of spends) {
        const part = partThrough(line, day);
        if (part !== null) add(part);
      }
    }
  }
  return {
    days: Object.fromEntries(days),
    spends: Object.fromEntries(spends.map(({ day, settle }) => [day, spendText(settle())])),
  };
}

async function* linesOf(app: App, pulled: PulledLines, period: string): AsyncGenerator<StoredLine> {
  yield* pulled.lines();
  for await (const { line, model, bill } of loadPeriodLines(app.db, { period })) {
    if (pulled.providers.has(bill.provider)) continue;
    yield { ...line, x_ModelId: model, counts: bill.counts, ofUsage: bill.kind === 'usage' };
  }
}
