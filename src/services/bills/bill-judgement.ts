import type { Decimal } from 'decimal.js';
import { BillDecimal } from '../../core/bills/bill-decimal.ts';
import type { BillIdentity } from '../../core/bills/bill-identity.ts';
import { identifyBill, identityText } from '../../core/bills/bill-identity.ts';
import type { BillLine } from '../../core/bills/bill-line.ts';
import type { StatedModel } from '../../core/bills/match-model.ts';
import { matchModel } from '../../core/bills/match-model.ts';
import type { Overlap, OverlapTally } from '../../core/bills/overlap.ts';
import { chargeForSame, tallyOverlap } from '../../core/bills/overlap.ts';
import type { LinePricer } from '../../core/bills/price-lines.ts';
import { isPriceable, PRICED, withoutPricing } from '../../core/bills/price-lines.ts';
import type { PriceBook } from '../../core/prices/price.ts';
import type { StoredBill } from '../../db/bills.ts';
import { mayBeSame, streamBillLines } from '../../db/bills.ts';
import type { App } from '../app.ts';
import type { LineFile } from './bill-line-file.ts';
import { readBillLines } from './bill-line-file.ts';
import type { ModelView } from './bill-models.ts';
import { nameKey } from './bill-models.ts';
import type { SurveyedBill } from './bill-survey.ts';

/** What a name of a model is taken for, in every bill of the file. */
export function matchModels(
  book: PriceBook,
  bills: readonly SurveyedBill[],
  stated: ReadonlyMap<string, StatedModel>,
): readonly ModelView[] {
  const lines = new Map<string, { readonly provider: string; readonly billed: string; lines: number }>();
  for (const { provider, models } of bills) {
    for (const [billed, count] of models) {
      const key = nameKey(provider, billed);
      const entry = lines.get(key) ?? { provider, billed, lines: 0 };
      lines.set(key, { ...entry, lines: entry.lines + count });
    }
  }
  return [...lines].map(([key, { provider, billed, lines: count }]) => ({
    ...matchModel(book, provider, billed, stated.get(key)),
    lines: count,
  }));
}

/** A bill beside what is stored of its month already. */
export type OverlappingBill = {
  readonly bill: SurveyedBill;
  readonly standing: readonly StoredBill[];
  /** null where nothing stands there, or the very same does. */
  readonly overlap: Overlap | null;
  /** The very same is stored. */
  readonly repeated: boolean;
  /** Whether a line says something of which nothing is stored. */
  readonly isNew: (line: BillLine) => boolean;
};

/** Compares the bills of a file with standing ones of their kind, line by line where they are not simply the same. */
export async function compareWithStored(
  { db }: Pick<App, 'db'>,
  file: LineFile,
  bills: readonly SurveyedBill[],
  stored: readonly StoredBill[],
): Promise<readonly OverlappingBill[]> {
  const tallies = new Map<string, OverlapTally>();
  const pairs = bills.map((bill) => {
    const near = stored.filter((other) => repeatsBill({ ...other, charges: chargesOf(other) }, bill));
    const own = near.filter(({ account }) => account === bill.account);
    const standing = own.length > 0 ? own : near;
    return { bill, standing, same: standing.some(({ content_sha256 }) => content_sha256 === bill.content_sha256) };
  });
  for (const { bill, standing, same } of pairs) {
    if (standing.length === 0 || same) continue;
    const tally = tallyOverlap({ byInvoice: bill.invoiced && standing.every(isInvoiced) });
    for (const { id } of standing) {
      for await (const { line } of streamBillLines(db, id)) tally.stored(withoutPricing(line));
    }
    tallies.set(bill.key, tally);
  }
  if (tallies.size > 0) {
    for await (const line of readBillLines(file)) tallies.get(identityText(identifyBill(line)))?.sent(line);
  }
  return pairs.map(({ bill, standing, same }) => {
    const tally = tallies.get(bill.key);
    const overlap = tally?.finish() ?? null;
    const differs = overlap === null || overlap.lines.length > 0;
    return {
      bill,
      standing,
      overlap: differs ? overlap : null,
      repeated: same || !differs,
      isNew: tally?.isNew ?? (() => true),
    };
  });
}

/** Whether two bills may charge for the same use twice. */
export function repeatsBill(
  other: BillIdentity & Pick<SurveyedBill, 'kind' | 'charges'>,
  bill: BillIdentity & Pick<SurveyedBill, 'kind' | 'charges'>,
): boolean {
  return other.kind === bill.kind && mayBeSame(other, bill) && chargeForSame(other.charges, bill.charges);
}

function chargesOf({ reading }: StoredBill): readonly string[] {
  return (reading as { readonly charges: readonly string[] }).charges;
}

function isInvoiced({ invoices }: StoredBill): boolean {
  return (invoices as readonly { readonly invoice_id: string | null }[]).every(({ invoice_id }) => invoice_id !== null);
}

/** What the lines of a bill come to, once quantities without amounts are priced. */
export type BillSums = {
  lines: number;
  billed: Decimal;
  effective: Decimal;
  readonly categories: Map<string, Decimal>;
  /** By invoice; null where the lines name none. */
  readonly invoices: Map<string | null, Decimal>;
  /** Why lines of a usage bill have no cost, by model, meter and reason. */
  readonly unpriced: Map<string, Unpriced>;
  /** Lines whose amount is quantity × list price. */
  priced: number;
};

export type Unpriced = {
  readonly model: string | null;
  readonly meter: string | null;
  readonly reason: string;
  readonly lines: number;
};

/** One line as it is stored: with its bill, its model's id and, in a usage bill, its price. */
export type FinishedLine = { readonly bill: SurveyedBill; readonly line: BillLine; readonly model: string | null };

/** The lines of these bills that are to be stored, finished. Gives the same lines in the same order each time. */
export async function* finishLines(
  file: LineFile,
  bills: readonly OverlappingBill[],
  models: readonly ModelView[],
  price: LinePricer,
  onUnpriced: (bill: SurveyedBill, unpriced: Omit<Unpriced, 'lines'>) => void = () => {},
): AsyncGenerator<FinishedLine> {
  const wanted = new Map(bills.map((entry) => [entry.bill.key, entry]));
  const ids = new Map(models.map(({ provider, billed, model }) => [nameKey(provider, billed), model]));
  for await (const line of readBillLines(file)) {
    const entry = wanted.get(identityText(identifyBill(line)));
    if (entry === undefined || !entry.isNew(line)) continue;
    const { bill } = entry;
    const model = line.x_Model === null ? null : (ids.get(nameKey(bill.provider, line.x_Model)) ?? null);
    if (bill.kind === 'billed' || !isPriceable(line)) {
      yield { bill, line, model };
      continue;
    }
    const priced = price(line, model, bill.period);
    if (!priced.ok) onUnpriced(bill, { model: line.x_Model, meter: line.x_Meter, reason: priced.reason });
    yield { bill, line: priced.ok ? priced.line : line, model };
  }
}

/** Adds up the lines of each bill that are to be stored. */
export async function sumBills(
  file: LineFile,
  bills: readonly OverlappingBill[],
  models: readonly ModelView[],
  price: LinePricer,
): Promise<ReadonlyMap<string, BillSums>> {
  const sums = new Map(bills.map(({ bill }) => [bill.key, emptySums()]));
  const missing = (bill: SurveyedBill, unpriced: Omit<Unpriced, 'lines'>): void => {
    const all = sums.get(bill.key)?.unpriced;
    const key = JSON.stringify(unpriced);
    all?.set(key, { ...unpriced, lines: (all.get(key)?.lines ?? 0) + 1 });
  };
  for await (const { bill, line } of finishLines(file, bills, models, price, missing)) {
    const sum = sums.get(bill.key);
    if (sum !== undefined) addLine(sum, line);
  }
  return sums;
}

function emptySums(): BillSums {
  return {
    lines: 0,
    billed: new BillDecimal(0),
    effective: new BillDecimal(0),
    categories: new Map(),
    invoices: new Map(),
    unpriced: new Map(),
    priced: 0,
  };
}

function addLine(sums: BillSums, line: BillLine): void {
  const billed = line.BilledCost ?? new BillDecimal(0);
  sums.lines++;
  sums.billed = sums.billed.plus(billed);
  sums.effective = sums.effective.plus(line.EffectiveCost ?? billed);
  sums.categories.set(line.ChargeCategory, billed.plus(sums.categories.get(line.ChargeCategory) ?? 0));
  sums.invoices.set(line.InvoiceId, billed.plus(sums.invoices.get(line.InvoiceId) ?? 0));
  if (line.x_CostReason === PRICED) sums.priced++;
}
