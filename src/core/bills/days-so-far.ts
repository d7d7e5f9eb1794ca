import { daysOfMonth } from '../forecast/calendar.ts';
import type { StoredLine } from './actual-spend.ts';
import { BillDecimal } from './bill-decimal.ts';
import { providerOf } from './bill-identity.ts';

/** By provider the last day of the month that it gave lines of, YYYY-MM-DD; null where its lines do not say their days. */
export type BilledDays = ReadonlyMap<string, string | null>;

const dayMs = 86_400_000;
/** A day on clocks that are set back an hour. */
const longestDayMs = 25 * 3_600_000;

/**
 * Through which day the providers have billed a month under way. Providers report hours to days late, so a day of which a
 * provider gave nothing yet is not a day without spend, and the month counts as known through the last day it gave lines
 * of. Today is never such a day, since the rest of it is still to come; a line counts once its charge period is over. A day
 * on which truly nothing was used is taken for one that is still to be reported, until another comes after it.
 * @param today YYYY-MM-DD in UTC, as providers count
 */
export function openDays(
  period: string,
  today: string,
): { readonly add: (line: StoredLine) => void; readonly settle: () => BilledDays } {
  const through = new Map<string, string>();
  const undated = new Set<string>();
  const now = Date.parse(today);
  const add = (line: StoredLine): void => {
    if (!isUsage(line)) return;
    const provider = providerOf(line);
    const { start, end } = instantsOf(line);
    if (end > now) {
      // What is committed falls evenly on its days; of use that comes in one sum nobody knows how much has come.
      if (end - start > longestDayMs && line.CommitmentDiscountId === null) undated.add(provider);
      return;
    }
    const day = dayOf(start, end);
    if (day.slice(0, 7) < period) return;
    const inMonth = day.slice(0, 7) > period ? `${period}-${daysOfMonth(period)}` : day;
    if (inMonth > (through.get(provider) ?? '')) through.set(provider, inMonth);
  };
  const settle = (): BilledDays =>
    new Map<string, string | null>([...through, ...[...undated].map((provider): [string, null] => [provider, null])]);
  return { add, settle };
}

/**
 * What of a line falls into the days through `day`: all or nothing where it is of one day, in which most of it lies; its
 * share where it covers more, as a commitment of a month does. null for nothing.
 */
export function partThrough(line: StoredLine, day: string): StoredLine | null {
  const { start, end } = instantsOf(line);
  if (end - start <= longestDayMs) return dayOf(start, end) <= day ? line : null;
  const over = Date.parse(day) + dayMs - start;
  if (over <= 0) return null;
  if (over >= end - start) return line;
  const share = new BillDecimal(over).div(end - start);
  return {
    ...line,
    BilledCost: line.BilledCost?.times(share) ?? null,
    EffectiveCost: line.EffectiveCost?.times(share) ?? null,
    ListCost: line.ListCost?.times(share) ?? null,
    ContractedCost: line.ContractedCost?.times(share) ?? null,
  };
}

/** A line whose money counts and that says when something was used; a purchase comes when somebody pays. */
function isUsage({ counts, ChargeCategory, BilledCost, EffectiveCost }: StoredLine): boolean {
  return counts !== false && ChargeCategory === 'Usage' && (BilledCost !== null || EffectiveCost !== null);
}

/** The day in UTC in which the middle of one day lies, whatever its zone; of a longer stretch the last it reaches. */
function dayOf(start: number, end: number): string {
  const at = end - start <= longestDayMs ? (start + end) / 2 : end - 1;
  return new Date(at).toISOString().slice(0, 10);
}

function instantsOf({ ChargePeriodStart, ChargePeriodEnd }: StoredLine): { start: number; end: number } {
  return { start: Date.parse(ChargePeriodStart), end: Date.parse(ChargePeriodEnd) };
}
