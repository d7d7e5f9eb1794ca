import type { Decimal } from 'decimal.js';
import { BillDecimal } from './bill-decimal.ts';
import type { BillLine } from './bill-line.ts';

/** What lines of one day, SKU and place come to. */
export type OverlapFigures = {
  readonly lines: number;
  readonly billed: Decimal | null;
  readonly quantity: Decimal | null;
};

export type OverlapLine = {
  readonly verdict: 'added' | 'removed' | 'changed';
  /** YYYY-MM-DD on which the charge began. */
  readonly day: string;
  readonly model: string | null;
  readonly meter: string | null;
  readonly description: string | null;
  readonly stored: OverlapFigures | null;
  readonly sent: OverlapFigures | null;
};

export type Overlap = {
  /** Groups of lines that say the same in both. */
  readonly same: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Days of which the file says otherwise than what is stored. */
  readonly restated_days: readonly string[];
  /** Everything but what is the same, by day. */
  readonly lines: readonly OverlapLine[];
};

export type OverlapTally = {
  readonly stored: (line: BillLine) => void;
  readonly sent: (line: BillLine) => void;
  readonly finish: () => Overlap;
  /** Whether a sent line stands in no stored group, once every line was told. */
  readonly isNew: (line: BillLine) => boolean;
};

/**
 * What a file says of a month of which something is stored already. Lines are told apart by what they charge for and
 * when, and added up where nothing tells them apart, so that their order and number do not matter. `byInvoice`: both
 * sides name an invoice on every line, and equal lines of two invoices are two charges.
 */
export function tallyOverlap({ byInvoice }: { readonly byInvoice: boolean }): OverlapTally {
  const groups = new Map<string, Group>();
  const count = (side: 'stored' | 'sent') => (line: BillLine) => {
    const key = keyOf(line, byInvoice);
    const group = groups.get(key) ?? { line, stored: null, sent: null };
    group[side] = addTo(group[side], line);
    groups.set(key, group);
  };
  return {
    stored: count('stored'),
    sent: count('sent'),
    finish: () => summarize([...groups.values()]),
    isNew: (line) => (groups.get(keyOf(line, byInvoice))?.stored ?? null) === null,
  };
}

/**
 * What a line charges for, roughly: `Usage kWh`, `Purchase *`. Bills of one month that have none in common are of different
 * things, such as the power and the hours of an own machine; `*` is a unit that is not told and may be any.
 */
export function chargeKindOf({ ChargeCategory, ConsumedUnit, PricingUnit }: BillLine): string {
  return `${ChargeCategory} ${ConsumedUnit ?? PricingUnit?.replace(/^\d+ /, '') ?? '*'}`;
}

/**
 * Whether bills may charge for the same. What goes with anything tells nothing unless it is all there is: taxes, credits, and
 * beside charges with a unit those without one, such as a standing charge.
 */
export function chargeForSame(a: readonly string[], b: readonly string[]): boolean {
  const telling = (kinds: readonly string[]): readonly string[] => {
    const own = kinds.filter((kind) => !/^(Tax|Credit) /.test(kind));
    const measured = own.filter((kind) => !/^Usage \*/.test(kind));
    return measured.length > 0 ? measured : own.length > 0 ? own : kinds;
  };
  const isSame = (left: string, right: string): boolean => {
    const [[category, unit], [otherCategory, otherUnit]] = [left.split(' ', 2), right.split(' ', 2)];
    return category === otherCategory && (unit === otherUnit || unit === '*' || otherUnit === '*');
  };
  return telling(a).some((left) => telling(b).some((right) => isSame(left, right)));
}

type Group = { readonly line: BillLine; stored: OverlapFigures | null; sent: OverlapFigures | null };

function summarize(groups: readonly Group[]): Overlap {
  const different = groups
    .filter((group) => !isSame(group))
    .map(describe)
    .toSorted(byDay);
  const count = (verdict: OverlapLine['verdict']): number =>
    different.filter((line) => line.verdict === verdict).length;
  return {
    same: groups.length - different.length,
    added: count('added'),
    removed: count('removed'),
    changed: count('changed'),
    restated_days: [...new Set(different.filter(({ verdict }) => verdict === 'changed').map(({ day }) => day))],
    lines: different,
  };
}

function describe({ line, stored, sent }: Group): OverlapLine {
  return {
    verdict: stored === null ? 'added' : sent === null ? 'removed' : 'changed',
    day: line.ChargePeriodStart.slice(0, 10),
    model: line.x_Model,
    meter: line.x_Meter ?? line.SkuMeter,
    description: line.ChargeDescription,
    stored,
    sent,
  };
}

function isSame({ stored, sent }: Group): boolean {
  return (
    stored !== null && sent !== null && isEqual(stored.billed, sent.billed) && isEqual(stored.quantity, sent.quantity)
  );
}

function isEqual(a: Decimal | null, b: Decimal | null): boolean {
  return a === null || b === null ? a === b : a.eq(b);
}

function addTo(before: OverlapFigures | null, line: BillLine): OverlapFigures {
  const quantity = line.ConsumedQuantity ?? line.PricingQuantity;
  return {
    lines: (before?.lines ?? 0) + 1,
    billed: add(before?.billed ?? null, line.BilledCost),
    quantity: add(before?.quantity ?? null, quantity),
  };
}

function add(sum: Decimal | null, amount: Decimal | null): Decimal | null {
  return sum === null || amount === null ? (sum ?? amount) : new BillDecimal(sum).plus(amount);
}

function keyOf(line: BillLine, byInvoice: boolean): string {
  return JSON.stringify([
    Date.parse(line.ChargePeriodStart),
    Date.parse(line.ChargePeriodEnd),
    line.ChargeCategory,
    line.ChargeClass,
    line.ServiceName,
    line.SkuId,
    line.SkuMeter,
    line.x_Model,
    line.x_Meter,
    line.x_TokenDirection,
    line.x_CacheAction,
    line.x_ServiceTier,
    line.HostProviderName,
    line.RegionId,
    line.SubAccountId,
    line.SubAccountName,
    line.CommitmentDiscountId,
    line.ChargeDescription,
    line.ConsumedUnit ?? line.PricingUnit,
    byInvoice ? line.InvoiceId : null,
  ]);
}

function byDay(a: OverlapLine, b: OverlapLine): number {
  const [left, right] = [a, b].map(({ day, model, meter, verdict }) => `${day} ${model} ${meter} ${verdict}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
}
