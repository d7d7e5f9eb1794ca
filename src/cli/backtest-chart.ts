import { isHit } from '../core/forecast/accuracy.ts';
import type { BacktestReport } from './backtest-report.ts';
import { nameOf } from './backtest-table.ts';

const size = { width: 960, height: 420, left: 84, right: 24, top: 56, bottom: 56 };
const colors = {
  band: '#cfe3f2',
  forecast: '#0072b2',
  last: '#e69f00',
  hit: '#009e73',
  miss: '#d55e00',
  ink: '#222222',
};

/** The back-test as a picture of its own: what was foreseen, its bands, last month again, and what came. SVG, log scale. */
export function drawBacktest(report: BacktestReport): string {
  const { months } = report.backtest;
  const values = months.flatMap(({ actual, forecasts }) => [
    actual,
    ...(forecasts['history model'].band95 ?? [forecasts['history model'].median]),
  ]);
  const [low, high] = values.length === 0 ? [1, 10] : [Math.min(...values), Math.max(...values)];
  const x = (i: number): number =>
    size.left + ((i + 0.5) * (size.width - size.left - size.right)) / Math.max(1, months.length);
  const y = (value: number): number =>
    size.height -
    size.bottom -
    ((Math.log(value) - Math.log(low)) / Math.max(1e-9, Math.log(high) - Math.log(low))) *
      (size.height - size.top - size.bottom);
  const band = (of: 'band80' | 'band95', opacity: number): string => {
    const ends = months.flatMap(({ forecasts }, i) => {
      const limits = forecasts['history model'][of];
      return limits === null ? [] : [{ i, low: limits[0], high: limits[1] }];
    });
    const points = [
      ...ends.map((end) => point(x(end.i), y(end.high))),
      ...ends.toReversed().map((end) => point(x(end.i), y(end.low))),
    ];
    return `<polygon points="${points.join(' ')}" fill="${colors.band}" fill-opacity="${opacity}"/>`;
  };
  const line = (method: 'history model' | 'last month again', color: string, dash: string): string =>
    `<polyline points="${months.map(({ forecasts }, i) => point(x(i), y(forecasts[method].median))).join(' ')}" fill="none" stroke="${color}" stroke-width="2" stroke-dasharray="${dash}"/>`;
  const dots = months.map(({ actual, forecasts }, i) => {
    const hit = isHit(actual, forecasts['history model'].median, report.tolerance);
    // A miss is hollow too, for eyes and printers that do not tell the colours apart.
    const look = hit ? `fill="${colors.hit}"` : `fill="#ffffff" stroke="${colors.miss}" stroke-width="2.5"`;
    return `<circle cx="${fixed(x(i))}" cy="${fixed(y(actual))}" r="4" ${look}/>`;
  });
  const every = Math.max(1, Math.ceil(months.length / 12));
  const labels = months.flatMap((month, i) =>
    i % every === 0 ? [text(x(i), size.height - 32, nameOf(report, month), 'middle')] : [],
  );
  const ticks = ticksBetween(low, high).map(
    (value) =>
      `<line x1="${size.left}" x2="${size.width - size.right}" y1="${fixed(y(value))}" y2="${fixed(y(value))}" stroke="#dddddd"/>${text(size.left - 8, y(value) + 4, value.toLocaleString('en-US'), 'end')}`,
  );
  const title = titleOf(report);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${size.left}" y="24" font-size="15" font-weight="600" fill="${colors.ink}">${title}</text>`,
    text(
      size.left,
      42,
      'Forecast (blue, 80 % and 95 % bands), last month again (dashed), actual: green within, hollow red outside',
      'start',
    ),
    ...ticks,
    band('band95', 0.5),
    band('band80', 1),
    line('last month again', colors.last, '5 4'),
    line('history model', colors.forecast, 'none'),
    ...dots,
    ...labels,
    '</svg>\n',
  ].join('\n');
}

function titleOf({ backtest, tolerance }: BacktestReport): string {
  const model = backtest.summaries.find(({ method }) => method === 'history model');
  const again = backtest.summaries.find(({ method }) => method === 'last month again');
  if (model === undefined || again === undefined) return 'Too short to be back-tested';
  const share = (value: number): string => `${Math.round(100 * value)} %`;
  return `Within ±${share(tolerance)}: the history model ${share(model.hitRate)} of ${backtest.months.length} months, last month again ${share(again.hitRate)}`;
}

/** Round values in the range: even steps where it is narrow, else powers of ten, with 2 and 5 times them if they fit. */
function ticksBetween(low: number, high: number): readonly number[] {
  const inside = (values: readonly number[]): readonly number[] =>
    values.filter((value) => value >= low && value <= high);
  if (high < 5 * low) {
    const rough = (high - low) / 5;
    const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-9)));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
    const first = Math.ceil(low / step);
    return inside(Array.from({ length: 12 }, (_, i) => Number(((first + i) * step).toPrecision(12))));
  }
  const powers = Array.from({ length: 40 }, (_, i) => 10 ** (i - 15));
  const fine = inside(powers.flatMap((power) => [power, 2 * power, 5 * power]));
  return fine.length <= 8 ? fine : inside(powers);
}

function point(x: number, y: number): string {
  return `${fixed(x)},${fixed(y)}`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end'): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}" fill="${colors.ink}">${words}</text>`;
}
