/** Where the time comes from. Everything else takes it as an argument, so that a test or a re-run can give its own. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** A clock that stands at one instant. */
export function fixedClock(instant: Date): Clock {
  return () => new Date(instant.getTime());
}

/** The calendar day of an instant in an IANA time zone, `YYYY-MM-DD`. */
export function dayIn(timeZone: string, instant: Date): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return parts.format(instant);
}
