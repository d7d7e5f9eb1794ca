import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Decimal } from 'decimal.js';
import { parse } from 'yaml';
import type { CostModel } from '../../src/core/model/definition.ts';
import { parseCostModel } from '../../src/core/model/definition.ts';
import { linkProgram } from '../../src/core/model/link.ts';
import type { InputValue, Program, ProgramRow } from '../../src/core/model/program.ts';
import type { Distribution } from '../../src/core/sampling/distributions.ts';

type Uncertain = { readonly base: number } & Distribution;

export type ReferenceModel = {
  readonly months: number;
  readonly clouds: readonly string[];
  readonly fixed: Readonly<Record<string, number>>;
  readonly by_month: Readonly<Record<string, readonly number[]>>;
  readonly by_cloud: Readonly<Record<string, readonly number[]>>;
  readonly once: Readonly<Record<string, Uncertain>>;
  readonly monthly: Readonly<Record<string, Uncertain>>;
  readonly rows: Readonly<Record<string, string>>;
  /** Months 1, 12 and 36. */
  readonly known_base: Readonly<Record<string, readonly string[]>>;
  /** Month → series → P5, P10, P50, P90, P95, mean, percent within ±10 % of the base case. */
  readonly known_bands: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;
};

/** The eight series that are kept of every draw. */
export const keptSeries = ['local', 'cloud[1]', 'cloud[2]', 'cloud[3]', 'cloud[4]', 'cloud[5]', 'cloud[6]', 'hybrid'];

export const referenceModel = parse(
  readFileSync(path.join(import.meta.dirname, '../fixtures/reference-model.yaml'), 'utf8'),
) as ReferenceModel;

/** The reference model as a cost model of the engine, with the clouds in the place of workloads. */
export function linkReferenceModel(): Program {
  const { months, clouds } = referenceModel;
  return linkProgram({
    months,
    instances: {
      workload: clouds.map((id) => ({ id, parents: {} })),
      machine: [],
      size: [],
      serving: [],
      tariff: [],
    },
    closing: null,
    shared: [costModel()],
    tiers: [],
    resolve: (definition, { instance }) => ({
      key: instance === null ? definition.id : `${definition.id}.${instance}`,
      label: definition.label,
      value: valueOfInput(definition.id, instance),
      source: null,
    }),
  });
}

/** `cloud[3]` is the row of the third cloud. */
export function rowNamed(program: Program, series: string): ProgramRow {
  const [id, place] = series.replace(']', '').split('[');
  const instance = place === undefined ? null : referenceModel.clouds[Number(place) - 1];
  const row = program.rows.find((candidate) => candidate.id === id && candidate.instance === instance);
  if (row === undefined) throw new Error(`the reference model has no row ${series}`);
  return row;
}

function costModel(): CostModel {
  const { fixed, by_month, by_cloud, once, monthly, rows } = referenceModel;
  const input = (id: string, per?: string): Record<string, unknown> => ({
    id,
    label: id,
    unit: '1',
    from: id,
    ...(per && { per }),
  });
  return parseCostModel({
    id: 'reference',
    label: 'Reference model',
    description: 'Local servers against six clouds.',
    inputs: [
      { id: 'month_number', label: 'Month number', unit: '1', built_in: 'month_number' },
      ...[fixed, by_month, once, monthly].flatMap((group) => Object.keys(group).map((id) => input(id))),
      ...Object.keys(by_cloud).map((id) => input(id, 'workload')),
    ],
    rows: Object.entries(rows).map(([name, formula]) => {
      const id = name.replace('[k]', '');
      return { id, label: id, unit: '1', formula, ...(id !== name && { per: 'workload' }) };
    }),
  });
}

function valueOfInput(id: string, instance: string | null): InputValue {
  const { months, clouds, fixed, by_month, by_cloud, once, monthly } = referenceModel;
  const series = id === 'month_number' ? Array.from({ length: months }, (_, m) => m + 1) : by_month[id];
  if (series !== undefined) return { kind: 'series', values: series.map((value) => new Decimal(value)) };
  const point = instance === null ? fixed[id] : by_cloud[id]?.[clouds.indexOf(instance)];
  if (point !== undefined) return { kind: 'constant', value: new Decimal(point) };
  const uncertain = once[id] ?? monthly[id];
  if (uncertain === undefined) throw new Error(`the reference model has no input ${id}`);
  const { base, ...distribution } = uncertain;
  const varies = id in once ? 'once' : 'monthly';
  return { kind: 'range', base: new Decimal(base), distribution, varies, text: distribution.kind };
}
