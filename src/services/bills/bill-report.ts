import type { OverlapFigures, OverlapLine } from '../../core/bills/overlap.ts';
import type { Problem, Warning } from '../../core/problem.ts';
import type { StoredBill } from '../../db/bills.ts';
import type { BillOutcome, BillQuestion } from '../../importers/bills/bill-import.ts';
import { Refusal } from '../refusal.ts';
import type { BillSums, OverlappingBill, Unpriced } from './bill-judgement.ts';
import type { ModelView } from './bill-models.ts';
import type { InvoiceView, Reconciliation } from './bill-reconciliation.ts';
import type { BillImportRequest, UploadedFile } from './bill-request.ts';

/** A bill of a file after every judgement. `id` is the one it is, or would be, stored under; of a repeated one, that is there. */
export type JudgedBill = OverlappingBill & {
  readonly id: string | null;
  readonly sums: BillSums | undefined;
  readonly reconciliation: Reconciliation | undefined;
};

export type ImportedBill = {
  /** null where nothing was stored: a dry run. */
  readonly id: string | null;
  /** What is done with it; `undecided`: something else is stored of this month, and nobody said what counts. */
  readonly action: 'store' | 'replace' | 'add' | 'repeated' | 'undecided';
  readonly provider: string;
  readonly account: string;
  readonly period: string;
  readonly currency: string;
  readonly kind: 'billed' | 'usage';
  readonly lines: number;
  readonly billed: string;
  readonly effective: string;
  readonly categories: Readonly<Record<string, string>>;
  readonly invoices: readonly InvoiceView[];
  readonly balance: StoredBill['balance'];
  /** Lines whose amount is quantity × list price of that month, and those for which there is none. */
  readonly priced_lines: number;
  readonly unpriced: readonly Unpriced[];
  readonly overlap: OverlapView | null;
};

export type OverlapView = {
  /** Bills of this month that are stored. */
  readonly bills: readonly { readonly id: string; readonly status: string; readonly billed: string }[];
  readonly same: number;
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly restated_days: readonly string[];
  /** What differs, line by line; at most 1,000. */
  readonly lines: readonly OverlapLineView[];
};

export type OverlapLineView = Omit<OverlapLine, 'stored' | 'sent'> & {
  readonly stored: FiguresView | null;
  readonly sent: FiguresView | null;
};
type FiguresView = { readonly lines: number; readonly billed: string | null; readonly quantity: string | null };

export type BillImportReport = {
  readonly stored: boolean;
  readonly dry_run: boolean;
  /** Everything in the file was stored before. */
  readonly repeated: boolean;
  readonly file: {
    readonly name: string;
    readonly bytes: number;
    readonly digest: string;
    readonly format: { readonly id: string; readonly label: string } | null;
    readonly records: number | null;
    readonly summed: boolean;
  };
  readonly questions: readonly BillQuestion[];
  readonly warnings: readonly Warning[];
  readonly bills: readonly ImportedBill[];
  readonly models: readonly ModelView[];
  /** Lines of other months than the one asked for. */
  readonly left_out: readonly { readonly period: string; readonly lines: number }[];
};

const mostDifferences = 1_000;
const mostErrors = 100;

export function reportImport({
  request,
  upload,
  read,
  bills,
  models,
  leftOut,
  stored,
}: {
  readonly request: BillImportRequest;
  readonly upload: UploadedFile;
  readonly read: Extract<BillOutcome, { ok: true }>;
  readonly bills: readonly JudgedBill[];
  readonly models: readonly ModelView[];
  readonly leftOut: BillImportReport['left_out'];
  readonly stored: boolean;
}): BillImportReport {
  const { format, records, summed, questions, warnings } = read;
  return {
    stored,
    dry_run: request.dryRun,
    repeated: bills.length > 0 && bills.every(({ repeated }) => repeated),
    file: {
      name: request.fileName,
      bytes: upload.bytes,
      digest: `sha256:${upload.sha256}`,
      format,
      records,
      summed,
    },
    questions,
    warnings,
    bills: bills.map((bill) => describeBill(bill, request.overlap, stored)),
    models,
    left_out: leftOut,
  };
}

/** The report of a file whose bytes are stored already. */
export function reportRepeated(
  request: BillImportRequest,
  upload: UploadedFile,
  standing: readonly StoredBill[],
): BillImportReport {
  const reading = standing[0]?.reading as { format: { id: string; label: string }; records: number; summed: boolean };
  const models = new Map(
    standing
      .flatMap((bill) => bill.models as readonly ModelView[])
      .map((model) => [JSON.stringify([model.provider, model.billed]), model]),
  );
  return {
    stored: false,
    dry_run: false,
    repeated: true,
    file: {
      name: request.fileName,
      bytes: upload.bytes,
      digest: `sha256:${upload.sha256}`,
      format: reading.format,
      records: reading.records,
      summed: reading.summed,
    },
    questions: [],
    warnings: [],
    bills: standing.map(describeStanding),
    models: [...models.values()],
    left_out: [],
  };
}

/** Throws Refusal where other lines of a month are stored and the request does not say, or may not say, what counts. */
export function refuseOverlap(
  bills: readonly JudgedBill[],
  { overlap: decision, fileName }: Pick<BillImportRequest, 'overlap' | 'fileName'>,
): void {
  const overlapping = bills.filter(({ repeated, standing }) => !repeated && standing.length > 0);
  const locked = overlapping.flatMap(({ standing }) => standing.filter(({ status }) => status === 'locked'));
  const clashing = overlapping.filter(({ overlap, standing }) => {
    if (decision === 'add') return (overlap?.changed ?? 0) > 0;
    return decision !== 'restate' || standing.some(({ file_name }) => file_name !== fileName);
  });
  if (locked.length === 0 && (clashing.length === 0 || decision === 'replace')) return;
  const months = [...new Set((locked.length > 0 ? locked : clashing.map(({ bill }) => bill)).map(monthOf))].join(', ');
  const message =
    locked.length > 0
      ? `${months} is locked: reverse the bill that is stored, with a reason, then send the file again.`
      : decision === 'add'
        ? `The file restates days of ${months} that are stored, so adding it would count them twice: send replace=true.`
        : decision === 'restate'
          ? `Something of ${months} is stored already and differs, and this source did not bring it: reverse that bill, with a reason, if the source is to count.`
          : `Something of ${months} is stored already and differs: send replace=true to put this file in its place, or add=true to add only what is not there. dry_run=true shows every line.`;
  const existing = (locked.length > 0 ? locked : clashing.flatMap(({ standing }) => standing)).map(
    ({ id }) => `/v1/bills/${id}`,
  );
  throw new Refusal('conflict', message, {
    members: { existing },
    errors: clashing.flatMap(describeDifferences).slice(0, mostErrors),
  });
}

/** Everything that is asked of the reader, as one refusal. */
export class OpenQuestions extends Refusal {
  readonly questions: readonly BillQuestion[];

  constructor(questions: readonly BillQuestion[]) {
    super('validation-failed', 'The file can be read in more than one way: answer what is asked, and send it again.', {
      errors: questions.map(({ id, column, text, choices }) => ({
        code: 'question',
        pointer: `/answers/${id}`,
        message: `${column}: ${text}`,
        suggestions: choices.map(({ value }) => value),
      })),
      members: { questions },
    });
    this.questions = questions;
  }
}

/** Why a file was not read, with what helps to mend it: its columns, the nearest formats, a mapping to be edited. */
export function refuseUnread(outcome: BillOutcome): Refusal {
  const { problems, problem_count } = outcome;
  const limitsOnly = problems.length > 0 && problems.every(({ code }) => code === 'limit-exceeded');
  const message =
    problem_count === 1
      ? 'One thing is wrong; nothing was stored.'
      : `${problem_count} things are wrong; nothing was stored.`;
  return new Refusal(limitsOnly ? 'limit-exceeded' : 'validation-failed', message, {
    errors: problems,
    members: outcome.ok
      ? { problem_count, format: outcome.format }
      : {
          problem_count,
          ...(outcome.columns === undefined ? {} : { columns: outcome.columns }),
          ...(outcome.nearest_formats === undefined ? {} : { nearest_formats: outcome.nearest_formats }),
          ...(outcome.suggested_mapping === undefined ? {} : { suggested_mapping: outcome.suggested_mapping }),
        },
  });
}

function describeBill(judged: JudgedBill, decision: BillImportRequest['overlap'], stored: boolean): ImportedBill {
  const { bill, sums, reconciliation, standing, overlap, repeated, id } = judged;
  const { provider, account, period, currency, kind } = bill;
  const known = standing.at(-1);
  if (repeated && known !== undefined) return describeStanding(known);
  const action =
    standing.length === 0
      ? 'store'
      : decision === 'refuse'
        ? 'undecided'
        : decision === 'restate'
          ? 'replace'
          : decision;
  return {
    id: stored ? id : null,
    action,
    provider,
    account,
    period,
    currency,
    kind,
    lines: sums?.lines ?? 0,
    billed: sums?.billed.toFixed() ?? '0',
    effective: sums?.effective.toFixed() ?? '0',
    categories: Object.fromEntries([...(sums?.categories ?? [])].map(([name, sum]) => [name, sum.toFixed()])),
    invoices: reconciliation?.invoices ?? [],
    balance: reconciliation?.balance ?? 'not-stated',
    priced_lines: sums?.priced ?? 0,
    unpriced: [...(sums?.unpriced.values() ?? [])].slice(0, mostErrors),
    overlap:
      overlap === null
        ? null
        : {
            ...overlap,
            bills: standing.map(({ id: of, status, billed }) => ({ id: of, status, billed })),
            lines: overlap.lines.slice(0, mostDifferences).map(describeLine),
          },
  };
}

function describeStanding(bill: StoredBill): ImportedBill {
  const { id, provider, account, period, currency, kind, lines, billed, effective, categories, invoices, balance } =
    bill;
  return {
    id,
    action: 'repeated',
    provider,
    account,
    period,
    currency,
    kind,
    lines,
    billed,
    effective,
    categories: categories as ImportedBill['categories'],
    invoices: invoices as ImportedBill['invoices'],
    balance,
    priced_lines: 0,
    unpriced: [],
    overlap: null,
  };
}

function describeLine(line: OverlapLine): OverlapLineView {
  return { ...line, stored: describeFigures(line.stored), sent: describeFigures(line.sent) };
}

function describeFigures(figures: OverlapFigures | null): FiguresView | null {
  if (figures === null) return null;
  const { lines, billed, quantity } = figures;
  return { lines, billed: billed?.toFixed() ?? null, quantity: quantity?.toFixed() ?? null };
}

function describeDifferences({ bill, overlap }: JudgedBill): readonly Problem[] {
  return (overlap?.lines ?? []).slice(0, mostErrors).map((line) => {
    const { verdict, day, model, meter, description, stored, sent } = describeLine(line);
    const what = [model, meter, model === null && meter === null ? description : null].filter((text) => text !== null);
    const amount = (figures: FiguresView | null): string =>
      figures === null ? 'nothing' : (figures.billed ?? `${figures.quantity ?? '?'} units`);
    return {
      code: `overlap-${verdict}`,
      pointer: `/bills/${bill.period}/${day}`,
      message: `${day} ${what.join(' ')}: stored ${amount(stored)}, sent ${amount(sent)}.`,
    };
  });
}

function monthOf({ provider, period }: { readonly provider: string; readonly period: string }): string {
  return `${provider} ${period}`;
}
