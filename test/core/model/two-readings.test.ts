import { describe, expect, test } from '@jest/globals';
import { isError } from '../../../src/core/formula/values.ts';
import type { ExactTable } from '../../../src/core/model/evaluate.ts';
import { baseOf, evaluateProgram } from '../../../src/core/model/evaluate.ts';
import type { SampledInput } from '../../../src/core/model/lower.ts';
import { atBase, lowerProgram } from '../../../src/core/model/lower.ts';
import type { Program } from '../../../src/core/model/program.ts';
import { recordTape, runTape } from '../../../src/core/sampling/tape.ts';
import type { Base } from '../../helpers/forecasting.ts';
import { baseOfScenario, sample, samples } from '../../helpers/forecasting.ts';

/** Every row and month of the sampled reading, by running the tape for two draws. */
function sampledTable(program: Program, inputAt: SampledInput): readonly (readonly number[])[] {
  const lowered = lowerProgram(program, inputAt);
  const months = Array.from({ length: program.months }, (_, m) => m + 1);
  const outputs = program.rows.flatMap(({ index }) => months.map((month) => lowered.cell(index, month)));
  const inputs = new Map(
    program.rows.flatMap((row) => (row.content.kind === 'input' ? [[row.key, row.content.input.value]] : [])),
  );
  const columns = runTape(recordTape(lowered.graph(), outputs), {
    draws: 2,
    seed: 1,
    replace: ({ key, month }, _firstDraw, into) => {
      const value = inputs.get(key);
      if (value === undefined) return false;
      into.fill(baseOf(value, month).toNumber());
      return true;
    },
  });
  return program.rows.map((_, row) =>
    months.map((_month, m) => (columns[row * months.length + m] as Float64Array)[1] as number),
  );
}

/** Cells where the two readings are further apart than a billionth of the cell (of 1 for cells near 0). */
function disagreements(
  program: Program,
  exact: ExactTable,
  sampled: readonly (readonly number[])[],
): readonly string[] {
  return program.rows.flatMap((row) =>
    Array.from({ length: program.months }, (_, m) => {
      const value = exact[row.index]?.[m];
      const float = sampled[row.index]?.[m] ?? Number.NaN;
      if (value === undefined || isError(value) || value.isNaN())
        return Number.isNaN(float) ? [] : [`${row.key} ${m + 1}: an error against ${float}`];
      const number = value.toNumber();
      return Math.abs(float - number) <= 1e-9 * Math.max(1, Math.abs(number))
        ? []
        : [`${row.key} ${m + 1}: ${number} against ${float}`];
    }).flat(),
  );
}

/** No input is known when the tape is recorded: nothing is folded, every operation runs. */
const asUnknown: SampledInput = (row, _value, month) => ({
  key: row.key,
  month,
  distribution: { kind: 'standard-uniform' },
});

describe('at zero uncertainty the samples are the exact values, to a billionth, in every row and month', () => {
  for (const [name, sent] of samples) {
    const base = baseOfScenario(sent);

    test(`${name}, with everything worked out beforehand`, () => {
      expect(disagreements(base.program, base.exact, sampledTable(base.program, atBase))).toEqual([]);
    });

    test(`${name}, with every operation done over the draws`, () => {
      expect(disagreements(base.program, base.exact, sampledTable(base.program, asUnknown))).toEqual([]);
    });
  }

  test('of whole months of hours, in euros, with batches and sizes above a threshold', () => {
    const base = baseOfScenario({
      ...sample('internal-batch'),
      currency: 'EUR',
      exchange_rates: { USD: '0.8 to 0.95' },
      hours_per_month: 'calendar',
      months: 14,
    });
    expect(disagreements(base.program, base.exact, sampledTable(base.program, asUnknown))).toEqual([]);
  });

  test('a cent in one cell is noticed', () => {
    const { program, exact }: Base = baseOfScenario(sample('solo-developer'));
    const sampled = sampledTable(program, atBase).map((row) => [...row]);
    const electricity = program.rows.findIndex(({ key }) => key === 'local.electricity');
    (sampled[electricity] as number[])[3] = ((sampled[electricity] as number[])[3] as number) + 0.01;
    expect(disagreements(program, exact, sampled)).toEqual([expect.stringMatching(/^local\.electricity 4: /)]);
  });
});

test('a row that nothing changes is worked out once and stands in every month', () => {
  const { program, exact } = baseOfScenario(sample('solo-developer'));
  const price = program.rows.findIndex(({ key }) => key === 'local.machine_price.desktop');
  expect(new Set(exact[price]).size).toBe(1);
  expect(exact[price]).toHaveLength(program.months);
  expect(evaluateProgram(program)).toEqual(exact);
});
