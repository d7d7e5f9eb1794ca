import type { NoticeView } from '../../notify/notice-view.ts';
import type { NamedSchedule } from './scheduled-prices.ts';

export const mostSchedulesNamed = 10;

export type NamedSchedules = { readonly schedules: readonly NamedSchedule[]; readonly more_schedules: number };

/** Each schedule once, at most ten by name. */
export function namedSchedules(given: readonly NamedSchedule[]): NamedSchedules {
  const schedules = [...new Map(given.map((schedule) => [schedule.id, schedule])).values()];
  return {
    schedules: schedules.slice(0, mostSchedulesNamed),
    more_schedules: Math.max(0, schedules.length - mostSchedulesNamed),
  };
}

/** Which schedules a notice concerns, as its first figures. */
export function scheduleFigures({ schedules, more_schedules }: NamedSchedules): NoticeView['figures'] {
  return [
    ...schedules.map(({ name, scenario }) => ({ label: 'Schedule', value: `${name} (${scenario})` })),
    ...(more_schedules === 0 ? [] : [{ label: 'Schedules', value: `and ${more_schedules} more` }]),
  ];
}
