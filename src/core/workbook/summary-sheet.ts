import { Decimal } from 'decimal.js';
import { columnName, monthsOf, onSheet, relative, totalColumn } from './addresses.ts';
import { answerOf, rankedTiers } from './answer.ts';
import type { Book, ShownTier } from './book.ts';
import type { Compared } from './compare-sheet.ts';
import type { Draft } from './draft.ts';
import { openDraft, putFormula, putHeading, putNumber, putText } from './draft.ts';
import { monthChart } from './month-charts.ts';

const columns = {
  total: 3,
  bill: 4,
  mean: 5,
  perMillion: 6,
  rank: 7,
  breakEven: 8,
  p5: 9,
  p95: 10,
  verdict: 11,
  rating: 12,
} as const;
const chartRows = 20;
const firstYear = 3;
const mostWarnings = 60;

/** The answer, the tiers side by side, and what a reader must know: one page, figures live but for those marked §. */
export function layOutSummary(book: Book, compared: Compared): Draft {
  const draft = openDraft('Summary', columns.rating);
  draft.next = 5;
  for (const sentence of answerOf(book)) putText(draft, draft.next++, 2, sentence, 'sentence');
  draft.next++;
  putTiers(draft, book, compared);
  const chart = monthChart(
    book,
    'lines',
    'Full cost, cumulative',
    compared.cumulative,
    { column: 2, row: draft.next },
    chartRows,
  );
  draft.charts.push({ ...chart, to: { column: columns.rating, row: draft.next + chartRows - 1 } });
  draft.next += chartRows + 1;
  putYears(draft, book, compared);
  putWarnings(draft, book);
  putReading(draft, book);
  putIdentity(draft, book);
  return draft;
}

function putTiers(draft: Draft, book: Book, compared: Compared): void {
  const { forecast, months, scenario, report, tiers } = book;
  const baseline = tiers.find(({ id }) => id === compared.breakEven?.baseline);
  putHeading(draft, `Over ${months} months, in ${scenario.currency}`, {
    [columns.total]: 'Full cost',
    [columns.bill]: 'Bill',
    [columns.mean]: 'Full, a month',
    [columns.perMillion]: 'Full, per Mtok',
    [columns.rank]: 'Rank, base',
    ...(baseline && { [columns.breakEven]: `Even with ${baseline.label}` }),
    [columns.p5]: 'Full, P5 §',
    [columns.p95]: 'Full, P95 §',
    [columns.verdict]: `Next bill ±${scenario.predictability.tolerance.times(100).toFixed()} % §`,
    [columns.rating]: 'Rating §',
  });
  for (const tier of rankedTiers(book)) putTier(draft, book, compared, tier);
  for (const tier of forecast.tiers) {
    if (tier.months !== null) continue;
    const row = draft.next++;
    putText(draft, row, 2, tier.label, 'label');
    putText(draft, row, columns.total, `not computed: ${report.reasons[tier.reason] ?? tier.reason}`, 'note');
  }
  draft.next++;
}

function putTier(draft: Draft, { formats, settings, months }: Book, compared: Compared, tier: ShownTier): void {
  const row = draft.next++;
  const { full, bill, unitCost, breakEven } = compared;
  const link = (measure: { readonly row: (tier: string) => number }, column: number): string =>
    onSheet('Compare', relative(column, measure.row(tier.id)), draft.name);
  const total = full.total(tier.id);
  putText(draft, row, 2, tier.label, 'label');
  putFormula(draft, row, columns.total, link(full, totalColumn), total, 'calculation', formats.money);
  putFormula(draft, row, columns.bill, link(bill, totalColumn), bill.total(tier.id), 'calculation', formats.money);
  const mean = `${relative(columns.total, row)}/${settings.months}`;
  putFormula(draft, row, columns.mean, mean, total.div(months), 'calculation', formats.money);
  const perMillion = unitCost.total(tier.id);
  putFormula(draft, row, columns.perMillion, link(unitCost, totalColumn), perMillion, 'calculation', formats.unitPrice);
  const rank = 1 + full.tiers.filter(({ id }) => full.total(id).lt(total)).length;
  putFormula(draft, row, columns.rank, link(full, 7), new Decimal(rank), 'calculation', formats.count);
  const month = breakEven?.month.get(tier.id);
  if (breakEven !== null && month !== undefined)
    putFormula(draft, row, columns.breakEven, link(breakEven, totalColumn), month, 'calculation', formats.month);
  const { forecast } = tier;
  putNumber(draft, row, columns.p5, new Decimal(forecast.total.full.p5), 'static', formats.money);
  putNumber(draft, row, columns.p95, new Decimal(forecast.total.full.p95), 'static', formats.money);
  putText(draft, row, columns.verdict, forecast.predictability.bill.verdict ?? '–', 'static');
  putText(draft, row, columns.rating, forecast.predictability.bill.rating ?? '–', 'static');
}

function putYears(draft: Draft, book: Book, { full, calendarYear }: Compared): void {
  const { plan, months, formats } = book;
  const years = [...new Set(plan.months.map((month) => month.slice(0, 4)))];
  putHeading(draft, 'Full cost by calendar year');
  const head = draft.next - 1;
  for (const [i, year] of years.entries()) putNumber(draft, head, firstYear + i, Number(year), 'caption', '0');
  for (const tier of rankedTiers(book)) {
    const row = draft.next++;
    putText(draft, row, 2, tier.label, 'label');
    for (const [i, year] of years.entries()) {
      const wanted = `${columnName(firstYear + i)}$${head}`;
      const ranges = [calendarYear, full.row(tier.id)].map((source) => `Compare!${monthsOf(source, months, true)}`);
      const sum = full
        .values(tier.id)
        .reduce((all, value, m) => (plan.months[m]?.startsWith(year) ? all.plus(value) : all), new Decimal(0));
      putFormula(
        draft,
        row,
        firstYear + i,
        `SUMIF(${ranges[0]},${wanted},${ranges[1]})`,
        sum,
        'calculation',
        formats.money,
      );
    }
  }
  draft.next++;
}

function putWarnings(draft: Draft, { forecast: { warnings } }: Book): void {
  if (warnings.length === 0) return;
  putHeading(draft, 'Warnings');
  for (const { message } of warnings.slice(0, mostWarnings)) putText(draft, draft.next++, 2, message, 'text');
  if (warnings.length > mostWarnings)
    putText(draft, draft.next++, 2, `… and ${warnings.length - mostWarnings} more, in the forecast itself.`, 'text');
  draft.next++;
}

function putReading(draft: Draft, { report }: Book): void {
  putHeading(draft, 'How to read this workbook');
  for (const note of report.notes) putText(draft, draft.next++, 2, note, 'text');
  draft.next++;
  putHeading(draft, 'Colours and signs');
  for (const { style, says } of report.colour_key) {
    const row = draft.next++;
    putText(draft, row, 2, style === 'static' ? '§ static' : style, style);
    putText(draft, row, 3, says, 'text');
  }
  draft.next++;
  putHeading(draft, 'Sheets');
  for (const { id, purpose } of report.sheets) {
    const row = draft.next++;
    putText(draft, row, 2, id === 'tier' ? 'One sheet a tier' : id, 'label');
    putText(draft, row, 3, purpose, 'text');
  }
  draft.next++;
}

function putIdentity(draft: Draft, { forecast, scenario }: Book): void {
  putHeading(draft, 'Identity');
  const line = (label: string, text: string): void => {
    const row = draft.next++;
    putText(draft, row, 2, label, 'label');
    putText(draft, row, 3, text, 'text');
  };
  const { version } = forecast.scenario;
  line('Scenario', `${scenario.name}${version === undefined ? '' : `, version ${version}`}`);
  if (forecast.id !== undefined) line('Forecast', forecast.id);
  line('As of', `${forecast.as_of}: prices as known on this day`);
  line('Engine', forecast.engine);
  line('Draws', `${forecast.draws}, seed ${forecast.seed}`);
  line('Inputs digest', forecast.inputs_digest);
}
