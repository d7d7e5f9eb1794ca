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
  /** By the order of `keys`. */
  readonly texts: readonly (string | null)[];
  readonly day: string;
  /** Exclusive, where it is not the day's own end. */
  readonly longEnd: string | null;
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
const loose: ReadonlySet<string> = new Set(['ChargeDescription', 'ChargePeriodStart', 'ChargePeriodEnd']);
const keys = BILL_COLUMN_NAMES.filter(
  (name) => (BILL_COLUMNS[name] === 'text' || BILL_COLUMNS[name] === 'instant') && !loose.has(name),
);

/**
 * Sums lines that share day (UTC) and every text but the description: provider, service, SKU, model, meter, units, account,
 * region, invoice. Amounts are added exactly; one that is unknown in some lines and known in others is summed apart, so
 * that unknown never becomes 0. A charge for longer than a day keeps its own end.
 */
export function openDailySums(): DailySums {
  const sums = new Map<string, Sum>();
  const texts = openTextPool(keys.length + 2);

  function add(line: BillLine): void {
    const day = line.ChargePeriodStart.slice(0, 10);
    const end = line.ChargePeriodEnd;
    const longEnd = end.startsWith(day) || end === nextDay(day) ? null : end;
    const codes: number[] = [];
    texts.encode(0, day, codes);
    texts.encode(1, longEnd, codes);
    for (let i = 0; i < keys.length; i++) texts.encode(i + 2, line[keys[i] as keyof BillLine] as string | null, codes);
    for (const name of amounts) codes.push(line[name] === null ? 0 : 1);
    const key = String.fromCharCode(...codes);
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, begin(line, day, longEnd, texts.copyOf));
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

function begin(
  line: BillLine,
  day: string,
  longEnd: string | null,
  copyOf: (text: string | null) => string | null,
): Sum {
  const other: Record<string, string> = {};
  for (const [name, text] of Object.entries(line.x_Other)) other[name] = copyOf(text) as string;
  return {
    texts: keys.map((name) => copyOf(line[name] as string | null)),
    day: copyOf(day) as string,
    longEnd: copyOf(longEnd),
    amounts: amounts.map((name) => line[name]),
    description: copyOf(line.ChargeDescription),
    unitPrice: line.ListUnitPrice,
    other,
    first: line.x_FirstLine,
    last: line.x_LastLine,
  };
}

function describe({ texts, day, longEnd, amounts: totals, description, unitPrice, other, first, last }: Sum): BillLine {
  return {
    ...Object.fromEntries(keys.map((name, i) => [name, texts[i]])),
    ...Object.fromEntries(amounts.map((name, i) => [name, totals[i]])),
    ChargePeriodStart: `${day}T00:00:00Z`,
    ChargePeriodEnd: longEnd ?? nextDay(day),
    ChargeDescription: description,
    ListUnitPrice: unitPrice,
    x_Other: other,
    x_FirstLine: first,
    x_LastLine: last,
  } as BillLine;
}

type TextPool = {
  /** Two character codes that stand for the text; `slot` is the column, where the last text is often the next one. */
  readonly encode: (slot: number, text: string | null, codes: number[]) => void;
  /** One copy of each text, which keeps no piece of the file in memory. */
  readonly copyOf: (text: string | null) => string | null;
};

function openTextPool(slots: number): TextPool {
  const pool = new Map<string, { readonly id: number; readonly text: string }>();
  const lastText = Array<string | null>(slots).fill(null);
  const lastId = Array<number>(slots).fill(0);

  function entry(text: string): { readonly id: number; readonly text: string } {
    const known = pool.get(text);
    if (known !== undefined) return known;
    const copy = detached(text);
    const made = { id: pool.size + 1, text: copy };
    pool.set(copy, made);
    return made;
  }

  return {
    encode: (slot, text, codes) => {
      if (text !== lastText[slot]) {
        const found = text === null ? null : entry(text);
        lastText[slot] = found?.text ?? null;
        lastId[slot] = found?.id ?? 0;
      }
      const id = lastId[slot] as number;
      codes.push(id & 0xffff, id >>> 16);
    },
    copyOf: (text) => (text === null ? null : entry(text).text),
  };
}

let known = { day: '', next: '' };

/** Lines of one day mostly follow each other. */
function nextDay(day: string): string {
  if (known.day !== day) known = { day, next: daysAfter(`${day}T00:00:00Z`) };
  return known.next;
}
