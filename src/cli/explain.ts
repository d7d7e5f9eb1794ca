import { loadCatalogue } from '../compute/catalogue.ts';
import { computeBase } from '../core/forecast/compute.ts';
import type { ExplainedFigure, Explanation } from '../core/forecast/explain.ts';
import { explainPath } from '../core/forecast/explain.ts';
import { InvalidInput } from '../core/problem.ts';
import { parseScenario } from '../core/scenario/parse.ts';
import type { ScenarioOptions } from './forecast.ts';
import { changesOf, refuseScenario } from './forecast.ts';
import type { Format } from './output.ts';
import { outputOf } from './output.ts';
import type { ScenarioFile } from './scenario-file.ts';
import { readScenarioFile } from './scenario-file.ts';
import { loadCalculationSettings } from './settings.ts';
import type { Table } from './table.ts';
import { renderTable, toAligned } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

/** `infercast explain FILE PATH`: the exact base case is enough, so no future is drawn. */
export async function runExplain(
  path: string,
  at: string,
  options: ScenarioOptions & { readonly format: Format },
): Promise<void> {
  const settings = loadCalculationSettings();
  const [file, catalogue] = await Promise.all([
    readScenarioFile(path, changesOf(options, settings.currency)),
    loadCatalogue(),
  ]);
  const { gpus, llms, tiers } = catalogue;
  const reading = parseScenario(file.scenario, {
    hardware: { gpus },
    llms,
    tiers: [...tiers.values()],
    today: settings.today,
  });
  if (!reading.ok) throw refuseScenario(reading.problems, file);
  const { scenario } = reading;
  const { plan, program, exact } = refusing(file, () => computeBase(scenario, catalogue));
  const explanation = explainPath(at, { program, exact, months: plan.months, currency: scenario.currency });
  const output = outputOf(options);
  switch (options.format) {
    case 'json':
      output.print(JSON.stringify(explanation));
      break;
    case 'table':
      output.print(describeExplanation(explanation, output.terminal));
      break;
    default:
      output.print(renderTable(tableOf(explanation), options.format, output.terminal));
  }
}

function refusing<Result>(file: ScenarioFile, compute: () => Result): Result {
  try {
    return compute();
  } catch (error) {
    if (error instanceof InvalidInput) throw refuseScenario(error.problems, file);
    throw error;
  }
}

function describeExplanation(explanation: Explanation, terminal: Terminal): string {
  const { colors, plain } = terminal;
  const { label, value, unit, month, formula, note, reads, rests_on } = explanation;
  const when = month === null ? 'over the horizon' : month;
  const parts = [`${colors.bold(plain(`${label}, ${when}: ${value} ${unitText(unit)}`.trimEnd()))}\n`];
  if (formula !== null) parts.push(wrap(`= ${formula.names}`, { indent: '  ' }));
  if (formula !== null && formula.figures !== formula.names) parts.push(wrap(`= ${formula.figures}`, { indent: '  ' }));
  if (note !== undefined) parts.push(`\n${wrap(plain(note))}`);
  if (formula === null) parts.push(`\n${figuresText([explanation], terminal)}`);
  if (reads.length > 0) parts.push(`\n${colors.bold('It reads')}\n${figuresText(reads, terminal)}`);
  const deeper = rests_on.filter(({ path }) => !reads.some((read) => read.path === path));
  if (deeper.length > 0) parts.push(`\n${colors.bold('It rests on')}\n${figuresText(deeper, terminal)}`);
  return parts.join('');
}

function figuresText(figures: readonly ExplainedFigure[], terminal: Terminal): string {
  const rows = figures.flatMap((figure) => [
    [`  ${figure.path}`, shortValue(figure.value), unitText(figure.unit), provenance(figure)],
    ...(figure.mean_of ?? []).map((part) => [
      `    × ${part.share} of the requests`,
      shortValue(part.value),
      unitText(figure.unit),
      provenance(part),
    ]),
  ]);
  return toAligned(rows, ['left', 'right', 'left', 'left'], terminal);
}

/** Pure numbers have the unit 1 in the models. */
function unitText(unit: string): string {
  return unit === '1' ? '' : unit;
}

/** Twelve significant digits are enough to read; JSON has them all. */
function shortValue(value: string): string {
  return value.length <= 16 || !Number.isFinite(Number(value)) ? value : String(Number(Number(value).toPrecision(12)));
}

function provenance({ source, details }: Pick<ExplainedFigure, 'source' | 'details'>): string {
  const known = Object.entries(details ?? {}).flatMap(([name, value]) =>
    value === '' ? [] : `${name.replaceAll('_', ' ')} ${value}`,
  );
  return [source ?? '', ...known].filter((text) => text !== '').join(', ');
}

function tableOf({ reads, rests_on, ...own }: Explanation): Table {
  const columns = ['role', 'path', 'label', 'value', 'unit', 'source'].map((id) => ({
    id,
    title: `${id[0]?.toUpperCase()}${id.slice(1)}`,
    align: id === 'value' ? ('right' as const) : ('left' as const),
  }));
  const rowOf =
    (role: string) =>
    (figure: ExplainedFigure): readonly string[] => [
      role,
      figure.path,
      figure.label,
      figure.value,
      figure.unit,
      provenance(figure),
    ];
  const partsOf = ({ path, unit, mean_of }: ExplainedFigure): readonly (readonly string[])[] =>
    (mean_of ?? []).map((part) => [
      'mean of',
      path,
      `${part.share} of the requests`,
      part.value,
      unit,
      provenance(part),
    ]);
  const formula =
    own.formula === null
      ? []
      : [
          ['formula', own.path, own.formula.names, '', '', ''],
          ['figures', own.path, own.formula.figures, '', '', ''],
        ];
  return {
    columns,
    rows: [
      rowOf('number')(own),
      ...partsOf(own),
      ...formula,
      ...reads.map(rowOf('reads')),
      ...rests_on.flatMap((figure) => [rowOf('rests on')(figure), ...partsOf(figure)]),
    ],
  };
}
