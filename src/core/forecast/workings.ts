import { Decimal } from 'decimal.js';
import { isError } from '../formula/values.ts';
import type { ExactTable } from '../model/evaluate.ts';
import { asUncertain, lowerProgram } from '../model/lower.ts';
import type { Instances, Program, ProgramRow, ProgramTier } from '../model/program.ts';
import type { Warning } from '../problem.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import { recordTape, runTape } from '../sampling/tape.ts';
import type { Machine, Scenario } from '../scenario/scenario.ts';
import type { MoneyText } from './figures.ts';
import { shareText, sixDigits } from './figures.ts';
import type { Measure, PresentValue, ServingReport, Spread, TierForecast } from './result.ts';

type Reading = {
  readonly program: Program;
  readonly exact: ExactTable;
  readonly months: readonly string[];
  readonly scenario: Scenario;
};

/** What stands beside the money of a tier; a member is absent where there is nothing to say. */
export function workingsOf(
  reading: Reading,
  tier: ProgramTier,
  money: MoneyText,
): Partial<Pick<Extract<TierForecast, { total: object }>, 'serving' | 'measures' | 'present_value'>> {
  const [serving, measures] = [servingOf(reading, tier), measuresOf(reading, tier)];
  const present = presentValueOf(reading, tier, money);
  return {
    ...(serving.length > 0 && { serving }),
    ...(measures.length > 0 && { measures }),
    ...(present !== null && { present_value: present }),
  };
}

/** The rows of a tier that its models report beside the money, such as carbon, month by month in the base case. */
function measuresOf({ program, exact, scenario }: Reading, tier: ProgramTier): readonly Measure[] {
  return tier.reports.flatMap(({ id, row }): Measure[] => {
    const values = exact[row] ?? [];
    const { label, unit, instance } = program.rows[row] as ProgramRow;
    if (values.some(isError)) return [];
    return [
      {
        id,
        label: instance === null ? label : `${label}: ${instance}`,
        unit: unit.replace('money', scenario.currency),
        months: (values as readonly Decimal[]).map((value) => sixDigits(value)),
      },
    ];
  });
}

/** Cash and cost in money of month 0, where capital costs anything; the rows stand below the totals of the tier. */
function presentValueOf(
  { program, exact, scenario }: Reading,
  tier: ProgramTier,
  money: MoneyText,
): PresentValue | null {
  const at = (id: string): Decimal | null => {
    const row = program.rows.find((candidate) => candidate.block === `${tier.id}.total` && candidate.id === id);
    const value = row === undefined ? undefined : exact[row.index]?.[0];
    return value === undefined || isError(value) ? null : value;
  };
  const [cash, levelised] = [at('present_value'), at('levelised_cost')];
  const rate = scenario.finance.cost_of_capital;
  if (cash === null || levelised === null) return null;
  return {
    rate: rate.kind === 'range' ? rate.text : rate.kind === 'constant' ? rate.value.toFixed() : 'by month',
    cash: money(cash),
    levelised_per_million_tokens: levelised.isZero() ? null : sixDigits(levelised),
  };
}

/**
 * How fast each lot serves each workload in month 1, one user apart from all users, and where that comes from. What is
 * reckoned is as wide as its draws.
 */
function servingOf({ program, exact, scenario }: Reading, tier: ProgramTier): readonly ServingReport[] {
  const at = new Map(
    program.rows
      .filter(({ sheet, instance }) => sheet === tier.id && instance !== null)
      .map((row) => [`${row.id} ${row.instance}`, row]),
  );
  const pairs = [...at.values()].filter(({ id }) => id === 'output_speed');
  const spread = spreadIn(
    program,
    exact,
    scenario,
    pairs.flatMap(({ instance }) => [at.get(`output_speed ${instance}`), at.get(`input_speed ${instance}`)]),
  );
  return pairs.flatMap(({ instance }): ServingReport[] => {
    const [lot, workload] = (instance ?? '').split('/');
    const serving = scenario.local?.machines.find(({ id }) => id === lot)?.serving[workload ?? ''];
    const figure = (id: string, times = 1): string | null => {
      const row = at.get(`${id} ${instance}`);
      const value = row === undefined ? undefined : exact[row.index]?.[0];
      return value === undefined || isError(value) ? null : sixDigits(value.times(times));
    };
    const [output, input] = [at.get(`output_speed ${instance}`), at.get(`input_speed ${instance}`)];
    if (serving === undefined || output === undefined || input === undefined) return [];
    const single = figure('single_stream_speed');
    return [
      {
        machine: lot ?? '',
        workload: workload ?? '',
        output_from: serving.output_from,
        input_from: serving.input_from,
        all_users: { output_tokens_per_s: spread(output), input_tokens_per_s: spread(input) },
        single_user: {
          output_tokens_per_s: single,
          first_token_ms: figure('first_token_seconds', 1000),
          ...(single === null && { reason: 'not-measured' }),
        },
        ...(serving.step !== null && {
          law: {
            points: serving.step.points,
            worst_error: shareText(serving.step.worst_error.toNumber()),
            fixed_ms: figureOf(serving.step.fixed_seconds),
            ms_per_request: figureOf(serving.step.seconds_per_request),
            ...(serving.step.source !== null && { catalogue: serving.step.source }),
          },
        }),
      },
    ];
  });
}

/** What the cost models want said when a row passes its limit in the base case: once for each tier and instance. */
export function alertWarnings({ program, exact, months }: Reading, instances: Instances): readonly Warning[] {
  return program.alerts.flatMap(({ tier, alert, rows }) =>
    rows.flatMap((index): Warning[] => {
      const values = exact[index] ?? [];
      const m = values.findIndex((value) => !isError(value) && value.gt(alert.above));
      const value = values[m];
      if (value === undefined || isError(value)) return [];
      const row = program.rows[index] as ProgramRow;
      const per = row.content.definition.per;
      const place = per === null ? '' : String(instances[per].findIndex(({ id }) => id === row.instance));
      const label = program.tiers.find(({ id }) => id === tier)?.label ?? tier;
      const words: Readonly<Record<string, string>> = {
        tier: label,
        instance: row.instance ?? '',
        month: months[m] ?? '',
        value: value.toFixed(),
        percent: value.times(100).toDecimalPlaces(0).toFixed(),
      };
      return [
        {
          code: alert.code,
          pointer: alert.pointer.replace('{instance}', place),
          message: alert.message.replace(/\{(\w+)\}/g, (all, word: string) => words[word] ?? all),
        },
      ];
    }),
  );
}

/** Base, 5 % and 95 % point of rows in month 1; only where something is reckoned are draws needed to know. */
function spreadIn(
  program: Program,
  exact: ExactTable,
  scenario: Scenario,
  wanted: readonly (ProgramRow | undefined)[],
): (row: ProgramRow) => Spread {
  const rows = [...new Set(wanted.filter((row) => row !== undefined))];
  const varies = scenario.local?.machines.some(isUncertain) ?? false;
  const drawn = new Map<number, readonly number[]>();
  if (varies) {
    const lowered = lowerProgram(program, asUncertain);
    const tape = recordTape(
      lowered.graph(),
      rows.map(({ index }) => lowered.cell(index, 1)),
    );
    const { seed } = scenario.sampling;
    const columns = runTape(tape, { draws: spreadDraws, seed });
    for (const [i, { index }] of rows.entries())
      drawn.set(index, quantilesOf(columns[i] as Float64Array, [0.05, 0.95]));
  }
  return ({ index }) => {
    const value = exact[index]?.[0];
    const base = value === undefined || isError(value) ? null : sixDigits(value);
    const [low, high] = drawn.get(index) ?? [];
    return { base, p5: low === undefined ? base : sixDigits(low), p95: high === undefined ? base : sixDigits(high) };
  };
}

const spreadDraws = 2048;

function isUncertain({ roofline, serving, power_cap: cap }: Machine): boolean {
  const speeds = Object.values(serving).flatMap((one) => [one.input_tokens_per_s, one.output_tokens_per_s, one.batch]);
  return roofline !== null || [...speeds, cap?.speed_lost].some((one) => one?.kind === 'range');
}

function figureOf(seconds: { readonly kind: string; readonly value?: Decimal }): string {
  return sixDigits((seconds.value ?? new Decimal(0)).times(1000));
}
