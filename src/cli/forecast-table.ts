import { Decimal } from 'decimal.js';
import type { CostLine, Forecast, PredictabilityCheck, TierForecast } from '../core/forecast/result.ts';
import { speedInWords, wholeText } from '../core/forecast/speed-words.ts';
import { didYouMean, nearestNames } from '../core/nearest-name.ts';
import type { Warning } from '../core/problem.ts';
import { badUsage } from './exit.ts';
import { moneyRange, moneyText, percentText, shortMoneyText, toleranceText, unitCostText } from './figures.ts';
import type { ComputedTier } from './forecast-words.ts';
import {
  comparisonSentences,
  computedTiers,
  labelOf,
  monthsText,
  pastSentences,
  spreadSentences,
} from './forecast-words.ts';
import type { Column } from './table.ts';
import { toColumns, toMarkdown } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

export type ForecastRendering = {
  readonly format: 'table' | 'markdown';
  readonly terminal: Terminal;
  /** Tiers that run machines: those whose break-even is worth a sentence. */
  readonly machines: ReadonlySet<string>;
  /** Where the thing at a pointer was written. */
  readonly place: (pointer: string) => string;
  /** Tiers whose lines are shown, apart by commas, or `all`; null: the first, the cheapest and the baseline. */
  readonly lines: string | null;
};

type Section = {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
};

/**
 * The forecast for people, at most 100 columns wide: what each tier costs, whether its next month can be forecast, the
 * lines of the first month, what the comparison says, and what to doubt.
 */
export function renderForecast(forecast: Forecast, rendering: ForecastRendering): string {
  const { format, terminal } = rendering;
  const { colors, plain } = terminal;
  const isTable = format === 'table';
  const sections = [
    costSection(forecast),
    predictabilitySection(forecast),
    lineSection(forecast, chosenTiers(forecast, rendering.lines), isTable),
    ...speedSections(forecast),
  ];
  const text = sections.map((section) =>
    isTable
      ? `${colors.bold(plain(section.title))}\n${toColumns(section, terminal)}`
      : `## ${section.title}\n\n${toMarkdown(section)}`,
  );
  const sentences = comparisonSentences(forecast, rendering.machines);
  const chosen = chosenTiers(forecast, rendering.lines);
  const spread = spreadSentences(chosen);
  const past = pastSentences(forecast, chosen);
  return [
    isTable ? `${colors.bold(plain(headline(forecast)))}\n` : `# ${headline(forecast)}\n`,
    ...text,
    ...(spread.length === 0 ? [] : [spread.map((sentence) => paragraph(sentence, rendering, '')).join('')]),
    ...(past.length === 0 ? [] : [past.map((sentence) => paragraph(sentence, rendering, '')).join('')]),
    ...(sentences.length === 0 ? [] : [sentences.map((sentence) => paragraph(sentence, rendering, '')).join('')]),
    ...(forecast.warnings.length === 0 ? [] : [warningsText(forecast.warnings, rendering)]),
  ].join('\n');
}

function headline(forecast: Forecast): string {
  const months = computedTiers(forecast)[0]?.months.map(({ month }) => month) ?? [];
  const horizon = months.length > 1 ? `${months[0]} to ${months.at(-1)} (${monthsText(months.length)})` : forecast.from;
  return `${forecast.scenario.name} · ${horizon} · prices as of ${forecast.as_of} · ${forecast.currency}`;
}

function costSection(forecast: Forecast): Section {
  const { currency } = forecast;
  const months = computedTiers(forecast)[0]?.months.length ?? 0;
  const columns: Column[] = [
    { title: 'Tier' },
    { title: 'Bill mo. 1', align: 'right' },
    { title: 'Full mo. 1', align: 'right' },
    { title: 'P10 – P90', align: 'right' },
    { title: `${months} mo. P50`, align: 'right' },
    { title: 'P10 – P90', align: 'right' },
    { title: `${currency}/Mtok`, align: 'right' },
  ];
  const rows = forecast.tiers.map((tier) => {
    if (tier.months === null) return [tier.label, '–', '–', tier.reason, '–', '–', '–'];
    const { bill, full } = tier.months[0] as ComputedTier['months'][number];
    const { total, unit_cost } = tier;
    return [
      tier.label,
      moneyText(bill.base, currency),
      moneyText(full.base, currency),
      moneyRange(full.p10, full.p90, currency),
      shortMoneyText(total.full.p50, currency),
      moneyRange(total.full.p10, total.full.p90, currency),
      unit_cost.per_million_tokens === null ? '–' : unitCostText(unit_cost.per_million_tokens, currency),
    ];
  });
  return {
    title: `What it costs (month 1 is ${forecast.from}; full is the bill, operator hours, cost of capital and repairs)`,
    columns,
    rows,
  };
}

function predictabilitySection(forecast: Forecast): Section {
  const any = computedTiers(forecast)[0]?.predictability.bill;
  const tolerance = toleranceText(any?.tolerance ?? '0.1');
  const columns: Column[] = [
    { title: 'Tier' },
    { title: `Bill ${tolerance}` },
    { title: 'P(hit)', align: 'right' },
    { title: 'Rating' },
    { title: `Full ${tolerance}` },
    { title: 'P(hit)', align: 'right' },
    { title: 'Rating' },
  ];
  const rows = forecast.tiers.map((tier: TierForecast) => {
    if (tier.months === null) return [tier.label, '–', '–', '–', '–', '–', '–'];
    return [tier.label, ...judgement(tier.predictability.bill), ...judgement(tier.predictability.full)];
  });
  const needed = any === undefined ? '' : ` (needed: ${percentText(any.confidence)} of the futures)`;
  return { title: `Can next month be forecast within ${tolerance}?${needed}`, columns, rows };
}

function judgement({ verdict, probability, rating, reason }: PredictabilityCheck): readonly string[] {
  return [verdict ?? reason ?? '–', probability === null ? '–' : percentText(probability), rating ?? '–'];
}

function chosenTiers(forecast: Forecast, wanted: string | null): readonly ComputedTier[] {
  const tiers = computedTiers(forecast);
  if (wanted === 'all') return tiers;
  const named = wanted?.split(',').map((id) => id.trim()) ?? [];
  for (const id of named) {
    if (tiers.some((tier) => tier.id === id)) continue;
    const ids = tiers.map((tier) => tier.id);
    throw badUsage(
      `--lines ${id}: the forecast has no such tier.${didYouMean(nearestNames(id, ids)) || ` It has ${ids.join(', ')}.`}`,
    );
  }
  const { ranking, baseline } = forecast.comparison;
  const shown = wanted === null ? [tiers[0]?.id, ranking[0], baseline] : named;
  return tiers.filter(({ id }) => shown.includes(id));
}

function lineSection(forecast: Forecast, tiers: readonly ComputedTier[], asTree: boolean): Section {
  const columns: Column[] = [
    { title: 'Line' },
    { title: 'Fixed', align: 'right' },
    { title: 'Usage', align: 'right' },
    { title: 'Total', align: 'right' },
  ];
  const rows = tiers.flatMap((tier) => {
    const lines = tier.lines.map((line, i) => {
      const branch = !asTree ? `${tier.label}: ` : i === tier.lines.length - 1 ? '└─ ' : '├─ ';
      return [branch + lineLabel(forecast, tier, line), ...amounts(forecast, [line])];
    });
    return [[tier.label, ...amounts(forecast, tier.lines)], ...lines];
  });
  return { title: `Lines of ${forecast.from}, base case`, columns, rows };
}

/** The speed of machines, once however many tiers they stand in; none where no tier has any. */
function speedSections(forecast: Forecast): readonly Section[] {
  const serving = computedTiers(forecast).find((tier) => (tier.serving?.length ?? 0) > 0)?.serving ?? [];
  if (serving.length === 0) return [];
  const columns: Column[] = [
    { title: 'Lot, workload' },
    { title: 'All users', align: 'right' },
    { title: 'P5 to P95', align: 'right' },
    { title: 'One user', align: 'right' },
    { title: '1st token', align: 'right' },
    { title: 'The figure is' },
  ];
  const rows = serving.map((report) => {
    const { base } = report.all_users.output_tokens_per_s;
    const { output_tokens_per_s: single, first_token_ms: first } = report.single_user;
    const { width, kind } = speedInWords(report);
    return [
      `${report.machine}, ${report.workload}`,
      wholeText(base),
      width ?? '–',
      wholeText(single),
      first === null ? '–' : `${wholeText(first)} ms`,
      kind,
    ];
  });
  return [{ title: 'How fast a machine of each lot is, in output tokens per second', columns, rows }];
}

/** Lines of a composition begin with the member they come from. */
function lineLabel(forecast: Forecast, tier: ComputedTier, { id, label, perimeter }: CostLine): string {
  const [member] = id.split('.');
  const isComposed = tier.lines.every((line) => forecast.tiers.some((other) => line.id.startsWith(`${other.id}.`)));
  const owner = isComposed && member !== undefined ? `${labelOf(forecast, member)}: ` : '';
  return `${owner}${label}${perimeter === 'full' ? ' (full only)' : ''}`;
}

/** Fixed, usage and total of the first month: sums of rounded lines. */
function amounts({ currency }: Forecast, lines: readonly CostLine[]): readonly string[] {
  const sumOf = (wanted: readonly CostLine[]): Decimal | null =>
    wanted.length === 0 ? null : wanted.reduce((sum, line) => sum.plus(line.months[0] ?? 0), new Decimal(0));
  const shown = (sum: Decimal | null): string => (sum === null ? '–' : moneyText(sum.toFixed(), currency));
  const fixed = sumOf(lines.filter(({ behaviour }) => behaviour === 'fixed'));
  const usage = sumOf(lines.filter(({ behaviour }) => behaviour === 'usage'));
  return [shown(fixed), shown(usage), shown(sumOf(lines))];
}

function paragraph(text: string, { format, terminal }: ForecastRendering, indent: string): string {
  return format === 'table' ? wrap(terminal.plain(text), { indent }) : `${text}\n\n`;
}

/** Warnings of one kind are told once, with the place of each. */
function warningsText(warnings: readonly Warning[], rendering: ForecastRendering): string {
  const groups = Map.groupBy(warnings, ({ code }) => code);
  const title = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`;
  const head = rendering.format === 'table' ? rendering.terminal.colors.yellow(title) : `## ${title}\n`;
  const texts = [...groups.values()].map((group) => {
    const [first, ...others] = group as [Warning, ...Warning[]];
    const places = others.map(({ pointer }) => shortPlace(rendering.place(pointer)));
    const also = others.length === 0 ? '' : ` The same holds at ${places.join(', ')}.`;
    return paragraph(`- ${rendering.place(first.pointer)}: ${first.message}${also}`, rendering, '  ');
  });
  return `${head}\n${texts.join('')}`;
}

/** `41:19` of `scenario.yaml:41:19`. */
function shortPlace(place: string): string {
  return /:(\d+:\d+)$/.exec(place)?.[1] ?? place;
}
