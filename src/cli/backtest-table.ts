import { isHit } from '../core/forecast/accuracy.ts';
import type { BacktestForecast, BacktestMonth } from '../core/forecast/backtest.ts';
import { monthBefore } from '../core/forecast/calendar.ts';
import type { BacktestReport } from './backtest-report.ts';
import type { Table } from './table.ts';

/** How long the history is, how it was judged, and what comes next, in sentences. */
export function backtestWords(report: BacktestReport): string {
  const { unit, steps, first, last, backtest, next, tolerance, months_ahead: ahead, under_way: underWay } = report;
  const within = `±${percent(tolerance)}`;
  const until = last === null ? '' : ` to ${last}`;
  const tested = backtest.months.length;
  const judged =
    tested === 0
      ? 'Too short to be back-tested: a month is judged once five others lie before it.'
      : `${tested} months forecast ${ahead === 1 ? 'one month' : `${ahead} months`} ahead, each from the history before it.`;
  const corrected =
    next.recalibrated.low === next.p10
      ? ''
      : ` (${rounded(next.p10)} to ${rounded(next.p90)} before the months above corrected its width)`;
  const sentences = [
    `${steps} ${unit}s of history, ${first}${until}. ${judged}`,
    `Next month: ${rounded(next.median)}, eight times in ten between ${rounded(next.recalibrated.low)} and ${rounded(next.recalibrated.high)}${corrected}; within ${within} with ${percent(next.probability ?? 0)}: ${next.verdict ?? 'no volume'}${next.rating === null ? '' : ` (${next.rating})`}.`,
    ...(underWay === null
      ? []
      : [
          `${underWay.month} after ${underWay.days} days: ${rounded(underWay.p50)}, eight times in ten between ${rounded(underWay.p10)} and ${rounded(underWay.p90)}; above 1.1 times its forecast with ${percent(underWay.probabilityOver ?? 0)}${underWay.warns ? ' — early warning' : ''}.`,
        ]),
  ];
  return `${sentences.join('\n')}\n`;
}

/** One row for each way to forecast. */
export function summaryTable({ backtest, tolerance }: BacktestReport): Table {
  const share = (value: number | null): string => (value === null ? '–' : percent(value));
  return {
    columns: [
      { id: 'method', title: 'Method' },
      { id: 'mase', title: 'MASE', align: 'right' },
      { id: 'smape', title: 'sMAPE', align: 'right' },
      { id: 'median_error', title: 'Median error', align: 'right' },
      { id: 'inside_80', title: 'In 80 % band', align: 'right' },
      { id: 'inside_95', title: 'In 95 % band', align: 'right' },
      { id: 'hit_rate', title: `Within ±${percent(tolerance)}`, align: 'right' },
    ],
    rows: backtest.summaries.map((method) => [
      method.method,
      method.mase.toFixed(2),
      `${method.smape.toFixed(1)} %`,
      percent(method.medianError),
      share(method.coverage80),
      share(method.coverage95),
      share(method.hitRate),
    ]),
  };
}

/** One row for each month, drawn as well: `[` and `]` end the 80 % band, `|` is the forecast, `o` a hit, `x` a miss. */
export function monthsTable(report: BacktestReport): Table {
  const { backtest, tolerance } = report;
  const scale = scaleOf(backtest.months);
  return {
    columns: [
      { id: 'month', title: report.last === null ? 'Four weeks' : 'Month' },
      { id: 'actual', title: 'Actual', align: 'right' },
      { id: 'forecast', title: 'Forecast', align: 'right' },
      { id: 'p10', title: 'P10', align: 'right' },
      { id: 'p90', title: 'P90', align: 'right' },
      { id: 'last_month', title: 'Last again', align: 'right' },
      { id: 'error', title: 'Off', align: 'right' },
      { id: 'chart', title: 'Band, forecast, actual' },
    ],
    rows: backtest.months.map((month) => {
      const { median, band80 } = month.forecasts['history model'];
      return [
        nameOf(report, month),
        rounded(month.actual),
        rounded(median),
        band80 === null ? '' : rounded(band80[0]),
        band80 === null ? '' : rounded(band80[1]),
        rounded(month.forecasts['last month again'].median),
        signed(month.actual / median - 1),
        drawn(month.forecasts['history model'], month.actual, tolerance, scale),
      ];
    }),
  };
}

/** The months as numbers, for a spreadsheet. */
export function valuesTable(report: BacktestReport): Table {
  const ids = ['month', 'actual', 'forecast', 'p10', 'p90', 'last_month', 'seasonal_naive', 'z'];
  const text = (value: number | undefined): string =>
    value === undefined ? '' : String(Number(value.toPrecision(10)));
  return {
    columns: ids.map((id) => ({ id, title: id })),
    rows: report.backtest.months.map((month) => {
      const { median, band80 } = month.forecasts['history model'];
      const naive = [month.forecasts['last month again'].median, month.forecasts['seasonal naive'].median];
      return [nameOf(report, month), ...[month.actual, median, band80?.[0], band80?.[1], ...naive, month.z].map(text)];
    }),
  };
}

/** `2026-03`, or for four weeks how many such periods before the end. */
export function nameOf({ last }: BacktestReport, { back }: BacktestMonth): string {
  return last === null ? `${back} before the end` : monthBefore(last, back - 1);
}

const width = 32;

function scaleOf(months: readonly BacktestMonth[]): (value: number) => number {
  const values = months.flatMap(({ actual, forecasts }) => [actual, ...(forecasts['history model'].band80 ?? [])]);
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (value) => (high > low ? Math.round(((Math.log(value) - low) / (high - low)) * (width - 1)) : 0);
}

function drawn(
  { median, band80 }: BacktestForecast,
  actual: number,
  tolerance: number,
  scale: (value: number) => number,
): string {
  const line = new Array<string>(width).fill(' ');
  const put = (value: number, sign: string): void => {
    line[Math.min(width - 1, Math.max(0, scale(value)))] = sign;
  };
  if (band80 !== null) {
    for (let i = scale(band80[0]); i <= scale(band80[1]); i++) line[i] = '-';
    put(band80[0], '[');
    put(band80[1], ']');
  }
  put(median, '|');
  put(actual, isHit(actual, median, tolerance) ? 'o' : 'x');
  return line.join('').trimEnd();
}

function rounded(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))} %`;
}

function signed(share: number): string {
  const text = (100 * share).toFixed(1);
  return `${share >= 0 ? '+' : '−'}${text.replace('-', '')} %`;
}
