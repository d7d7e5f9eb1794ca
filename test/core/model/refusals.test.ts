import { describe, expect, test } from '@jest/globals';
import { parseCostModel } from '../../../src/core/model/definition.ts';
import type { Problem } from '../../../src/core/problem.ts';
import { InvalidInput } from '../../../src/core/problem.ts';
import { forecastOf, problemsOf, sample, tierOf } from '../../helpers/forecasting.ts';

const short = { ...sample('support-assistant'), months: 3, sampling: { draws: 100, seed: 1 } };

type OwnRow = {
  readonly tier?: string;
  readonly id: string;
  readonly formula: string;
  readonly unit?: string;
  readonly perimeter?: string;
};

/** Problems of the sample with these rows of the user's, as pointer, code and message. */
function refused(...rows: readonly OwnRow[]): readonly Problem[] {
  return problemsOf({ ...short, rows: rows.map((row) => ({ tier: 'local', ...row })) });
}

function only(problems: readonly Problem[]): Problem {
  expect(problems).toHaveLength(1);
  return problems[0] as Problem;
}

describe('a row of the user', () => {
  test('that adds money to kilowatt-hours is refused at the place of the second summand', () => {
    const problem = only(refused({ id: 'power_bill', formula: 'electricity + TOTAL(kilowatt_hours)' }));
    expect(problem).toMatchObject({ pointer: '/rows/0/formula', code: 'unit-mismatch' });
    expect(problem.message).toMatch(/^At character 15: .*money and h\*kW/);
  });

  test('that comes out in another unit than it is declared in is refused', () => {
    const problem = only(refused({ id: 'machine_hours', formula: 'TOTAL(owned) * hours_in_month', unit: 'USD' }));
    expect(problem).toMatchObject({ pointer: '/rows/0/formula', code: 'unit-mismatch' });
    expect(problem.message).toContain('"machine_hours" is declared in money, but its formula comes out in h*machines');
  });

  test('with a unit that is none is refused at the unit', () => {
    expect(only(refused({ id: 'extra_cost', formula: '5', unit: 'USD per month' }))).toMatchObject({
      pointer: '/rows/0/unit',
    });
  });

  test('may use bare numbers where a unit is needed, and pure numbers times them', () => {
    const forecast = forecastOf({
      ...short,
      rows: [{ tier: 'local', id: 'audit_cost', unit: 'USD', perimeter: 'bill', formula: '250 + 10 * month_number' }],
    });
    expect(tierOf(forecast, 'local').lines.find(({ id }) => id === 'audit_cost')?.months).toEqual([
      '260.00',
      '270.00',
      '280.00',
    ]);
  });

  test('that names what is not there is told the nearest names', () => {
    const problem = only(refused({ id: 'extra_cost', formula: 'electricty * 0.1' }));
    expect(problem).toMatchObject({ pointer: '/rows/0/formula', code: 'unknown-name', suggestions: ['electricity'] });
    expect(problem.message).toMatch(/^At character 1: there is no row or input "electricty"/);
  });

  test('that names a row of another tier is refused: sheets are apart', () => {
    expect(only(refused({ tier: 'openai', id: 'extra_cost', formula: 'electricity' }))).toMatchObject({
      code: 'unknown-name',
    });
  });

  test('that reads a row of every machine or workload without adding it up is told how', () => {
    const problem = only(refused({ id: 'extra_cost', formula: 'depreciation * 0.01' }));
    expect(problem).toMatchObject({ pointer: '/rows/0/formula', code: 'many-rows' });
    expect(problem.message).toContain('write TOTAL(depreciation)');
  });

  test('may not take the name of a row or input that is there', () => {
    expect(only(refused({ id: 'electricity', formula: '5' }))).toMatchObject({
      pointer: '/rows/0/id',
      code: 'duplicate-row',
    });
    expect(only(refused({ id: 'requests', formula: '5' }))).toMatchObject({
      pointer: '/rows/0/id',
      code: 'duplicate-row',
    });
  });

  test('may not have the name of another one, of a cell, or of a function', () => {
    const twice = { id: 'audit_cost', formula: '5' };
    expect(refused(twice, twice).map(({ pointer }) => pointer)).toEqual(['/rows/1/id']);
    for (const id of ['h100', 'p90', 'a1', 'r1c1', 'max', 'H100'])
      expect(refused({ id, formula: '5' })).toEqual([expect.objectContaining({ pointer: '/rows/0/id' })]);
  });

  test('that waits for itself is shown the way round', () => {
    expect(only(refused({ id: 'own_tail', formula: 'own_tail + 1' })).message).toContain('own_tail → own_tail');
  });

  test('in a loop of two, within a longer one, is shown the shorter', () => {
    const problem = only(
      refused(
        { id: 'first_row', formula: 'second_row + third_row' },
        { id: 'second_row', formula: 'third_row + 1' },
        { id: 'third_row', formula: 'first_row + 1' },
      ),
    );
    expect(problem).toMatchObject({ code: 'formula-loop', pointer: expect.stringMatching(/^\/rows\/\d\/formula$/) });
    expect(problem.message).toMatch(/first_row → third_row → first_row|third_row → first_row → third_row/);
  });

  test('may wait for last month', () => {
    const forecast = forecastOf({
      ...short,
      rows: [
        { tier: 'local', id: 'growing_fee', unit: 'USD', perimeter: 'bill', formula: 'PREV(growing_fee, 100) * 1.1' },
      ],
    });
    // 110, 121 and 133.10
    expect(tierOf(forecast, 'local').lines.find(({ id }) => id === 'growing_fee')?.months).toEqual([
      '110.00',
      '121.00',
      '133.10',
    ]);
  });

  test('may ask for other months of a row that is left out, which are 0', () => {
    for (const formula of [
      'PREV(colocation)',
      'CUM(colocation)',
      'SUM(MONTHS(colocation))',
      'TOTAL(contracted_kilowatts) * 0',
    ]) {
      const unit = formula.startsWith('TOTAL') ? 'kW' : 'USD';
      const forecast = forecastOf({ ...short, rows: [{ tier: 'local', id: 'extra_cost', unit, formula }] });
      expect(tierOf(forecast, 'local').total.full.base).toBe(tierOf(forecastOf(short), 'local').total.full.base);
    }
  });

  test('of a hybrid stands in its sheet and in none of its members', () => {
    const rows = [{ tier: 'hybrid', id: 'routing_cost', unit: 'USD', perimeter: 'full', formula: '12.5' }];
    const forecast = forecastOf({ ...short, rows });
    const lines = (id: string): readonly string[] =>
      tierOf(forecast, id).lines.flatMap((line) => (line.id.includes('routing_cost') ? line.months : []));
    expect([lines('hybrid'), lines('local'), lines('anthropic')]).toEqual([['12.50', '12.50', '12.50'], [], []]);
    const more =
      Number(tierOf(forecast, 'hybrid').total.full.base) - Number(tierOf(forecastOf(short), 'hybrid').total.full.base);
    expect(more.toFixed(2)).toBe('37.50');
  });

  test('of a member stands in the hybrid too: what the box needs, it needs there as well', () => {
    const rows = [{ tier: 'local', id: 'licence_fee', unit: 'USD', perimeter: 'bill', formula: '40' }];
    const { lines } = tierOf(forecastOf({ ...short, rows }), 'hybrid');
    expect(lines.map(({ id }) => id)).toContain('local.licence_fee');
  });

  test('that divides by nothing takes its own tier out, and no other', () => {
    const { tiers } = forecastOf({
      ...short,
      rows: [{ tier: 'openai', id: 'odd_cost', unit: 'USD', perimeter: 'bill', formula: '1 / (month_number - 2)' }],
    });
    expect(tiers.map((tier) => [tier.id, tier.months === null ? tier.reason : 'computed'])).toEqual(
      (short as unknown as { tiers: string[] }).tiers.map((id) => [id, id === 'openai' ? 'formula-error' : 'computed']),
    );
  });

  test('is told every problem at once', () => {
    const problems = refused(
      { id: 'first_cost', formula: 'electricty' },
      { id: 'second_cost', formula: 'electricity + TOTAL(kilowatt_hours)' },
      { id: 'third_cost', formula: 'depreciation' },
    );
    expect(problems.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([
      '/rows/0/formula unknown-name',
      '/rows/2/formula many-rows',
      '/rows/1/formula unit-mismatch',
    ]);
  });
});

describe('a cost model', () => {
  const model = {
    id: 'fee',
    label: 'Fee',
    description: '',
    rows: [{ id: 'fee_paid', label: 'Fee', unit: 'money', formula: '5' }],
  };
  const problems = (change: Record<string, unknown>): readonly Problem[] => {
    try {
      parseCostModel({ ...model, ...change });
      return [];
    } catch (error) {
      if (error instanceof InvalidInput) return error.problems;
      throw error;
    }
  };

  test('that is sound is read', () => {
    expect(parseCostModel(model).rows[0]).toMatchObject({
      id: 'fee_paid',
      unit: 'money',
      perimeter: null,
      cash: 'too',
    });
  });

  test('with two rows, or a row and an input, of one id is refused at the second', () => {
    const [row] = model.rows;
    expect(problems({ rows: [row, row] })).toEqual([
      expect.objectContaining({ code: 'duplicate-row', pointer: '/rows/1/id' }),
    ]);
    const input = { id: 'fee_paid', label: 'Fee', unit: 'money', value: 5 };
    expect(problems({ inputs: [input] })).toEqual([
      expect.objectContaining({ code: 'duplicate-row', pointer: '/rows/0/id' }),
    ]);
  });

  test('with an id that reads as a cell is refused', () => {
    expect(problems({ rows: [{ ...model.rows[0], id: 'h100' }] })).toEqual([
      expect.objectContaining({ pointer: '/rows/0/id' }),
    ]);
  });

  test('with a key that means nothing is refused', () => {
    expect(problems({ rows: [{ ...model.rows[0], perimetre: 'bill' }] })[0]?.pointer).toBe('/rows/0');
  });

  test('with an input that comes from nowhere, or from two places, is refused', () => {
    for (const input of [
      { id: 'fee_rate', label: 'Fee', unit: '1' },
      { id: 'fee_rate', label: 'Fee', unit: '1', value: 1, from: 'energy.pue' },
    ])
      expect(problems({ inputs: [input] })).toEqual([
        expect.objectContaining({ code: 'input-origin', pointer: '/inputs/0' }),
      ]);
  });

  test('with a formula that does not parse is refused at the character', () => {
    const [problem] = problems({ rows: [{ ...model.rows[0], formula: '5 +' }] });
    expect(problem).toMatchObject({ pointer: '/rows/0/formula', message: expect.stringMatching(/^At character \d/) });
  });
});
