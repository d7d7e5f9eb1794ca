import { Cron } from 'croner';
import type { Problem } from '../../core/problem.ts';
import type { Fires } from '../../core/schedule/timing.ts';

const longest = 100;

/** When a cron expression of five fields fires on the clocks of a zone, or what is wrong with it. */
export function parseCron(cron: string, zone: string): { readonly fires: Fires } | { readonly problem: Problem } {
  const refuse = (message: string): { problem: Problem } => ({
    problem: { code: 'wrong-value', pointer: '/cron', message },
  });
  if (cron.length > longest) return refuse(`A cron expression has at most ${longest} characters.`);
  try {
    const expression = new Cron(cron, { timezone: zone, paused: true, mode: '5-part' });
    // It gives what comes after a second, and an instant itself counts.
    const fires: Fires = (from) => expression.nextRun(new Date(from - 1_000))?.getTime() ?? null;
    if (fires(Date.UTC(2026, 0, 1)) === null) return refuse('It never fires: no month has that day.');
    return { fires };
  } catch {
    return refuse('Expected five fields: minute, hour, day of the month, month, day of the week, such as "0 6 3 * *".');
  }
}
