import { instantOf, lastDayOf, nextMonth, startOfMonth } from './local-time.ts';

/** On which clocks a month under way is looked at: once a day, at a time such as `06:00`. */
export type LookClock = { readonly time: string; readonly zone: string };

/** Before it a month says too little: of three days the first is often not billed yet. */
export const firstLookDay = 4;

/** The instant of the first look at a month, in milliseconds since 1970: on its 4th day. */
export function firstLookAt(period: string, clock: LookClock): number {
  return lookOn(period, firstLookDay, clock);
}

/** The next look at a month after an instant; null where its last day has had its own. */
export function nextLookAt(period: string, after: number, clock: LookClock): number | null {
  for (let day = firstLookDay; day <= lastDayOf(period); day++) {
    const at = lookOn(period, day, clock);
    if (at > after) return at;
  }
  return null;
}

/** Whether a month is under way in the zone, and far enough to be looked at. */
export function isLookedAt(period: string, now: number, clock: LookClock): boolean {
  return now >= firstLookAt(period, clock) && now < startOfMonth(nextMonth(period), clock.zone);
}

function lookOn(month: string, day: number, { time, zone }: LookClock): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return instantOf({ month, day, hour, minute }, zone);
}
