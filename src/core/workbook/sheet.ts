import type { Decimal } from 'decimal.js';
import type { CellError } from '../formula/values.ts';

/** What a cell is, which decides how it looks and whether it may be edited. Colour is never the only sign of it. */
export type CellStyle =
  | 'title'
  | 'subtitle'
  | 'check'
  | 'heading'
  | 'caption'
  | 'label'
  | 'note'
  | 'unit'
  | 'period'
  | 'input'
  | 'calculation'
  | 'link'
  | 'line'
  | 'total'
  | 'grand-total'
  | 'static'
  | 'text'
  | 'sentence';

export type Cached = Decimal | string | CellError;

/** Nothing but its style, text, a figure, or a live formula (without the leading `=`) with its exact value, for viewers that do not calculate. */
export type CellValue =
  | { readonly kind: 'blank' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: Decimal }
  | { readonly kind: 'formula'; readonly formula: string; readonly cached: Cached };

/** What an input takes, shown by the sheet when something else is typed. */
export type InputLimits = { readonly least: string | null; readonly most: string | null };

/** Rows and columns count from 1. `format` is an Excel number format. */
export type Cell = {
  readonly row: number;
  readonly column: number;
  readonly value: CellValue;
  readonly style: CellStyle;
  readonly format?: string;
  readonly limits?: InputLimits;
};

/** What a chart shows of a range, with the values cached as cells cache theirs. */
export type ChartRange = { readonly reference: string; readonly values: readonly Cached[] };

export type ChartSeries = {
  readonly name: string;
  readonly range: ChartRange;
  /** `space` is the invisible area below a fan. */
  readonly as: 'line' | 'column' | 'space' | 'outer' | 'inner' | 'middle';
  readonly colour: string;
};

export type Chart = {
  /** A waterfall stacks its columns, the lowest without colour, over steps that have names instead of months. */
  readonly kind: 'lines' | 'columns' | 'fan' | 'waterfall';
  readonly title: string;
  /** Read out by screen readers. */
  readonly description: string;
  readonly from: { readonly column: number; readonly row: number };
  readonly to: { readonly column: number; readonly row: number };
  /** Months, or the names of a waterfall's steps. */
  readonly months: ChartRange;
  readonly valueFormat: string;
  readonly series: readonly ChartSeries[];
};

export type Sheet = {
  readonly name: string;
  /** Colour of the tab, RRGGBB. */
  readonly tab: string;
  readonly cells: readonly Cell[];
  /** Column letter → width in characters. */
  readonly widths: Readonly<Record<string, number>>;
  /** Columns of months, all of one width. */
  readonly monthColumns: number;
  readonly monthWidth: number;
  /** Columns and rows that stay when the sheet is scrolled. */
  readonly frozen: { readonly columns: number; readonly rows: number };
  /** Workings that can be folded away. */
  readonly detailRows: readonly number[];
  readonly charts: readonly Chart[];
  readonly pagesWide: number;
  readonly portrait: boolean;
};

export type Workbook = {
  readonly title: string;
  readonly subject: string;
  readonly keywords: string;
  /** YYYY-MM-DD; when the workbook says it was made, so that the same forecast gives the same file. */
  readonly date: string;
  /** At the foot of every page. */
  readonly footer: string;
  readonly sheets: readonly Sheet[];
  /** Name → address of the few cells that have one. */
  readonly names: Readonly<Record<string, string>>;
};
