import { Decimal } from 'decimal.js';
import type { CostModel, Example, InputDefinition } from '../../src/core/model/definition.ts';
import { evaluateProgram } from '../../src/core/model/evaluate.ts';
import { linkProgram } from '../../src/core/model/link.ts';
import type { InputValue, Instances } from '../../src/core/model/program.ts';

const instances: Instances = {
  workload: [{ id: 'one', parents: {} }],
  machine: [{ id: 'one', parents: {} }],
  size: [{ id: 'one/1', parents: { workload: 'one' } }],
  serving: [{ id: 'one/one', parents: { machine: 'one', workload: 'one' } }],
  tariff: [{ id: 'one', parents: {} }],
  step: [{ id: 'one/above/1', parents: { workload: 'one' } }],
  size_step: [{ id: 'one/1/above/1', parents: { workload: 'one', size: 'one/1', step: 'one/above/1' } }],
};

/**
 * Evaluates a model alone, with one workload, one machine and one request size: what the example gives stands in for
 * inputs and for rows of the models it uses; inputs that are not given take their default, or 0.
 * @returns the exact value of each expected row in the example's month, or the code of its error
 */
export function runExample(
  model: CostModel,
  example: Example,
  models: ReadonlyMap<string, CostModel>,
): ReadonlyMap<string, string> {
  const shared = model.uses.map((id) => asInputs(models.get(id) as CostModel));
  const plain: CostModel = { ...model, spills: [] };
  const program = linkProgram({
    months: example.month,
    instances,
    closing: null,
    shared: model.uses.length === 0 ? [plain] : shared,
    tiers:
      model.uses.length === 0
        ? []
        : [
            {
              id: 'tier',
              label: 'Tier',
              parts: [
                { tier: 'tier', label: 'Tier', model: plain, ownRows: [], demand: demandOf(example), spillTo: null },
              ],
            },
          ],
    resolve: (definition) => ({
      key: definition.id,
      label: definition.label,
      source: null,
      value: inputOf(definition, example),
    }),
  });
  const table = evaluateProgram(program);
  return new Map(
    Object.keys(example.expect).map((id) => {
      const row = program.rows.find((candidate) => candidate.id === id);
      const value = row === undefined ? undefined : table[row.index]?.[example.month - 1];
      return [
        id,
        value === undefined
          ? 'left out'
          : value instanceof Decimal
            ? value.toFixed()
            : (value as { code: string }).code,
      ];
    }),
  );
}

function demandOf({
  given,
}: Example):
  | { kind: 'whole' }
  | { kind: 'share'; inputs: ReadonlyMap<string, { key: string; label: string; source: null; value: InputValue }> } {
  if (given.demand_share === undefined) return { kind: 'whole' };
  const value: InputValue = { kind: 'constant', value: new Decimal(String(given.demand_share)) };
  return { kind: 'share', inputs: new Map([['one', { key: 'share', label: 'Share', source: null, value }]]) };
}

/** The rows of a used model as inputs, so that an example can give them. */
function asInputs(model: CostModel): CostModel {
  const rows = model.rows.map(
    (row): InputDefinition => ({
      kind: 'input',
      id: row.id,
      label: row.label,
      unit: row.unit,
      per: row.per,
      sheet: 'Inputs',
      origin: { kind: 'value', value: new Decimal(0) },
      omitZero: false,
      onlyIf: [],
      source: null,
      note: null,
    }),
  );
  return { ...model, inputs: [...model.inputs, ...rows], rows: [] };
}

function inputOf({ id, origin }: InputDefinition, { given, month }: Example): InputValue {
  const stated = given[id];
  if (typeof stated === 'string') return { kind: 'constant', value: new Decimal(stated) };
  if (stated !== undefined) return { kind: 'series', values: stated.map((value) => new Decimal(value)) };
  if (origin.kind === 'value') return { kind: 'constant', value: origin.value };
  if (origin.kind === 'shock') return { kind: 'constant', value: origin.base };
  if (origin.kind === 'scenario' && origin.fallback?.kind === 'constant')
    return { kind: 'constant', value: origin.fallback.value };
  if (origin.kind === 'built-in' && origin.name === 'month_number')
    return { kind: 'series', values: Array.from({ length: month }, (_, m) => new Decimal(m + 1)) };
  const others: Readonly<Record<string, string>> = { minor_units: '2', hours_in_month: '730', exchange_rate: '1' };
  return { kind: 'constant', value: new Decimal(others[id] ?? 0) };
}
