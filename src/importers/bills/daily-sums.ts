import type { Decimal } from 'decimal.js';
import { BILL_COLUMN_NAMES, BILL_COLUMNS } from '../../core/bills/bill-columns.ts';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { daysAfter } from './bill-dates.ts';
import { detached } from './refuse.ts';

/** Lines summed by day, SKU and account as they come. */
export type DailySums = {
  readonly add: (line: BillLine) => void;
  readonly size: () => number;
  /** In the order in which each first came. */
  readonly lines: () => Iterable<BillLine>;
};

type Amount = (typeof amounts)[number];
type Sum = {
  readonly line: BillLine;
  readonly amounts: (Decimal | null)[];
  description: string | null;
  unitPrice: Decimal | null;
  other: Record<string, string>;
  first: number;
  last: number;
};

const amounts = [
  'BilledCost',
  'EffectiveCost',
  'ListCost',
  'ContractedCost',
  'PricingQuantity',
  'ConsumedQuantity',
  'x_Requests',
  'x_ReasoningTokens',
] as const;

/** What two lines may differ in and still be summed: the sum keeps it only where all agree. */
const loose: ReadonlySet<string> = new Set([
  'ChargeDescription',
  'ListUnitPrice',
  'ChargePeriodStart',
  'ChargePeriodEnd',
]);
const keys = BILL_COLUMN_NAMES.filter(
  (name) => BILL_COLUMNS[name] === 'text' || BILL_COLUMNS[name] === 'instant',
).filter((name) => !loose.has(name));

/**
 * Sums lines that share day (UTC) and every text but the description: provider, service, SKU, model, meter, units, account,
 * region, invoice. Amounts are added exactly; one that is unknown in some lines and known in others is summed apart, so
 * that unknown never becomes 0. A charge for longer than a day keeps its own end.
 */
export function openDailySums(): DailySums {
  const sums = new Map<string, Sum>();

  function add(line: BillLine): void {
    const day = line.ChargePeriodStart.slice(0, 10);
    const end = line.ChargePeriodEnd;
    const long = end.slice(0, 10) !== day && end !== nextDay(day) ? end : '';
    let key = `${day}\u0001${long}`;
    for (const name of keys) key += `\u0001${line[name] ?? ''}`;
    for (const name of amounts) key += line[name] === null ? '0' : '1';
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, begin(line, day, long));
      return;
    }
    for (let i = 0; i < amounts.length; i++) {
      const amount = line[amounts[i] as Amount];
      if (amount !== null) sum.amounts[i] = (sum.amounts[i] as Decimal).plus(amount);
    }
    if (sum.description !== null && sum.description !== line.ChargeDescription) sum.description = null;
    if (sum.unitPrice !== null && (line.ListUnitPrice === null || !sum.unitPrice.eq(line.ListUnitPrice)))
      sum.unitPrice = null;
    for (const name in sum.other) if (sum.other[name] !== line.x_Other[name]) delete sum.other[name];
    if (line.x_FirstLine < sum.first) sum.first = line.x_FirstLine;
    if (line.x_LastLine > sum.last) sum.last = line.x_LastLine;
  }

  function* lines(): Iterable<BillLine> {
    for (const sum of sums.values()) yield describe(sum);
  }

  return { add, size: () => sums.size, lines };
}

function begin(line: BillLine, day: string, long: string): Sum {
  const own: Record<string, unknown> = { ...line };
  for (const name of keys) own[name] = copied(line[name] as string | null);
  own.ChargePeriodStart = `${day}T00:00:00Z`;
  own.ChargePeriodEnd = long === '' ? nextDay(day) : copied(long);
  const other: Record<string, string> = {};
  for (const [name, text] of Object.entries(line.x_Other)) other[name] = detached(text);
  return {
    line: { ...(own as unknown as BillLine), ChargeDescription: null, x_Other: {} },
    amounts: amounts.map((name) => line[name]),
    description: copied(line.ChargeDescription),
    unitPrice: line.ListUnitPrice,
    other,
    first: line.x_FirstLine,
    last: line.x_LastLine,
  };
}

function describe({ line, amounts: totals, description, unitPrice, other, first, last }: Sum): BillLine {
  const summed = Object.fromEntries(amounts.map((name, i) => [name, totals[i] as Decimal | null]));
  return {
    ...line,
    ...summed,
    ChargeDescription: description,
    ListUnitPrice: unitPrice,
    x_Other: other,
    x_FirstLine: first,
    x_LastLine: last,
  };
}

function copied(text: string | null): string | null {
  return text === null ? null : detached(text);
}

let known = { day: '', next: '' };

/** Lines of one day mostly follow each other. */
function nextDay(day: string): string {
  if (known.day !== day) known = { day, next: daysAfter(`${day}T00:00:00Z`) };
  return known.next;
}
