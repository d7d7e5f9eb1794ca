import CliTable from 'cli-table3';
import type { Format } from './output.ts';
import type { Terminal } from './terminal.ts';
import { plainTerminal } from './terminal.ts';

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

/** A table before it has a form. `id` of a column names it in CSV. Cells are plain text. */
export type Table = {
  readonly columns: readonly (Column & { readonly id: string })[];
  readonly rows: readonly (readonly string[])[];
};

/** The table as lines closed by a newline: for people, for a spreadsheet, or for a page. JSON is written by its command. */
export function renderTable(table: Table, format: Exclude<Format, 'json'>, terminal: Terminal): string {
  switch (format) {
    case 'csv':
      return toCsv([table.columns.map(({ id }) => id), ...table.rows]);
    case 'markdown':
      return toMarkdown(table);
    case 'table':
      return toColumns(table, terminal);
  }
}

/** Columns two spaces apart under a ruled head; no box, so that a line can be copied as it is. */
export function toColumns(
  { columns, rows }: Pick<Table, 'rows'> & { columns: readonly Column[] },
  terminal: Terminal,
): string {
  const { colors, plain } = terminal;
  const grid = new CliTable({
    chars: borderless,
    colAligns: columns.map(({ align }) => align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(plain));
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => [...(row[i] ?? '')].length)));
  const [head = [], ...body] = cells;
  grid.push(head.map((text) => colors.bold(text)));
  grid.push(widths.map((width) => colors.dim(plain('─').repeat(width))));
  for (const row of body) grid.push([...row]);
  return linesOf(grid.toString());
}

/** Comma-separated, RFC 4180. What a spreadsheet would take for a formula gets a leading apostrophe. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((cell) => quote(asText(cell))).join(',')}\n`).join('');
}

export function toMarkdown({ columns, rows }: Pick<Table, 'rows'> & { columns: readonly Column[] }): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |\n`;
  const rule = `|${columns.map(({ align }) => (align === 'right' ? ' ---: ' : ' --- ')).join('|')}|\n`;
  return line(columns.map(({ title }) => title)) + rule + rows.map(line).join('');
}

/** A table without a head: what belongs together on a line, in columns. */
export function toAligned(
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
  terminal: Terminal = plainTerminal,
): string {
  const grid = new CliTable({
    chars: borderless,
    colAligns: [...aligns],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
  });
  for (const row of rows) grid.push(row.map(terminal.plain));
  return linesOf(grid.toString());
}

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

function linesOf(text: string): string {
  return text
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function asText(cell: string): string {
  return /^[=+@\t\r\0]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

function escapeMarkdown(cell: string): string {
  return cell.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
