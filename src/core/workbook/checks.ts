import { Decimal } from 'decimal.js';
import { isError } from '../formula/values.ts';
import type { ProgramRow } from '../model/program.ts';
import { rowsOf } from '../model/program.ts';
import { absolute, columnName, monthColumn, monthsOf, onSheet, rangesOf, relative, totalColumn } from './addresses.ts';
import type { Bands } from './bands-sheet.ts';
import type { Book, ShownTier } from './book.ts';
import { dateSerial } from './book.ts';
import type { Compared } from './compare-sheet.ts';
import type { Draft } from './draft.ts';
import type { Place } from './month-formulas.ts';
import type { Cached } from './sheet.ts';

/** Something that must hold: what is measured is 0, or at most the tolerance. */
export type Check = {
  readonly title: string;
  readonly says: string;
  /** Seen from the sheet `Checks`; `stored` is the address of the service's own figure there. */
  readonly formula: (stored: string) => string;
  readonly cached: Decimal;
  readonly tolerance: 'none' | 'money' | 'ratio';
  /** The figure as the service computed it, and its format. Such a check rests once inputs were changed. */
  readonly stored?: { readonly value: Cached; readonly format: string };
};

export type Checked = {
  readonly compared: Compared;
  readonly bands: Bands;
  /** Every sheet but `Checks`. */
  readonly drafts: readonly Draft[];
  /** Address of the tolerance for ratios and tokens. */
  readonly relativeTolerance: string;
};

const zero = new Decimal(0);

/** All checks of a workbook, in the order they are shown. */
export function checksOf(book: Book, checked: Checked): readonly Check[] {
  return [
    ...book.tiers.map((tier) => lineCheck(book, tier)),
    monthCheck(book),
    ...shareChecks(book),
    ...sizeChecks(book),
    ...tokenChecks(book, checked.relativeTolerance),
    percentileCheck(book, checked.bands),
    ...checked.drafts.map((draft) => errorCheck(book, draft)),
    ...book.tiers.flatMap((tier) => serviceChecks(book, tier, checked.compared)),
    ...breakEvenChecks(book, checked.compared),
  ];
}

function lineCheck({ report, placed, exact, program }: Book, tier: ShownTier): Check {
  const place = (row: number): number => (placed.places.get(row) as Place).row;
  const total = (row: number): Decimal =>
    (exact[row] ?? []).reduce<Decimal>((sum, value) => (isError(value) ? sum : sum.plus(value)), zero);
  const lines = tier.program.lines.map(({ row }) => row);
  const charged = lines.filter((row) => program.rows[row]?.content.kind === 'formula');
  const ranges = rangesOf(charged.map(place), (row) => relative(totalColumn, row), tier.sheet);
  const full = onSheet(tier.sheet, relative(totalColumn, place(tier.program.fullTotal)), null);
  const difference = charged.reduce((sum, row) => sum.plus(total(row)), zero).minus(total(tier.program.fullTotal));
  const { title, says } = report.checks.lines;
  return {
    title: `${title}: ${tier.label}`,
    says,
    formula: () => `ABS(SUM(${ranges || '0'})-${full})`,
    cached: difference.abs(),
    tolerance: 'money',
  };
}

function monthCheck({ report, settings, months }: Book): Check {
  const at = (month: number): string => `Inputs!${relative(monthColumn(month), 5)}`;
  const counted = `ABS(COUNT(Inputs!${monthsOf(5, months)})-${settings.months})`;
  const [first, final] = [at(1), at(months)];
  const span = `(YEAR(${final})-YEAR(${first}))*12+MONTH(${final})-MONTH(${first})+1`;
  const last = `ABS(${span}-${settings.months})`;
  const [from, to] = [relative(monthColumn(1), 6), relative(monthColumn(months - 1), 6)];
  const steps = `SUMPRODUCT((Inputs!${relative(monthColumn(2), 6)}:${relative(monthColumn(months), 6)}-Inputs!${from}:${to}<>1)*1)`;
  const { title, says } = report.checks.months;
  return {
    title,
    says,
    formula: () => [counted, last, ...(months > 1 ? [steps] : [])].join('+'),
    cached: zero,
    tolerance: 'none',
  };
}

/** Members of a composition serve each workload's requests whole: their shares add up to 1, and none is below 0. */
function shareChecks({ report, program, placed, months, tiers, settings }: Book): readonly Check[] {
  const { title, says } = report.checks.shares;
  return tiers.flatMap((tier) => {
    const shares = program.rows.filter(
      ({ index, id, key }) =>
        placed.places.has(index) && (id === 'share' || id === 'demand_share') && key.startsWith(`${tier.id}.`),
    );
    return [...Map.groupBy(shares, ({ instance }) => instance)].map(([workload, rows]): Check => {
      const places = rows.map(({ index }) => placed.places.get(index) as Place);
      const ranges = places.map((place) => wholeRow(place, months));
      const sums = places.map((place, i) => (place.months ? `SUM(${ranges[i]})` : `${settings.months}*${ranges[i]}`));
      return {
        title: `${title}: ${tier.label}, ${workload}`,
        says,
        formula: () => `ABS(${sums.join('+')}-${settings.months})+IF(MIN(${ranges.join(',')})<0,1,0)`,
        cached: zero,
        tolerance: 'ratio',
      };
    });
  });
}

function sizeChecks({ report, program, placed, scenario }: Book): readonly Check[] {
  const { title, says } = report.checks.sizes;
  return scenario.workloads.flatMap(({ id, sizes }): readonly Check[] => {
    const rows = program.rows.filter(
      (row) => row.id === 'size_share' && row.instance?.startsWith(`${id}/`) && placed.places.has(row.index),
    );
    if (rows.length !== sizes.length) return [];
    const places = rows.map(({ index }) => placed.places.get(index) as Place);
    const ranges = rangesOf(
      places.map(({ row }) => row),
      (row) => absolute(totalColumn, row),
      'Inputs',
    );
    return [
      {
        title: `${title}: ${id}`,
        says,
        formula: () => `ABS(SUM(${ranges})-1)`,
        cached: zero,
        tolerance: 'ratio',
      },
    ];
  });
}

function tokenChecks({ report, program, placed, months, scenario }: Book, tolerance: string): readonly Check[] {
  const { title, says } = report.checks.tokens;
  return scenario.workloads.map(({ id: workload }): Check => {
    const range = (id: string): string => {
      const row = rowsOf(program, 'volume', id).find(({ instance }) => instance === workload) as ProgramRow;
      return wholeRow(placed.places.get(row.index) as Place, months);
    };
    const input = range('input_volume');
    const rest = ['cached_tokens', 'written_tokens', 'uncached_tokens'].map(range).join('-');
    return {
      title: `${title}: ${workload}`,
      says,
      formula: () => `SUMPRODUCT((ABS(${input}-${rest})>${tolerance}*${input})*1)`,
      cached: zero,
      tolerance: 'none',
    };
  });
}

function percentileCheck({ report, tiers }: Book, { draft, disorder }: Bands): Check {
  const { title, says } = report.checks.percentiles;
  const failing = draft.cells.filter(({ row, column }) => column === 6 && disorder.includes(row));
  const ranges = rangesOf(disorder, (row) => relative(6, row), 'Bands');
  return {
    title,
    says,
    formula: () => (tiers.length === 0 ? '0' : `SUM(${ranges})`),
    cached: failing.reduce(
      (sum, { value }) => (value.kind === 'formula' && Decimal.isDecimal(value.cached) ? sum.plus(value.cached) : sum),
      zero,
    ),
    tolerance: 'none',
  };
}

function errorCheck({ report }: Book, draft: Draft): Check {
  const { title, says } = report.checks.errors;
  // The head shows the master check: counting it in would be a loop.
  const body = draft.cells.filter(({ row }) => row >= 5);
  const range = `$A$5:${absolute(Math.max(...body.map(({ column }) => column)), Math.max(...body.map(({ row }) => row)))}`;
  const errors = body.filter(({ value }) => value.kind === 'formula' && isError(value.cached)).length;
  return {
    title: `${title}: ${draft.name}`,
    says,
    formula: () => `SUMPRODUCT(ISERROR(${onSheet(draft.name, range, null)})*1)`,
    cached: new Decimal(errors),
    tolerance: 'none',
  };
}

/** The workbook's own totals against what the service computed: the two readings of one model. */
function serviceChecks({ report, formats }: Book, tier: ShownTier, { full, bill }: Compared): readonly Check[] {
  const { title, says } = report.checks.service;
  return [['full', full] as const, ['bill', bill] as const].map(([perimeter, measure]): Check => {
    const stored = new Decimal(tier.forecast.total[perimeter].base);
    const cell = `Compare!${relative(totalColumn, measure.row(tier.id))}`;
    return {
      title: `${title}: ${tier.label}, ${perimeter === 'full' ? 'full cost' : 'bill'}`,
      says,
      formula: (address) => `ABS(${cell}-${address})`,
      cached: measure.total(tier.id).minus(stored).abs(),
      tolerance: 'money',
      stored: { value: stored, format: formats.money },
    };
  });
}

function breakEvenChecks({ report, forecast, formats, tiers }: Book, { breakEven }: Compared): readonly Check[] {
  if (breakEven === null) return [];
  const { title, says } = report.checks.break_even;
  return forecast.comparison.pairs.flatMap(({ a, b, break_even }): readonly Check[] => {
    const tier = tiers.find(({ id }) => id === a);
    if (b !== breakEven.baseline || tier === undefined) return [];
    const month = break_even.month === null ? 'never' : new Decimal(dateSerial(break_even.month));
    const found = breakEven.month.get(a);
    const same = String(found) === String(month);
    return [
      {
        title: `${title}: ${tier.label}`,
        says,
        formula: (address) => `IF(Compare!${relative(totalColumn, breakEven.row(a))}=${address},0,1)`,
        cached: new Decimal(same ? 0 : 1),
        tolerance: 'none',
        stored: { value: month, format: formats.month },
      },
    ];
  });
}

function wholeRow({ sheet, row, months: inMonths }: Place, months: number): string {
  const range = inMonths
    ? `${columnName(monthColumn(1))}${row}:${columnName(monthColumn(months))}${row}`
    : absolute(totalColumn, row);
  return onSheet(sheet, range, null);
}
