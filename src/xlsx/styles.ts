import type { Style } from 'exceljs';
import type { CellStyle } from '../core/workbook/sheet.ts';

const font = { name: 'Calibri', size: 10 } as const;
const inputFill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFFFF9E5' } } as const;
const headFill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFF2F2F2' } } as const;
const toTheRight = { horizontal: 'right' } as const;
const grey = { argb: 'FF595959' };
const thin = { style: 'thin', color: { argb: 'FFBFBFBF' } } as const;
const line = { style: 'thin', color: { argb: 'FF000000' } } as const;

/** Inputs blue on cream, formulas black, links green, the service's own results grey italic; inputs alone are unlocked. */
export const cellStyles: Readonly<Record<CellStyle, Partial<Style>>> = {
  title: { font: { ...font, size: 16, bold: true } },
  subtitle: { font: { ...font, color: grey } },
  check: { font: { ...font, bold: true } },
  heading: { font: { ...font, size: 11, bold: true }, fill: headFill, border: { bottom: thin } },
  caption: {
    font: { ...font, bold: true },
    fill: headFill,
    alignment: { horizontal: 'right' },
    border: { bottom: thin },
  },
  label: { font },
  note: { font: { ...font, size: 9, color: grey } },
  unit: { font: { ...font, size: 9, color: grey } },
  period: { font: { ...font, bold: true }, fill: headFill, alignment: { horizontal: 'right' } },
  input: {
    font: { ...font, color: { argb: 'FF0000FF' } },
    fill: inputFill,
    border: { top: thin, left: thin, bottom: thin, right: thin },
    protection: { locked: false },
  },
  calculation: { font, alignment: toTheRight },
  link: { font: { ...font, color: { argb: 'FF006100' } }, alignment: toTheRight },
  line: { font: { ...font, bold: true } },
  total: { font: { ...font, bold: true }, border: { top: line } },
  'grand-total': { font: { ...font, bold: true }, border: { top: line, bottom: { ...line, style: 'double' } } },
  static: { font: { ...font, italic: true, color: grey }, alignment: toTheRight },
  text: { font },
  sentence: { font: { ...font, size: 11 } },
};
