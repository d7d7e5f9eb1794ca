const dayMs = 24 * 3_600_000;

/** The first instant of a month `YYYY-MM` in UTC, and that of the next. */
export function monthBounds(period: string): { readonly start: Date; readonly end: Date } {
  const [year = 0, month = 0] = period.split('-').map(Number);
  return { start: new Date(Date.UTC(year, month - 1, 1)), end: new Date(Date.UTC(year, month, 1)) };
}

/** Every day of a month, YYYY-MM-DD. */
export function daysOf(period: string): readonly string[] {
  const { start, end } = monthBounds(period);
  const count = Math.round((end.getTime() - start.getTime()) / dayMs);
  return Array.from({ length: count }, (_, index) =>
    new Date(start.getTime() + index * dayMs).toISOString().slice(0, 10),
  );
}

export function daysBefore(day: string, count: number): string {
  return new Date(Date.parse(day) - count * dayMs).toISOString().slice(0, 10);
}
