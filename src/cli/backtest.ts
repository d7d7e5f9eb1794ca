import { writeFile } from 'node:fs/promises';
import { drawBacktest } from './backtest-chart.ts';
import { reportBacktest } from './backtest-report.ts';
import { backtestWords, monthsTable, summaryTable, valuesTable } from './backtest-table.ts';
import { badUsage } from './exit.ts';
import { readText } from './history-file.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import { renderTable } from './table.ts';

export type BacktestOptions = GlobalOptions & {
  readonly format: Format;
  readonly tolerance: string;
  readonly monthsAhead: string;
  readonly chart?: string;
};

/** `infercast backtest HISTORY`: how well the history would have been foreseen, month by month. */
export async function runBacktest(file: string, options: BacktestOptions): Promise<void> {
  const tolerance = parseTolerance(options.tolerance);
  const monthsAhead = parseMonths(options.monthsAhead);
  const report = reportBacktest(await readText(file), file, tolerance, monthsAhead);
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify(report));
  else if (options.format === 'csv') output.print(renderTable(valuesTable(report), 'csv', output.terminal));
  else {
    const tables = [summaryTable(report), monthsTable(report)].filter(({ rows }) => rows.length > 0);
    const form = options.format;
    output.print(
      [
        output.terminal.plain(backtestWords(report)),
        ...tables.map((table) => renderTable(table, form, output.terminal)),
      ].join('\n'),
    );
  }
  if (options.chart !== undefined) {
    await writeFile(options.chart, drawBacktest(report));
    output.say(`Chart written to ${options.chart}.`);
  }
}

function parseTolerance(text: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,6})?)(%?)$/.exec(text.trim());
  const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(value > 0 && value < 1))
    throw badUsage(`--tolerance ${text}: expected a share between 0 and 100 %, such as 10%.`);
  return value;
}

function parseMonths(text: string): number {
  const months = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(months >= 1 && months <= 12)) throw badUsage(`--months-ahead ${text}: expected a whole number from 1 to 12.`);
  return months;
}
