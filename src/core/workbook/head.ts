import { Decimal } from 'decimal.js';
import { firstMonthColumn, monthColumn, relative } from './addresses.ts';
import { monthText } from './answer.ts';
import type { Book } from './book.ts';
import { dateSerial } from './book.ts';
import type { ChecksSheet } from './checks-sheet.ts';
import type { Draft } from './draft.ts';
import { putFormula, putMonths, putText } from './draft.ts';

/**
 * Rows 1 to 6 of a sheet: title, what it belongs to, the master check, and on sheets with months their dates and numbers.
 * The dates start on `Inputs`; every other sheet fetches them, so that a month is the same column everywhere.
 */
export function putHead(draft: Draft, title: string, book: Book, { master }: ChecksSheet, hasMonths: boolean): void {
  const { forecast, scenario, months, formats, plan, settings } = book;
  putText(draft, 1, 1, title, 'title');
  const span = `${months} ${months === 1 ? 'month' : 'months'} from ${monthText(forecast.from)}`;
  putText(draft, 2, 1, `${scenario.name} · ${span} · ${scenario.currency} · as of ${forecast.as_of}`, 'subtitle');
  const own = draft.name === 'Checks' ? master.address.slice('Checks!'.length) : master.address;
  putFormula(draft, 3, 1, `"Checks: "&${own}`, `Checks: ${master.cached}`, 'check');
  if (!hasMonths) return;
  putText(draft, 5, 2, 'Month', 'label');
  putText(draft, 6, 2, 'Month number (F: forecast)', 'label');
  const isFirst = draft.name === 'Inputs';
  const at = (month: number, row: number): string => relative(monthColumn(month), row);
  const start = settings.firstMonth.slice('Inputs!'.length);
  const date = (month: number): string =>
    isFirst ? `DATE(YEAR(${start}),MONTH(${start})+${at(month, 6)}-1,1)` : `Inputs!${at(month, 5)}`;
  const number = (month: number): string => (isFirst ? `${at(month - 1, 6)}+1` : `Inputs!${at(month, 6)}`);
  putMonths(
    draft,
    5,
    months,
    date,
    (m) => new Decimal(dateSerial(plan.months[m - 1] as string)),
    'period',
    formats.month,
  );
  putMonths(draft, 6, months, number, (m) => new Decimal(m), 'period', formats.monthNumber);
  if (draft.cells.some(({ column, value }) => column === firstMonthColumn - 1 && value.kind !== 'blank'))
    putText(draft, 5, firstMonthColumn - 1, 'before', 'period');
}
