import { localText } from '../../core/schedule/local-time.ts';
import { dayText } from '../figure-text.ts';

/** An instant as clocks in an IANA zone show it: `3 December 2026, 06:00`. */
export function instantText(instant: string, zone: string): string {
  const local = localText(Date.parse(instant), zone);
  return `${dayText(local.slice(0, 10))}, ${local.slice(11, 16)}`;
}

/** The same in UTC and with its name: `3 December 2026, 05:00 UTC`. */
export function utcText(instant: string): string {
  return `${instantText(instant, 'UTC')} UTC`;
}
