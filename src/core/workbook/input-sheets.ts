import { Decimal } from 'decimal.js';
import { minorUnitsOf } from '../forecast/plan.ts';
import { baseOf } from '../model/evaluate.ts';
import type { Program, ProgramRow, ResolvedInput } from '../model/program.ts';
import { absolute, monthColumn, monthsOf, relative, totalColumn } from './addresses.ts';
import type { Book, Settings } from './book.ts';
import { dateSerial, relativeTolerance } from './book.ts';
import type { Draft } from './draft.ts';
import { openDraft, putFormula, putHeading, putMonths, putNumber, putText } from './draft.ts';
import { unitText } from './formats.ts';
import { findInputLimits } from './input-limits.ts';
import { putOpening } from './model-sheets.ts';
import type { Placed } from './places.ts';

const changedColumn = 6;
const deliveredColumn = 7;
const checkedColumn = 8;

/** An input sheet, and the cells that say whether a figure was changed since the service wrote it. */
export type InputSheet = {
  readonly draft: Draft;
  readonly changed: { readonly from: number; readonly to: number } | null;
};

/**
 * `Inputs`, `Prices` and `Hardware`: one row an input, constants in column E, months from column J, the range or the
 * price's facts in column C. Column G keeps what was delivered, and F is 1 where the live figure differs from it.
 */
export function layOutInputs(book: Book): readonly InputSheet[] {
  return book.placed.sheets
    .filter(({ id }) => id === 'Inputs' || id === 'Prices' || id === 'Hardware')
    .map((sheet) => {
      const draft = openDraft(sheet.name);
      if (sheet.id === 'Inputs') putSettings(draft, book);
      for (const { title, heading, rows } of sheet.groups) {
        draft.next = heading;
        putHeading(draft, title, {
          [changedColumn]: 'Changed',
          [deliveredColumn]: 'Delivered',
          ...(sheet.id === 'Prices' && { [checkedColumn]: 'Checked' }),
        });
        for (const { row, source } of rows) {
          putInput(draft, row, source, book);
          if (sheet.id === 'Prices') putText(draft, row, checkedColumn, detail(source, 'checked_at'), 'note');
        }
        draft.next = (rows.at(-1)?.row ?? heading) + 2;
      }
      const rows = sheet.groups.flatMap((group) => group.rows).map(({ row }) => row);
      return { draft, changed: rows.length === 0 ? null : { from: Math.min(...rows), to: Math.max(...rows) } };
    });
}

function putSettings(draft: Draft, { scenario, months, formats, placed, forecast }: Book): void {
  putHeading(draft, 'Horizon');
  const line = (row: number | null, label: string, note: string, value: number, format: string): void => {
    if (row === null) return;
    putText(draft, row, 2, label, 'label');
    putText(draft, row, 3, note, 'note');
    putNumber(draft, row, totalColumn, value, 'static', format);
  };
  const { firstMonth, months: horizon, minorUnits, tokensPerMillion } = placed.settings;
  line(firstMonth, 'First month', 'fixed: prices are looked up by month', dateSerial(forecast.from), formats.month);
  line(horizon, 'Months in the forecast', 'fixed', months, formats.count);
  line(minorUnits, `Decimals of ${scenario.currency}`, 'fixed', minorUnitsOf(scenario.currency), formats.count);
  line(tokensPerMillion, 'Tokens per million', 'fixed', 1_000_000, formats.count);
}

function putInput(draft: Draft, row: number, source: ProgramRow, book: Book): void {
  if (source.content.kind !== 'input') return;
  const { definition, input } = source.content;
  const { scenario, formats, months, placed } = book;
  const usual = formats.of(source.unit, source.id);
  const format = usual === formats.percent ? formats.percentInput : usual;
  const limits = findInputLimits(definition, input);
  const inMonths = placed.places.get(source.index)?.months ?? false;
  const { origin } = definition;
  putText(draft, row, 2, source.label, 'label');
  putText(draft, row, 3, noteOf(input), 'note');
  putText(draft, row, 4, unitText(source.unit, scenario.currency), 'unit');
  if (origin.kind === 'built-in' && origin.name === 'month_number') {
    putMonths(
      draft,
      row,
      months,
      (m) => `${relative(monthColumn(m), 6)}`,
      (m) => new Decimal(m),
      'calculation',
      format,
    );
    return;
  }
  putOpening(draft, row, source.index, book, format);
  const isConstant = input.value.kind !== 'series';
  const delivered = relative(deliveredColumn, row);
  if (isConstant) {
    const base = baseOf(input.value, 1);
    const cell = relative(totalColumn, row);
    const style = origin.kind === 'built-in' && origin.name === 'minor_units' ? 'static' : 'input';
    putNumber(draft, row, totalColumn, base, style, format, limits);
    putNumber(draft, row, deliveredColumn, base, 'static', format);
    putFormula(draft, row, changedColumn, `IF(${cell}=${delivered},0,1)`, new Decimal(0), 'calculation', '0;;"–"');
    if (inMonths)
      putMonths(
        draft,
        row,
        months,
        () => `$${cell}`,
        () => base,
        'calculation',
        format,
      );
    return;
  }
  let weighted = new Decimal(0);
  for (let month = 1; month <= months; month++) {
    const value = baseOf(input.value, month);
    weighted = weighted.plus(value.times(month));
    putNumber(draft, row, monthColumn(month), value, 'input', format, limits);
  }
  // Weighted by the month, so that figures that change places are noticed too.
  const live = `SUMPRODUCT(${monthsOf(row, months)},${monthsOf(6, months, true)})`;
  const changed = `(ABS(${live}-${delivered})>${relativeTolerance}*ABS(${delivered}))*1`;
  putNumber(draft, row, deliveredColumn, weighted, 'static', formats.number);
  putFormula(draft, row, changedColumn, changed, new Decimal(0), 'calculation', '0;;"–"');
}

/** The range, the facts of a price, or where the figure is from, in at most 250 characters. */
function noteOf(input: ResolvedInput): string {
  const { value, source, details } = input;
  const range = value.kind === 'range' ? [value.text] : value.kind === 'shock' ? ['at rest'] : [];
  const price = details
    ? [
        details.model === details.asked || details.asked === undefined
          ? details.model
          : `${details.model} (asked: ${details.asked})`,
        details.meter,
        details.valid_from && `from ${details.valid_from}`,
      ]
    : [];
  const parts = [...range, ...price, source].filter((part): part is string => Boolean(part));
  const text = parts.join(' · ');
  return text.length <= 250 ? text : `${text.slice(0, 249)}…`;
}

function detail({ content }: ProgramRow, key: string): string {
  return content.kind === 'input' ? (content.input.details?.[key] ?? '') : '';
}

/** Addresses of what many formulas read, seen from other sheets. */
export function settingsOf(program: Program, { places, settings }: Placed): Settings {
  const input = (id: string): number => {
    const row = program.rows.find((candidate) => candidate.id === id && places.has(candidate.index));
    return places.get(row?.index ?? -1)?.row ?? 0;
  };
  const at = (row: number): string => `Inputs!${absolute(totalColumn, row)}`;
  return {
    firstMonth: at(settings.firstMonth),
    months: at(settings.months),
    minorUnits: at(settings.minorUnits ?? input('minor_units')),
    tokensPerMillion: at(settings.tokensPerMillion ?? input('tokens_per_million')),
  };
}
