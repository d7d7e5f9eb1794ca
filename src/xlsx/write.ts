import type { Cell as ExcelCell, Worksheet } from 'exceljs';
import exceljs from 'exceljs';
import { isError } from '../core/formula/values.ts';
import { columnName, firstMonthColumn, monthColumn, relative } from '../core/workbook/addresses.ts';
import { longestText } from '../core/workbook/safe-text.ts';
import type { Cached, Cell, InputLimits, Sheet, Workbook } from '../core/workbook/sheet.ts';
import { drawCharts } from './draw-charts.ts';
import { cellStyles } from './styles.ts';

/**
 * The workbook as the bytes of an XLSX file: live formulas with their values cached, native charts, the same bytes for the
 * same workbook. Throws for a figure that no cell can hold (not finite) and for text that is too long.
 */
export async function writeXlsx(workbook: Workbook): Promise<Uint8Array> {
  const file = new exceljs.Workbook();
  const date = new Date(`${workbook.date}T00:00:00Z`);
  file.creator = 'infercast';
  file.lastModifiedBy = 'infercast';
  file.created = date;
  file.modified = date;
  file.title = workbook.title;
  file.subject = workbook.subject;
  file.keywords = workbook.keywords;
  file.calcProperties = { fullCalcOnLoad: true };
  const pixel = file.addImage({ base64: onePixel, extension: 'png' });
  for (const sheet of workbook.sheets) await addSheet(file, sheet, workbook, pixel);
  for (const [name, address] of Object.entries(workbook.names)) file.definedNames.add(address, name);
  const bytes = new Uint8Array(await file.xlsx.writeBuffer());
  return drawCharts(bytes, workbook.sheets);
}

// Stands in for a chart: the drawing it brings along is then rewritten.
const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

async function addSheet(
  file: InstanceType<typeof exceljs.Workbook>,
  sheet: Sheet,
  { footer }: Workbook,
  pixel: number,
): Promise<void> {
  const { columns, rows } = sheet.frozen;
  const worksheet = file.addWorksheet(sheet.name, {
    properties: { tabColor: { argb: `FF${sheet.tab}` }, outlineLevelRow: sheet.detailRows.length > 0 ? 1 : 0 },
    views: [
      {
        state: 'frozen',
        xSplit: columns,
        ySplit: rows,
        topLeftCell: relative(columns + 1, rows + 1),
        showGridLines: false,
        zoomScale: 90,
      },
    ],
  });
  const last = sheet.monthColumns === 0 ? widest(sheet) : monthColumn(sheet.monthColumns);
  worksheet.pageSetup = {
    paperSize: 9,
    orientation: sheet.portrait ? 'portrait' : 'landscape',
    fitToPage: true,
    fitToWidth: sheet.pagesWide,
    fitToHeight: 0,
    printArea: `A1:${columnName(last)}${lowest(sheet)}`,
    printTitlesRow: sheet.monthColumns > 0 ? '1:6' : '1:3',
    ...(sheet.monthColumns > 0 && { printTitlesColumn: 'A:F' }),
    margins: { left: 0.4, right: 0.4, top: 0.6, bottom: 0.6, header: 0.3, footer: 0.3 },
  };
  const escaped = footer.replaceAll('&', '&&');
  worksheet.headerFooter.oddHeader = `&L&A&R${escaped}`;
  worksheet.headerFooter.oddFooter = '&Lpage &P of &N&Rinfercast';
  for (const [letter, width] of Object.entries(sheet.widths)) worksheet.getColumn(letter).width = width;
  for (let month = 1; month <= sheet.monthColumns; month++)
    worksheet.getColumn(monthColumn(month)).width = sheet.monthWidth;
  for (const cell of sheet.cells) putCell(worksheet.getCell(cell.row, cell.column), cell);
  for (const row of sheet.detailRows) worksheet.getRow(row).outlineLevel = 1;
  for (const { from, to } of sheet.charts)
    worksheet.addImage(pixel, {
      tl: { col: from.column - 1, row: from.row - 1 },
      br: { col: to.column, row: to.row },
    } as never);
  colourChecks(worksheet, sheet);
  // Against slips, not people: no password.
  await worksheet.protect('', { formatColumns: true, formatRows: true, selectLockedCells: true });
}

function putCell(target: ExcelCell, { value, style, format, limits }: Cell): void {
  target.style = { ...cellStyles[style], ...(format !== undefined && { numFmt: format }) };
  switch (value.kind) {
    case 'blank':
      break;
    case 'text':
      if (value.text.length > longestText) throw new RangeError(`text of ${value.text.length} characters`);
      target.value = value.text;
      break;
    case 'number':
      target.value = finite(value.value.toNumber());
      break;
    case 'formula':
      target.value = { formula: value.formula, result: cachedOf(value.cached) } as never;
      break;
  }
  if (limits !== undefined) target.dataValidation = validationOf(limits);
}

function cachedOf(cached: Cached): number | string | { error: string } {
  if (typeof cached === 'string') return cached;
  return isError(cached) ? { error: cached.code } : finite(cached.toNumber());
}

/** A scenario's own limits keep amounts below 10^13, where a double still holds the cent. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`${value} does not fit a cell`);
  return value === 0 ? 0 : value;
}

function validationOf({ least, most }: InputLimits): import('exceljs').DataValidation {
  const words = `A number${least === null ? '' : `, at least ${least}`}${most === null ? '' : `, at most ${most}`}.`;
  const common = { type: 'decimal', allowBlank: false, showErrorMessage: true, errorStyle: 'stop' } as const;
  const message = { errorTitle: 'Out of range', error: words };
  if (least !== null && most !== null)
    return { ...common, ...message, operator: 'between', formulae: [Number(least), Number(most)] };
  return least !== null
    ? { ...common, ...message, operator: 'greaterThanOrEqual', formulae: [Number(least)] }
    : { ...common, ...message, operator: 'lessThanOrEqual', formulae: [Number(most)] };
}

/** Green where the master check is OK, red where it is not; the words say it too. */
function colourChecks(worksheet: Worksheet, sheet: Sheet): void {
  const rule = (text: string, argb: string, priority: number): import('exceljs').ConditionalFormattingRule => ({
    type: 'containsText',
    operator: 'containsText',
    text,
    priority,
    style: { font: { color: { argb } } },
  });
  const rules = [rule('ERROR', 'FFC00000', 1), rule('OK', 'FF006100', 2)];
  worksheet.addConditionalFormatting({ ref: 'A3', rules });
  if (sheet.name === 'Checks')
    worksheet.addConditionalFormatting({ ref: `G${firstMonthColumn}:G${lowest(sheet)}`, rules });
}

function widest(sheet: Sheet): number {
  return Math.max(
    1,
    ...sheet.cells.filter(({ row }) => row > 6).map(({ column }) => column),
    ...sheet.charts.map(({ to }) => to.column),
  );
}

function lowest(sheet: Sheet): number {
  return Math.max(1, ...sheet.cells.map(({ row }) => row), ...sheet.charts.map(({ to }) => to.row));
}
