import { Decimal } from 'decimal.js';
import { isError } from '../formula/values.ts';
import { columnName, monthColumn, monthsOf, onSheet, relative, totalColumn } from './addresses.ts';
import type { Book, ShownTier } from './book.ts';
import type { Draft } from './draft.ts';
import { putFormula, putHeading, putMonths, putText } from './draft.ts';
import type { Place } from './month-formulas.ts';

/** One measure of several tiers: a row each on the sheet that compares them, and its exact values by month. */
export type Measure = {
  readonly tiers: readonly ShownTier[];
  readonly row: (tier: string) => number;
  readonly values: (tier: string) => readonly Decimal[];
  /** The sum over the months, where column E holds one. */
  readonly total: (tier: string) => Decimal;
};

export type MeasurePlan = {
  readonly title: string;
  readonly unit: string;
  readonly tiers: readonly ShownTier[];
  readonly captions?: Readonly<Record<number, string>>;
  readonly format: string;
  /** `row` is the tier's own row of this measure. */
  readonly formula: (tier: ShownTier, month: number, row: number) => string;
  readonly values: (tier: ShownTier) => readonly Decimal[];
  readonly addsUp?: true;
};

/** Writes a heading and a row for each tier: label, unit, one formula for all months, the sum where months add up. */
export function putMeasure(draft: Draft, months: number, plan: MeasurePlan): Measure {
  const { title, unit, tiers, format, formula, addsUp } = plan;
  putHeading(draft, title, plan.captions ?? (addsUp ? { [totalColumn]: 'Total' } : {}));
  const rows = new Map<string, number>();
  const values = new Map(tiers.map((tier) => [tier.id, plan.values(tier)]));
  const total = (id: string): Decimal => sumOf(values.get(id) ?? []);
  for (const tier of tiers) {
    const row = draft.next++;
    rows.set(tier.id, row);
    putText(draft, row, 2, tier.label, 'label');
    putText(draft, row, 4, unit, 'unit');
    const exact = values.get(tier.id) ?? [];
    putMonths(
      draft,
      row,
      months,
      (month) => formula(tier, month, row),
      (month) => exact[month - 1] ?? new Decimal(0),
      'calculation',
      format,
    );
    if (addsUp)
      putFormula(draft, row, totalColumn, `SUM(${monthsOf(row, months)})`, total(tier.id), 'calculation', format);
  }
  draft.next++;
  return { tiers, row: (id) => rows.get(id) as number, values: (id) => values.get(id) ?? [], total };
}

/** Months fetched from the tiers' own sheets. */
export function linkedMeasure(
  draft: Draft,
  book: Book,
  title: string,
  rowOf: (tier: ShownTier) => number,
  captions?: Readonly<Record<number, string>>,
): Measure {
  return putMeasure(draft, book.months, {
    title,
    unit: book.scenario.currency,
    tiers: book.tiers,
    format: book.formats.money,
    addsUp: true,
    ...(captions && { captions }),
    formula: (tier, month) => {
      const place = book.placed.places.get(rowOf(tier)) as Place;
      return onSheet(place.sheet, relative(monthColumn(month), place.row), draft.name);
    },
    values: (tier) => (book.exact[rowOf(tier)] ?? []).map((value) => (isError(value) ? new Decimal(0) : value)),
  });
}

/** Each measure's running total: last month's plus this month's. */
export function runningMeasure(draft: Draft, book: Book, title: string, of: Measure): Measure {
  return putMeasure(draft, book.months, {
    title,
    unit: book.scenario.currency,
    tiers: of.tiers,
    format: book.formats.money,
    formula: (tier, month, row) =>
      `${relative(monthColumn(month - 1), row)}+${relative(monthColumn(month), of.row(tier.id))}`,
    values: (tier) => runningSums(of.values(tier.id)),
  });
}

/** Each tier's measure less the baseline's; `digits` rounds away what is left of sums of cents. */
export function differenceMeasure(
  draft: Draft,
  book: Book,
  title: string,
  of: Measure,
  baseline: string,
  { digits, addsUp }: { readonly digits?: string; readonly addsUp?: true },
): Measure {
  return putMeasure(draft, book.months, {
    title,
    unit: book.scenario.currency,
    tiers: of.tiers.filter(({ id }) => id !== baseline),
    format: book.formats.money,
    ...(addsUp && { addsUp }),
    formula: (tier, month) => {
      const column = columnName(monthColumn(month));
      const difference = `${column}${of.row(tier.id)}-${column}$${of.row(baseline)}`;
      return digits === undefined ? difference : `ROUND(${difference},${digits})`;
    },
    values: (tier) => of.values(tier.id).map((value, m) => value.minus(of.values(baseline)[m] ?? 0)),
  });
}

export function sumOf(values: readonly Decimal[]): Decimal {
  return values.reduce((sum, value) => sum.plus(value), new Decimal(0));
}

function runningSums(values: readonly Decimal[]): readonly Decimal[] {
  let sum = new Decimal(0);
  return values.map((value) => {
    sum = sum.plus(value);
    return sum;
  });
}
