import { Decimal } from 'decimal.js';
import { BILL_COLUMN_NAMES, BILL_COLUMNS } from './bill-columns.ts';
import { BillDecimal } from './bill-decimal.ts';
import type { BillLine } from './bill-line.ts';

/** A bill line as plain data: decimals are plain digits, so that nothing is lost in JSON, threads or a database. */
export type BillLineText = {
  readonly [Column in keyof BillLine]:
    | Exclude<BillLine[Column], Decimal>
    | (Decimal extends BillLine[Column] ? string : never);
};

/** The line as plain data, in the order of the columns. */
export function describeBillLine(line: BillLine): BillLineText {
  return Object.fromEntries(BILL_COLUMN_NAMES.map((name) => [name, textOf(line[name])])) as BillLineText;
}

/** The line as one JSON text without line breaks. */
export function writeBillLine(line: BillLine): string {
  return JSON.stringify(describeBillLine(line));
}

/** The line that `writeBillLine` wrote, digit by digit. */
export function readBillLine(text: string): BillLine {
  return parseBillLine(JSON.parse(text) as BillLineText);
}

/** The line behind plain data that this program wrote. */
export function parseBillLine(plain: BillLineText): BillLine {
  return Object.fromEntries(
    BILL_COLUMN_NAMES.map((name) => {
      const value = plain[name];
      return [name, BILL_COLUMNS[name] === 'decimal' && value !== null ? new BillDecimal(value as string) : value];
    }),
  ) as unknown as BillLine;
}

function textOf(value: BillLine[keyof BillLine]): unknown {
  return Decimal.isDecimal(value) ? value.toFixed() : value;
}
