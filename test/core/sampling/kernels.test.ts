import { describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { evaluateExact } from '../../../src/core/formula/exact.ts';
import { parseFormula } from '../../../src/core/formula/parse.ts';
import { isError } from '../../../src/core/formula/values.ts';
import { kernelNamed } from '../../../src/core/sampling/kernels.ts';

const none = Number.NaN;

function run(name: string, ...operands: readonly number[]): number {
  const into = new Float64Array(1);
  kernelNamed(name).run(
    into,
    operands.map((value) => Float64Array.of(value)),
    1,
  );
  return into[0] as number;
}

/** What the exact reading makes of the same formula; an error is NaN. */
function exactly(formula: string, values: Readonly<Record<string, number>>): number {
  const parsed = parseFormula(formula);
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  const value = evaluateExact(parsed.expression, {
    value: (name) => new Decimal(values[name] ?? 0),
    previous: () => undefined,
    cumulative: () => new Decimal(0),
    each: () => [],
    months: () => [],
  });
  return isError(value) ? none : value.toNumber();
}

const number = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => Number(value.toFixed(4))),
);

describe('each operation over draws does what its formula does exactly', () => {
  const formulas: readonly (readonly [string, string, number])[] = [
    ['add', 'x + y', 2],
    ['subtract', 'x - y', 2],
    ['multiply', 'x * y', 2],
    ['divide', 'x / y', 2],
    ['negate', '-x', 1],
    ['minimum', 'MIN(x, y)', 2],
    ['maximum', 'MAX(x, y)', 2],
    ['equal', 'IF(x = y, 1, 0)', 2],
    ['less', 'IF(x < y, 1, 0)', 2],
    ['less-or-equal', 'IF(x <= y, 1, 0)', 2],
    ['not', 'IF(x = 0, 1, 0)', 1],
    ['choose', 'IF(x <> 0, y, z)', 3],
    ['integer', 'INT(x)', 1],
    ['absolute', 'ABS(x)', 1],
    ['logarithm', 'LN(x)', 1],
    ['square-root', 'SQRT(x)', 1],
  ];
  for (const [name, formula, operands] of formulas) {
    test(`${name}: ${formula}`, () => {
      fc.assert(
        fc.property(number, number, number, (x, y, z) => {
          const expected = exactly(formula, { x, y, z });
          const found = run(name, ...[x, y, z].slice(0, operands));
          if (Number.isNaN(expected)) expect(found).toBeNaN();
          else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
        }),
        { numRuns: 300 },
      );
    });
  }

  for (const [name, formula] of [
    ['round', 'ROUND(x, y)'],
    ['round-up', 'ROUNDUP(x, y)'],
    ['round-down', 'ROUNDDOWN(x, y)'],
  ] as const) {
    test(`${name}: ${formula}`, () => {
      fc.assert(
        fc.property(number, fc.integer({ min: -3, max: 3 }), (x, y) => {
          expect(run(name, x, y)).toBeCloseTo(exactly(formula, { x, y }), 6);
        }),
        { numRuns: 500 },
      );
    });
  }

  test('power, exponential, ceiling and floor', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: -40, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        (a, b, step) => {
          const [x, y, z] = [a / 100, b / 10, step / 4];
          for (const [name, formula, operands] of [
            ['power', 'x ^ y', [x, y]],
            ['exponential', 'EXP(y)', [y]],
            ['ceiling', 'CEILING(x, z)', [x, z]],
            ['floor', 'FLOOR(x, z)', [x, z]],
          ] as const) {
            const expected = exactly(formula, { x, y, z });
            expect(Math.abs(run(name, ...operands) - expected)).toBeLessThanOrEqual(
              1e-11 * Math.max(1, Math.abs(expected)),
            );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('what Excel calls an error is no number', () => {
  test('where a number is missing or an operation is undefined', () => {
    expect([
      run('divide', 1, 0),
      run('divide', 0, 0),
      run('power', 0, 0),
      run('power', 0, -1),
      run('logarithm', 0),
      run('square-root', -1),
    ]).toEqual(Array.from({ length: 6 }, () => none));
  });

  test('and travels through every operation, a comparison and a choice included', () => {
    for (const name of [
      'add',
      'subtract',
      'multiply',
      'divide',
      'minimum',
      'maximum',
      'equal',
      'less',
      'less-or-equal',
    ])
      expect([name, run(name, none, 1), run(name, 1, none)]).toEqual([name, none, none]);
    for (const name of ['negate', 'not', 'integer', 'absolute', 'exponential', 'logarithm', 'square-root'])
      expect(run(name, none)).toBeNaN();
    expect([run('choose', none, 1, 2), run('round', none, 2), run('events', none, 0.5)]).toEqual([none, none, none]);
  });

  test('but not out of the branch that is not taken', () => {
    expect([run('choose', 1, 5, none), run('choose', 0, none, 6)]).toEqual([5, 6]);
  });
});

describe('rounding a float', () => {
  test('goes half away from zero although the float lies a hair below the half', () => {
    expect(1.005 * 100).toBeLessThan(100.5);
    for (const [value, cents] of [
      [2.675, 2.68],
      [-2.675, -2.68],
      [1.005, 1.01],
      [0.285, 0.29],
      [1.255, 1.26],
      [0.0049999, 0],
    ] as const)
      expect([value, run('round', value, 2)]).toEqual([value, cents]);
  });

  test('is the same whether all draws have the same number of digits or not', () => {
    const values = Float64Array.from({ length: 100 }, (_, i) => (i - 50) * 1.0625);
    const [alone, mixed] = [new Float64Array(100), new Float64Array(101)];
    kernelNamed('round').run(alone, [values, new Float64Array(100).fill(1)], 100);
    kernelNamed('round').run(mixed, [Float64Array.of(...values, 1), new Float64Array(101).fill(1, 0, 100)], 101);
    expect(mixed.subarray(0, 100)).toEqual(alone);
  });

  test('does not take what is whole one further', () => {
    // 0.1 * 3 / 0.1 is 3.0000000000000004.
    expect([
      run('round-up', (0.1 * 3) / 0.1, 0),
      run('integer', 2.9999999999999996),
      run('ceiling', 3.0000000000000004, 1),
    ]).toEqual([3, 3, 3]);
  });
});

describe('rare events', () => {
  test('are the expected number where no draw asks for one', () => {
    expect(run('events', 0.35, -1)).toBe(0.35);
  });

  test('are counted by the Poisson quantile of the draw', () => {
    // P(0) = e^-1 = 0.3679, P(≤ 1) = 0.7358, P(≤ 2) = 0.9197
    expect([0.36, 0.37, 0.73, 0.74, 0.91, 0.92].map((draw) => run('events', 1, draw))).toEqual([0, 1, 1, 2, 2, 3]);
    expect(run('events', 0, 0.999999)).toBe(0);
  });

  test('have the expected mean', () => {
    for (const expected of [0.01, 0.5, 3, 40, 700]) {
      const count = 20_000;
      const into = new Float64Array(count);
      kernelNamed('events').run(
        into,
        [new Float64Array(count).fill(expected), Float64Array.from(into, (_, i) => (i + 0.5) / count)],
        count,
      );
      expect(Math.abs(into.reduce((sum, value) => sum + value, 0) / count / expected - 1)).toBeLessThan(0.003);
    }
  });
});

test('there is no operation of another name', () => {
  expect(() => kernelNamed('modulo')).toThrow('no kernel "modulo"');
});
