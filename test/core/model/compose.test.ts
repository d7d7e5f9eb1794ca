import { describe, expect, test } from '@jest/globals';
import { toWords } from '../../../src/core/formula/excel.ts';
import { parseFormula } from '../../../src/core/formula/parse.ts';
import { composeModels } from '../../../src/core/model/compose.ts';
import type { CostModel } from '../../../src/core/model/definition.ts';
import { parseCostModel } from '../../../src/core/model/definition.ts';
import { withoutNames } from '../../../src/core/model/simplify.ts';
import { InvalidInput } from '../../../src/core/problem.ts';
import { baseOfScenario, catalogue, forecastOf } from '../../helpers/forecasting.ts';
import { localBox, localScenario, localWith } from '../../helpers/local-scenario.ts';

function modelOf(id: string, parts: object = {}): CostModel {
  return parseCostModel({ id, label: id, description: id, ...parts });
}

function composed(...models: readonly CostModel[]): ReadonlyMap<string, CostModel> {
  return composeModels(new Map(models.map((model) => [model.id, model])));
}

function codesOf(...models: readonly CostModel[]): readonly string[] {
  try {
    composed(...models);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems.map(({ code }) => code);
    throw error;
  }
}

const row = (id: string, formula = '1') => ({ id, label: id, unit: '1', formula });
const input = (id: string, value = '1') => ({ id, label: id, unit: '1', value });

describe('models put together', () => {
  test('have the inputs and rows of all, in order, each row with the model it was written in', () => {
    const a = modelOf('a', { inputs: [input('x')], rows: [row('p', 'x')] });
    const b = modelOf('b', { uses: ['a'], inputs: [input('x'), input('y')], rows: [row('q', 'p + y')] });
    const both = composed(a, b, modelOf('both', { includes: ['a', 'b'], rows: [row('both_rows', 'p + q')] })).get(
      'both',
    );
    expect(both?.inputs.map(({ id }) => id)).toEqual(['x', 'y']);
    expect(both?.rows.map(({ id, section }) => [id, section])).toEqual([
      ['p', 'a'],
      ['q', 'b'],
      ['both_rows', null],
    ]);
    expect(both?.uses).toEqual([]);
  });

  test('are refused where one is missing, includes itself, or says otherwise what another says', () => {
    expect(codesOf(modelOf('a', { includes: ['nowhere'] }))).toEqual(['unknown-model']);
    expect(codesOf(modelOf('a', { includes: ['b'] }), modelOf('b', { includes: ['a'] }))).toContain('model-loop');
    const twice = modelOf('both', { includes: ['a', 'b'] });
    expect(codesOf(modelOf('a', { rows: [row('p')] }), modelOf('b', { rows: [row('p')] }), twice)).toEqual([
      'duplicate-row',
    ]);
    expect(codesOf(modelOf('a', { inputs: [input('x')] }), modelOf('b', { inputs: [input('x', '2')] }), twice)).toEqual(
      ['duplicate-row'],
    );
  });

  test('every shipped model is either one of those that others are made of, or made of them', () => {
    const owned = catalogue.models.get('owned-hardware');
    const sections = new Set(owned?.rows.map(({ section }) => section));
    const members = owned?.includes.map((id) => catalogue.models.get(id)?.label);
    expect([...sections].sort()).toEqual(members?.sort());
  });
});

describe('a formula without the names that are 0', () => {
  test.each([
    ['a + b * cost', { b: '0' }, 'a'],
    ['a * (1 - b)', { b: '0' }, 'a'],
    ['a / (1 - b)', { b: '0' }, 'a'],
    ['TOTAL(a) + TOTAL(b)', { b: '0' }, 'TOTAL(a)'],
    ['IF(b = 1, a, cost)', { b: '0' }, 'cost'],
    ['IF(OR(a < 1, AND(b = 1, cost > 2)), 0, d)', { b: '0' }, 'IF(a < 1, 0, d)'],
    ['IF(AND(b <> 0, a < 1), cost, d)', { b: '0' }, 'd'],
    ['IF(NOT(b = 1), cost, d)', { b: '0' }, 'cost'],
    ['IF(AND(b = 0, a < 1, cost < 2), cost, d)', { b: '0' }, 'IF(AND(a < 1, cost < 2), cost, d)'],
    ['MAX(a, b)', { b: '0' }, 'MAX(a, 0)'],
  ] as const)('%s reads %j as %s', (formula, constants, simpler) => {
    const parsed = parseFormula(formula);
    if (!parsed.ok) throw new Error(formula);
    expect(toWords(withoutNames(parsed.expression, new Map(Object.entries(constants))), () => undefined)).toBe(simpler);
  });
});

describe('rows that cannot be anything but 0', () => {
  const idsOf = (scenario: object): ReadonlySet<string> =>
    new Set(baseOfScenario(scenario).program.rows.map(({ id }) => id));

  test('are not on the sheet of a machine that is simply bought', () => {
    const ids = idsOf(localScenario());
    const others = [
      'loan_balance',
      'lease_rate',
      'gpu_hours',
      'declining_before',
      'period_cost',
      'carbon',
      'bandwidth_reached',
      'spare_machines',
      'moved_now',
      'lost_share',
      'maintenance_due',
    ];
    expect(others.filter((id) => ids.has(id))).toEqual([]);
    for (const id of ['depreciation', 'closing_book', 'electricity', 'overflow_share']) expect(ids.has(id)).toBe(true);
  });

  test('are there as soon as the scenario has them, and only for the lot that has them', () => {
    const scenario = localScenario({
      local: { machines: [localBox, { ...localBox, id: 'other', loan: { rate: '5%', months: 12 } }] },
    });
    const loans = baseOfScenario(scenario).program.rows.filter(({ id }) => id === 'loan_balance');
    expect(loans.map(({ instance }) => instance)).toEqual(['other']);
  });
});

test('a tier that runs machines may state operator hours of its own', () => {
  const tiers = [{ id: 'local', operations: { hours_per_month: 20, hourly_rate: 50 } }];
  const scenario = localWith({}, { tiers, operations: { hours_per_month: 5, hourly_rate: 75 } });
  const [tier] = forecastOf(scenario).tiers;
  const line = tier?.months === null ? undefined : tier?.lines.find(({ id }) => id === 'operator_time');
  expect(line?.months[0]).toBe('1000.00');
});

test('an own line that adds what depreciation charges already is warned of by name', () => {
  const rows = [{ tier: 'local', id: 'capex', unit: 'USD', perimeter: 'bill', formula: 'purchases / 36' }];
  const told = forecastOf(localScenario({ rows })).warnings.find(({ code }) => code === 'double-count-purchase');
  expect(told).toMatchObject({ pointer: '/rows/0/formula' });
  expect(told?.message).toContain('"amortisation"');
  const harmless = [{ tier: 'local', id: 'share', unit: '1', formula: 'amortisation / purchases' }];
  expect(forecastOf(localScenario({ rows: harmless })).warnings.map(({ code }) => code)).not.toContain(
    'double-count-purchase',
  );
});
