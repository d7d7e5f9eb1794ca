import type { BillQuestion } from '../../importers/bills/bill-import.ts';
import type { BillImportReport, ImportedBill } from '../bills/bill-report.ts';
import { figureTextFor, monthText } from '../figure-text.ts';
import type { Refusal } from '../refusal.ts';

/** What became of a file of bills that somebody sent, in words. */
export type BillImportView = {
  readonly fileName: string;
  readonly stored: boolean;
  readonly headline: string;
  readonly about: string;
  readonly bills: readonly {
    readonly provider: string;
    readonly month: string;
    readonly billed: string;
    readonly lines: string;
    readonly action: string;
  }[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** What the file leaves open: it is sent again with the answers. */
  readonly questions: readonly BillQuestion[];
};

export function showImport(report: BillImportReport): BillImportView {
  const { file, stored, dry_run, repeated, questions, warnings, bills, left_out } = report;
  const format = file.format === null ? '' : `Read as ${file.format.label}`;
  const records = file.records === null ? '' : `, ${file.records.toLocaleString('en-US')} records`;
  return {
    fileName: file.name,
    stored,
    headline: headlineOf({ stored, dry_run, repeated, asks: questions.length > 0 }),
    about: format === '' ? '' : `${format}${records}.`,
    bills: bills.map((bill) => ({
      provider: bill.provider,
      month: monthText(bill.period),
      billed: figureTextFor(bill.currency).money(bill.billed),
      lines: bill.lines.toLocaleString('en-US'),
      action: actions[bill.action],
    })),
    problems: bills.flatMap(problemsOf),
    warnings: [
      ...warnings.map(({ message }) => message),
      ...left_out.map(({ period, lines }) => `${lines} lines of ${monthText(period)} were left out.`),
    ],
    questions,
  };
}

/** Why a file was not stored, with everything that is wrong or open. */
export function showRefusedImport(fileName: string, { message, errors, members }: Refusal): BillImportView {
  const questions = Array.isArray(members.questions) ? (members.questions as readonly BillQuestion[]) : [];
  const nearest = Array.isArray(members.nearest_formats)
    ? (members.nearest_formats as readonly { readonly label: string; readonly missing: readonly string[] }[])
    : [];
  return {
    fileName,
    stored: false,
    headline:
      questions.length > 0 ? 'Nothing was stored yet: the file can be read in two ways.' : 'Nothing was stored.',
    about: message,
    bills: [],
    problems: questions.length > 0 ? [] : errors.map((error) => error.message),
    warnings: [
      ...nearest.map(({ label, missing }) => `Nearest format: ${label}; columns it misses: ${missing.join(', ')}.`),
      ...(members.columns === undefined ? [] : [mapped]),
    ],
    questions,
  };
}

const mapped =
  'Any table is read with a mapping of its columns: `infercast bills import FILE` shows one to begin with, and takes it with --map.';

const actions: Readonly<Record<ImportedBill['action'], string>> = {
  store: 'new',
  replace: 'takes the place of what is stored',
  add: 'adds what is not there yet',
  repeated: 'stored before: nothing changes',
  undecided: 'other lines of this month are stored: say whether to replace or to add',
};

function headlineOf({
  stored,
  dry_run,
  repeated,
  asks,
}: Pick<BillImportReport, 'stored' | 'dry_run' | 'repeated'> & { readonly asks: boolean }): string {
  if (asks) return 'Nothing was stored yet: the file can be read in two ways.';
  if (stored) return 'The bills are stored.';
  if (repeated) return 'All of it was stored before: nothing changed.';
  return dry_run ? 'This would be stored.' : 'Nothing was stored.';
}

function problemsOf({ provider, period, balance, unpriced }: ImportedBill): readonly string[] {
  const of = `${provider}, ${monthText(period)}`;
  return [
    ...(balance === 'unbalanced' ? [`${of}: its lines do not come to what its invoice asks.`] : []),
    ...(unpriced.length > 0 ? [`${of}: no list price is known for ${unpriced.length} of its models and meters.`] : []),
  ];
}
