import type { Decimal } from 'decimal.js';
import { BILL_COLUMN_NAMES, BILL_COLUMNS } from '../../core/bills/bill-columns.ts';
import { BillDecimal } from '../../core/bills/bill-decimal.ts';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { didYouMean, nearestNames } from '../../core/nearest-name.ts';
import { METER_IDS } from '../../core/prices/meters.ts';
import type { Problem } from '../../core/problem.ts';
import { pointerTo } from '../../core/problem.ts';
import type { Cells } from './bill-cells.ts';
import { closeCells, decimalOf, instantOf, openCells, otherColumns, reportCell, textOf } from './bill-cells.ts';
import { daysAfter } from './bill-dates.ts';
import type { BillFormat } from './bill-format.ts';
import type { ColumnMapping, ColumnSource } from './bill-import.ts';
import { billLine } from './format-line.ts';

type Target = keyof BillLine;

/** What a mapping may fill: every column of a line but its place in the file and what nobody reads. */
const targets = BILL_COLUMN_NAMES.filter((name) => !['x_FirstLine', 'x_LastLine', 'x_Other'].includes(name));
const needed: readonly Target[] = ['BillingCurrency', 'ChargePeriodStart', 'ServiceProviderName'];
const quantities: readonly Target[] = ['BilledCost', 'EffectiveCost', 'ConsumedQuantity', 'PricingQuantity'];
const allowed: Partial<Readonly<Record<Target, readonly string[]>>> = {
  ChargeCategory: ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'],
  ChargeClass: ['Correction'],
  x_TokenDirection: ['input', 'output'],
  x_CacheAction: ['none', 'read', 'write_5m', 'write_1h'],
  x_Meter: METER_IDS,
};
const plainDecimal = /^-?\d{1,20}(?:\.\d{1,20})?$/;

/** What is wrong with a mapping for a file of these columns, all at once. */
export function checkMapping(mapping: ColumnMapping, columns: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  const report = (path: readonly string[], message: string, suggestions: readonly string[] = []): void => {
    const found = { code: 'invalid-mapping', pointer: pointerTo(['mapping', ...path]), message };
    problems.push({ ...found, ...(suggestions.length > 0 && { suggestions }) });
  };
  for (const [target, source] of Object.entries(mapping)) {
    if (!targets.includes(target as Target)) {
      const near = nearestNames(target, targets);
      report([target], `A bill line has no column "${target.slice(0, 60)}".${didYouMean(near)}`, near);
    } else if ('column' in source) {
      if (!columns.includes(source.column)) {
        const near = nearestNames(source.column, columns);
        report([target, 'column'], `The file has no column "${source.column.slice(0, 60)}".${didYouMean(near)}`, near);
      }
      if (
        source.scale !== undefined &&
        (BILL_COLUMNS[target as Target] !== 'decimal' || !plainDecimal.test(source.scale))
      )
        report([target, 'scale'], 'A scale is a plain number such as 0.01, for amounts and quantities.');
    } else if (source.value.trim() === '' || source.value.startsWith('EDIT'))
      report([target, 'value'], `Expected the value of ${target} for every line.`);
  }
  for (const target of needed)
    if (mapping[target] === undefined) report([], `${target} is not mapped: give it a column or a value.`, [target]);
  if (!quantities.some((target) => mapping[target] !== undefined))
    report([], 'Nothing is mapped that could be added up: map BilledCost, or ConsumedQuantity.', ['BilledCost']);
  return problems;
}

/** Reads records by what a mapping says, which `checkMapping` has passed. */
export function mappedFormat(mapping: ColumnMapping): BillFormat {
  const sources = Object.entries(mapping) as [Target, ColumnSource][];
  const read = new Set(sources.flatMap(([, source]) => ('column' in source ? [source.column] : [])));
  const billsNothing = mapping.BilledCost === undefined;
  return {
    id: 'column-mapping',
    label: 'Columns mapped by hand',
    columns: [...read],
    matches: () => false,
    read: (record, context) => {
      const cells = openCells(record, context);
      const values: Record<string, Decimal | string | null> = {};
      for (const [target, source] of sources) values[target] = readTarget(cells, target, source);
      for (const target of needed)
        if (values[target] === null) reportMissing(cells, target, mapping[target] as ColumnSource);
      const start = String(values.ChargePeriodStart ?? '');
      if (cells.problems.length > 0) return closeCells(cells, []);
      const line = billLine(cells, {
        ServiceProviderName: '',
        x_Provider: null,
        BillingCurrency: '',
        ChargePeriodStart: start,
        ChargePeriodEnd: daysAfter(start),
        ...(billsNothing && { x_CostReason: 'not-in-this-export' }),
        ...withoutNulls(values),
        x_Other: otherColumns(cells, read),
      });
      return closeCells(cells, [line]);
    },
  };
}

function readTarget(cells: Cells, target: Target, source: ColumnSource): Decimal | string | null {
  const column = 'column' in source ? source.column : target;
  const inside =
    'column' in source ? cells : { ...cells, record: { ...cells.record, fields: { [target]: source.value } } };
  const kind = BILL_COLUMNS[target];
  if (kind === 'instant') return instantOf(inside, column);
  if (kind === 'decimal') {
    const number = decimalOf(inside, column);
    return number === null || !('scale' in source) || source.scale === undefined
      ? number
      : number.times(new BillDecimal(source.scale));
  }
  const text = textOf(inside, column);
  if (target === 'BillingCurrency' && text !== null) {
    if (!/^[A-Za-z]{3}$/.test(text))
      reportCell(inside, column, 'no-currency', `Expected a currency code such as USD, found "${text.slice(0, 40)}".`);
    return text.toUpperCase();
  }
  const words = allowed[target];
  if (text !== null && words !== undefined && !words.includes(text)) {
    const near = nearestNames(text, words);
    reportCell(
      inside,
      column,
      'unknown-word',
      `Expected one of ${words.slice(0, 6).join(', ')}${words.length > 6 ? ' …' : ''}, found "${text.slice(0, 40)}".${didYouMean(near)}`,
    );
  }
  return text;
}

function reportMissing(cells: Cells, target: Target, source: ColumnSource): void {
  const column = 'column' in source ? source.column : target;
  if (cells.problems.some(({ pointer }) => pointer.endsWith(pointerTo([column])))) return;
  reportCell(cells, column, 'missing-value', `${column} is empty, but every line needs ${target}.`);
}

function withoutNulls(values: Readonly<Record<string, Decimal | string | null>>): Partial<BillLine> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as Partial<BillLine>;
}
