import type { Decimal } from 'decimal.js';
import { z } from 'zod';
import type { Draft } from './draft.ts';
import { constantIn, tierIn } from './draft.ts';
import { shown } from './fault.ts';
import { scenarioFields as fields } from './fields.ts';
import { isDate } from './months.ts';
import type { Readable } from './readable.ts';
import type { MonthToDate, TierChoice, Workload } from './scenario.ts';
import { constant, date, quantityFields, text } from './schema-parts.ts';

const amount = () => constant(fields.so_far, 'Requests, or spend in the currency of the scenario');

export const monthToDateInput = z.strictObject({
  workload: text(41, 'Workload whose requests were counted').optional(),
  tier: text(60, 'Tier whose spend was counted, instead of a workload').optional(),
  through: date('Last day that is counted, in the month forecast next', isDate),
  so_far: z
    .union([amount(), z.array(amount()).min(1).max(31)])
    .register(quantityFields, { ...fields.so_far, byMonth: false })
    .describe('All of it from the first of the month to that day, or a list of one number a day, which says more'),
});

type Sent = Readable<z.input<typeof monthToDateInput>>;

/** What came so far in the month forecast next (YYYY-MM; null where it is not known), of workloads and tiers: each at most once, to a day inside the month. */
export function parseMonthsToDate(
  draft: Draft,
  sent: readonly (Sent | undefined)[],
  month: string | null,
  workloads: readonly Workload[],
  tiers: readonly TierChoice[],
): readonly MonthToDate[] {
  const seen = new Map<string, number>();
  return sent.flatMap((entry, i): readonly MonthToDate[] => {
    if (entry === undefined) return [];
    const path = ['month_to_date', i];
    const subject = subjectOf(draft, entry, workloads, tiers, path);
    const before = seen.get(subject ?? '');
    if (subject !== null && before !== undefined) {
      const message = `/month_to_date/${before} counts the same: give it once.`;
      draft.faults.push({ code: 'duplicate-id', path, message });
    }
    if (subject !== null) seen.set(subject, i);
    const days = daysThrough(draft, entry, month, path);
    const given = (Array.isArray(entry.so_far) ? entry.so_far : [entry.so_far]).map((value) =>
      constantIn(value, fields.so_far),
    );
    const known = given.filter((value) => value !== undefined);
    if (Array.isArray(entry.so_far) && days !== null && given.length !== days) {
      const message = `Found ${given.length} values for ${days} days: one for each day of the month up to ${entry.through}.`;
      draft.faults.push({ code: 'series-length', path: [...path, 'so_far'], message, limit: String(days) });
    }
    if (subject === null || days === null || known.length < given.length) return [];
    return [
      {
        workload: entry.workload ?? null,
        tier: entry.tier ?? null,
        through: entry.through as string,
        so_far: (known as readonly Decimal[]).reduce((sum, value) => sum.plus(value)),
        by_day: Array.isArray(entry.so_far) ? known : null,
      },
    ];
  });
}

function subjectOf(
  draft: Draft,
  { workload, tier }: NonNullable<Sent>,
  workloads: readonly Workload[],
  tiers: readonly TierChoice[],
  path: readonly PropertyKey[],
): string | null {
  if ((workload === undefined) === (tier === undefined)) {
    const message = 'Give either workload, with its requests so far, or tier, with its spend so far.';
    draft.faults.push({ code: tier === undefined ? 'missing' : 'conflict', path, message });
    return null;
  }
  if (workload !== undefined) {
    if (workloads.some(({ id }) => id === workload)) return `workload ${workload}`;
    const message = `${shown(workload)} is not a workload. Known: ${workloads.map(({ id }) => id).join(', ')}.`;
    draft.faults.push({ code: 'unknown-workload', path: [...path, 'workload'], message });
    return null;
  }
  const isCompared = ({ id }: { readonly id: string }): boolean => tiers.some((choice) => choice.id === id);
  const found = tierIn(draft, tier, [...path, 'tier'], isCompared, 'one of the tiers compared');
  return found === undefined ? null : `tier ${found.id}`;
}

/** Days of the month up to and with `through`; null where that is no day of it. */
function daysThrough(
  draft: Draft,
  { through }: NonNullable<Sent>,
  month: string | null,
  path: readonly PropertyKey[],
): number | null {
  if (through === undefined || month === null) return null;
  if (through.startsWith(month)) return Number(through.slice(8));
  const message = `${through} is no day of ${month}, the month forecast next: what came so far is read against the forecast of the month under way, so give from: ${through.slice(0, 7)}, or start.`;
  draft.faults.push({ code: 'out-of-range', path: [...path, 'through'], message });
  return null;
}
