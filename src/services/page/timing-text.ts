import type { ScheduleView } from '../schedules/schedules.ts';

/** When a schedule fires, on the clocks of its zone: `on the 3rd of each month at 06:00`. */
export function timingText({ day, time, cron }: Pick<ScheduleView, 'day' | 'time' | 'cron'>): string {
  if (cron !== undefined) return `whenever “${cron}” says`;
  const which = day === 'last' ? 'last day' : ordinal(day ?? 0);
  return `on the ${which} of each month at ${time}`;
}

function ordinal(day: number): string {
  const ending = endings[ordinals.select(day)] ?? 'th';
  return `${day}${ending}`;
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd' };
