import { Decimal } from 'decimal.js';
import { BILL_COLUMN_NAMES, BILL_COLUMNS } from './bill-columns.ts';
import type { BillLine } from './bill-line.ts';
import { csvLine } from './delimited-text.ts';

/** Columns of FOCUS that a bill line has no field for: their value where the file did not say it. */
const added = {
  ProviderName: (line: BillLine) => line.ServiceProviderName,
  PublisherName: (line: BillLine) => line.HostProviderName ?? line.ServiceProviderName,
  ServiceCategory: () => 'AI and Machine Learning',
  BillingAccountName: () => '',
} as const satisfies Readonly<Record<string, (line: BillLine) => string>>;

const own = BILL_COLUMN_NAMES.filter((name) => name !== 'x_Other');

/** Names of the columns that only some lines have, in the order of the alphabet. */
export function otherColumnsOf(lines: Iterable<BillLine>): readonly string[] {
  const names = new Set<string>();
  for (const { x_Other } of lines) for (const name of Object.keys(x_Other)) names.add(name);
  return [...names].filter((name) => !Object.hasOwn(added, name) && !isOwn(name)).sort();
}

/**
 * The first line of an export in the words of FOCUS 1.2: its mandatory columns, those of later versions that we keep, and
 * ours, which begin with `x_`. `others` are columns that no rule reads, from {@link otherColumnsOf}.
 */
export function focusHeader(others: readonly string[]): string {
  return csvLine([...own, ...Object.keys(added), ...others.map(guarded)]);
}

/**
 * A line under {@link focusHeader}. Numbers are plain digits, instants UTC, what is unknown is empty. Reading the file again
 * gives the same line, but for its place in the file.
 */
export function focusLine(line: BillLine, others: readonly string[]): string {
  return csvLine([
    ...own.map((name) => cellOf(line, name)),
    ...Object.entries(added).map(([name, fallback]) => guarded(line.x_Other[name] ?? fallback(line))),
    ...others.map((name) => guarded(line.x_Other[name] ?? '')),
  ]);
}

function cellOf(line: BillLine, name: keyof BillLine): string {
  const value = line[name];
  if (value === null || value === undefined) return '';
  if (Decimal.isDecimal(value)) return (value as Decimal).toFixed();
  return BILL_COLUMNS[name] === 'text' ? guarded(String(value)) : String(value);
}

/** An apostrophe before what a spreadsheet would take for a formula, and before one that is there already: reading takes one off. */
function guarded(text: string): string {
  return /^'*[=+\-@\t\r\0]/.test(text) ? `'${text}` : text;
}

function isOwn(name: string): boolean {
  return (own as readonly string[]).includes(name);
}
