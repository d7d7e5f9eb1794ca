import { Decimal } from 'decimal.js';
import { speedInWords } from '../forecast/speed-words.ts';
import { evaluateExact } from '../formula/exact.ts';
import type { ExactValue } from '../formula/values.ts';
import { isError } from '../formula/values.ts';
import type { ProgramRow } from '../model/program.ts';
import { monthColumn, monthsOf, totalColumn } from './addresses.ts';
import type { Book } from './book.ts';
import type { Draft } from './draft.ts';
import { openDraft, putFormula, putHeading, putMonths, putNumber, putText } from './draft.ts';
import { unitText } from './formats.ts';
import { cellFormula, openingFormula, sheetFormula } from './month-formulas.ts';
import type { Cached, CellStyle } from './sheet.ts';

/** `Volume` and one sheet a tier: every row of the model a live formula by month, its sum in column E where months add up. */
export function layOutModels(book: Book): readonly Draft[] {
  return book.placed.sheets
    .filter(({ id }) => id === 'volume' || book.tiers.some((tier) => tier.id === id))
    .map((sheet) => {
      const draft = openDraft(sheet.name);
      for (const { title, heading, rows } of sheet.groups) {
        draft.next = heading;
        putHeading(draft, title, { [totalColumn]: 'Total' });
        for (const { row, source } of rows) putRow(draft, row, source, book);
        draft.next = (rows.at(-1)?.row ?? heading) + 2;
      }
      return draft;
    });
}

/** What PREV reads in month 1, in the column before it. */
export function putOpening(draft: Draft, row: number, index: number, book: Book, format: string): void {
  const opening = book.program.openings.get(index);
  if (opening === undefined) return;
  const { program, placed, exact } = book;
  const column = monthColumn(0);
  const { expression } = opening;
  const cell = (name: string): ExactValue => exact[opening.references.get(name)?.one ?? -1]?.[0] ?? new Decimal(0);
  const value = evaluateExact(expression, {
    value: cell,
    previous: () => new Decimal(0),
    cumulative: cell,
    each: (name) => (opening.references.get(name)?.each ?? []).map((each) => exact[each]?.[0] ?? new Decimal(0)),
    months: (name) => exact[opening.references.get(name)?.one ?? -1] ?? [],
  });
  if (expression.kind === 'number' && !isError(value)) putNumber(draft, row, column, value, 'calculation', format);
  else
    putFormula(
      draft,
      row,
      column,
      cellFormula(openingFormula(opening), 1, placed.places, program, draft.name),
      value,
      'calculation',
      format,
    );
}

function putRow(draft: Draft, row: number, source: ProgramRow, book: Book): void {
  const formula = sheetFormula(source);
  if (formula === null || source.content.kind === 'input') return;
  const { definition } = source.content;
  const { scenario, formats, months, placed, exact, program } = book;
  const style = styleOf(source, book);
  const format = formats.of(source.unit, source.id);
  const label = source.instance === null ? source.label : `${source.label}: ${source.instance}`;
  putText(draft, row, 2, label, style === 'calculation' ? 'label' : style);
  putText(draft, row, 3, [markOf(definition), speedNote(source, book)].filter(Boolean).join(' · '), 'note');
  putText(draft, row, 4, unitText(source.unit, scenario.currency), 'unit');
  putOpening(draft, row, source.index, book, format);
  const values = exact[source.index] ?? [];
  putMonths(
    draft,
    row,
    months,
    (month) => cellFormula(formula, month, placed.places, program, draft.name),
    (month) => values[month - 1] ?? new Decimal(0),
    style,
    format,
  );
  if (addsUp(source, book))
    putFormula(draft, row, totalColumn, `SUM(${monthsOf(row, months)})`, sumOf(values), style, format);
  if (style === 'calculation') draft.detailRows.push(row);
}

/** Beside an output speed, which kind of figure it is and how wide: what the service knows of it. */
function speedNote({ id, sheet, instance }: ProgramRow, { tiers }: Book): string {
  if (id !== 'output_speed') return '';
  const serving = tiers.find((tier) => tier.id === sheet)?.forecast.serving;
  const report = serving?.find(({ machine, workload }) => `${machine}/${workload}` === instance);
  if (report === undefined) return '';
  const { kind, width } = speedInWords(report);
  return width === null ? kind : `${kind}, ${width} §`;
}

/** The sum of a row, or the error that the first bad month passes on. */
export function sumOf(values: readonly Cached[]): Cached {
  let sum = new Decimal(0);
  for (const value of values) {
    if (typeof value === 'string' || isError(value)) return value;
    sum = sum.plus(value);
  }
  return sum;
}

function styleOf({ index, content }: ProgramRow, { program }: Book): CellStyle {
  if (program.tiers.some(({ fullTotal }) => fullTotal === index)) return 'grand-total';
  if (program.tiers.some(({ billTotal, cashTotal }) => billTotal === index || cashTotal === index)) return 'total';
  return content.kind === 'formula' && content.definition.perimeter !== null ? 'line' : 'calculation';
}

/** Levels, prices and ratios do not add up over months; money does where it is paid or charged in its month. */
function addsUp(source: ProgramRow, book: Book): boolean {
  if (source.content.kind === 'input') return false;
  const { perimeter, cash } = source.content.definition;
  const { additive_units: additive, level_ids: levels } = book.report;
  if (source.unit !== 'money') return additive.includes(source.unit) && !levels.includes(source.id);
  return perimeter !== null || cash === 'only' || styleOf(source, book) !== 'calculation';
}

function markOf({
  perimeter,
  behaviour,
  cash,
  note,
}: {
  readonly perimeter: string | null;
  readonly behaviour: string | null;
  readonly cash: string;
  readonly note: string | null;
}): string {
  const marks = [
    perimeter,
    behaviour,
    cash === 'only' ? 'cash only' : perimeter !== null && cash === 'never' ? 'no cash' : null,
    note,
  ];
  return marks.filter((mark) => mark !== null).join(' · ');
}
