import type { BillIdentity } from '../../core/bills/bill-identity.ts';
import { identifyBill, identityText } from '../../core/bills/bill-identity.ts';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { chargeKindOf } from '../../core/bills/overlap.ts';
import type { LineFile } from './bill-line-file.ts';
import { digestLine, digestLines, readBillLines } from './bill-line-file.ts';

/** One bill of a file, before anything is judged. */
export type SurveyedBill = BillIdentity & {
  readonly key: string;
  /** `usage` where no line has an amount that the provider states. */
  readonly kind: 'billed' | 'usage';
  readonly lines: number;
  readonly content_sha256: string;
  /** Whether every line names its invoice. */
  readonly invoiced: boolean;
  /** What its lines charge for, roughly. */
  readonly charges: readonly string[];
  /** Lines of each name of a model. */
  readonly models: ReadonlyMap<string, number>;
};

/** What a file holds: its bills by month, and what lies in other months than the one asked for. */
export type BillSurvey = {
  readonly bills: readonly SurveyedBill[];
  readonly leftOut: readonly { readonly period: string; readonly lines: number }[];
};

type Draft = {
  readonly identity: BillIdentity;
  readonly digests: string[];
  readonly charges: Set<string>;
  readonly models: Map<string, number>;
  billed: boolean;
  invoiced: boolean;
};

/** Goes through the lines once and keeps a digest of each, no line. Bills come by month, provider and account. */
export async function surveyBills(file: LineFile, period: string | null): Promise<BillSurvey> {
  const drafts = new Map<string, Draft>();
  const leftOut = new Map<string, number>();
  for await (const line of readBillLines(file)) {
    const identity = identifyBill(line);
    if (period !== null && identity.period !== period) {
      leftOut.set(identity.period, (leftOut.get(identity.period) ?? 0) + 1);
      continue;
    }
    const key = identityText(identity);
    const draft = drafts.get(key) ?? {
      identity,
      digests: [],
      charges: new Set(),
      models: new Map(),
      billed: false,
      invoiced: true,
    };
    drafts.set(key, draft);
    addLine(draft, line);
  }
  return {
    bills: [...drafts].map(([key, draft]) => describe(key, draft)).toSorted(byMonth),
    leftOut: [...leftOut].map(([month, lines]) => ({ period: month, lines })).toSorted(byMonth),
  };
}

function addLine(draft: Draft, line: BillLine): void {
  draft.digests.push(digestLine(line));
  if (line.BilledCost !== null && line.x_CostReason === null) draft.billed = true;
  draft.charges.add(chargeKindOf(line));
  if (line.InvoiceId === null) draft.invoiced = false;
  if (line.x_Model !== null) draft.models.set(line.x_Model, (draft.models.get(line.x_Model) ?? 0) + 1);
}

function describe(key: string, { identity, digests, charges, models, billed, invoiced }: Draft): SurveyedBill {
  const kind = billed ? 'billed' : 'usage';
  const content_sha256 = digestLines(digests);
  return { ...identity, key, kind, lines: digests.length, content_sha256, invoiced, charges: [...charges], models };
}

function byMonth(a: { readonly period: string; readonly key?: string }, b: typeof a): number {
  const [left, right] = [a, b].map(({ period, key }) => `${period} ${key ?? ''}`);
  return (left ?? '') < (right ?? '') ? -1 : 1;
}
