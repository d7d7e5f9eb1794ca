import { Decimal } from 'decimal.js';
import { minorUnitsOf } from '../forecast/plan.ts';
import { isError } from '../formula/values.ts';
import { absolute, onSheet, relative } from './addresses.ts';
import type { Book } from './book.ts';
import type { Check, Checked } from './checks.ts';
import { checksOf } from './checks.ts';
import type { Draft } from './draft.ts';
import { openDraft, putFormula, putHeading, putNumber, putText } from './draft.ts';
import type { InputSheet } from './input-sheets.ts';

export type ChecksSheet = {
  readonly draft: Draft;
  /** `OK`, or how many checks failed; shown in the head of every sheet. */
  readonly master: { readonly address: string; readonly cached: string };
  /** Cell that counts the checks that fail. */
  readonly failures: string;
};

const columns = { measured: 4, allowed: 5, fails: 6, result: 7, stored: 8 } as const;
const plain = '0.0##########';

/** Every check with what it measures and what is allowed; the last line is the master check. */
export function layOutChecks(
  book: Book,
  inputs: readonly InputSheet[],
  checked: Omit<Checked, 'relativeTolerance'>,
): ChecksSheet {
  const draft = openDraft('Checks');
  const { checks } = book.report;
  putHeading(draft, 'Tolerances');
  const half = new Decimal(10).pow(-minorUnitsOf(book.scenario.currency)).div(2);
  const money = { address: putTolerance(draft, 'Money: half of the smallest unit', half), value: half };
  const small = new Decimal('1e-9');
  const said = 'Ratios and tokens: what is left of a double after a long sum';
  const ratio = { address: putTolerance(draft, said, small), value: small };
  const tolerances = { none: null, money, ratio };
  draft.next++;

  putHeading(draft, 'Checks', {
    [columns.measured]: 'Measured',
    [columns.allowed]: 'Allowed',
    [columns.fails]: 'Fails',
    [columns.result]: 'Result',
    [columns.stored]: 'Service (§)',
  });
  const changed = putInputsChanged(draft, checks.inputs, inputs);
  const first = draft.next;
  let failing = 0;
  for (const check of checksOf(book, { ...checked, relativeTolerance: ratio.address })) {
    const allowed = tolerances[check.tolerance];
    const holds = check.cached.lte(allowed?.value ?? 0);
    putCheck(draft, check, holds, allowed, changed);
    if (!holds) failing++;
  }
  const last = draft.next - 1;
  draft.next++;
  return putMaster(draft, checks.master, `${relative(columns.fails, first)}:${relative(columns.fails, last)}`, failing);
}

function putTolerance(draft: Draft, label: string, value: Decimal): string {
  const row = draft.next++;
  putText(draft, row, 2, label, 'label');
  putNumber(draft, row, columns.measured, value, 'static', plain);
  return absolute(columns.measured, row);
}

/** Information, not an error: what the service computed belongs to the inputs as they were delivered. */
function putInputsChanged(
  draft: Draft,
  { title, says }: { readonly title: string; readonly says: string },
  inputs: readonly InputSheet[],
): string {
  const row = draft.next++;
  const ranges = inputs.flatMap(({ draft: { name }, changed }) =>
    changed === null ? [] : [onSheet(name, `${absolute(6, changed.from)}:${absolute(6, changed.to)}`, null)],
  );
  putText(draft, row, 2, title, 'label');
  putText(draft, row, 3, says, 'note');
  const cell = absolute(columns.measured, row);
  const formula = ranges.length === 0 ? '0' : `SUM(${ranges.join(',')})`;
  putFormula(draft, row, columns.measured, formula, new Decimal(0), 'calculation', '0');
  const text = `IF(${cell}=0,"as delivered","inputs changed")`;
  putFormula(draft, row, columns.result, text, 'as delivered', 'calculation');
  return cell;
}

function putCheck(
  draft: Draft,
  { title, says, formula, cached, stored }: Check,
  holds: boolean,
  allowed: { readonly address: string; readonly value: Decimal } | null,
  changed: string,
): void {
  const row = draft.next++;
  const [measured, limit, fails] = [
    relative(columns.measured, row),
    relative(columns.allowed, row),
    relative(columns.fails, row),
  ];
  putText(draft, row, 2, title, 'label');
  putText(draft, row, 3, says, 'note');
  putFormula(draft, row, columns.measured, formula(relative(columns.stored, row)), cached, 'calculation', plain);
  if (allowed === null) putNumber(draft, row, columns.allowed, 0, 'calculation', plain);
  else putFormula(draft, row, columns.allowed, allowed.address, allowed.value, 'calculation', plain);
  const failed = `IF(ISERROR(${measured}),1,IF(${measured}>${limit},1,0))`;
  const result = `IF(${fails}=0,"OK","ERROR")`;
  const rests = stored !== undefined;
  const failing = new Decimal(holds ? 0 : 1);
  putFormula(draft, row, columns.fails, rests ? `IF(${changed}>0,0,${failed})` : failed, failing, 'calculation', '0');
  const shown = rests ? `IF(${changed}>0,"inputs changed",${result})` : result;
  putFormula(draft, row, columns.result, shown, holds ? 'OK' : 'ERROR', 'calculation');
  if (stored === undefined || isError(stored.value)) return;
  if (typeof stored.value === 'string') putText(draft, row, columns.stored, stored.value, 'static');
  else putNumber(draft, row, columns.stored, stored.value, 'static', stored.format);
}

function putMaster(
  draft: Draft,
  { title, says }: { readonly title: string; readonly says: string },
  range: string,
  failing: number,
): ChecksSheet {
  const row = draft.next++;
  putText(draft, row, 2, title, 'total');
  putText(draft, row, 3, says, 'note');
  const fails = relative(columns.fails, row);
  putFormula(draft, row, columns.fails, `SUM(${range})`, new Decimal(failing), 'total', '0');
  const cached = failing === 0 ? 'OK' : `ERROR: ${failing} checks`;
  putFormula(draft, row, columns.result, `IF(${fails}=0,"OK","ERROR: "&${fails}&" checks")`, cached, 'total');
  return {
    draft,
    master: { address: onSheet('Checks', absolute(columns.result, row), null), cached },
    failures: onSheet('Checks', absolute(columns.fails, row), null),
  };
}
