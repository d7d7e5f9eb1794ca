import { describe, expect, test } from '@jest/globals';
import { formulaFunctions, functionNamed, parameterAt } from '../../../src/core/formula/functions.ts';
import { judgeRowName } from '../../../src/core/formula/names.ts';

describe('the name of a row', () => {
  test.each([
    'electricity',
    'x',
    'input_tokens',
    'price_2027',
    'abcd1',
    'x_1',
    'h100_hours',
    'xfe1',
    'a1048577',
    'constructor',
    `a${'b'.repeat(60)}`,
  ])('%s can be one', (name) => {
    expect(judgeRowName(name)).toBeUndefined();
  });

  test.each([
    ...[
      'a1',
      'h100',
      'H100',
      'A100',
      'p90',
      'b200',
      'gpu1',
      'xfd1048576',
      'a0001',
      'r',
      'c',
      'R',
      'rc',
      'r1c1',
      'r1',
      'c12',
    ].map((name) => [name, 'cell-address'] as const),
    ...['true', 'FALSE'].map((name) => [name, 'truth-value'] as const),
    ...['sum', 'Total', 'MONTHS', 'index'].map((name) => [name, 'name-is-function'] as const),
    ...['', 'Power', '1a', '_a', 'a-b', 'a.b', 'a b', 'é', '__proto__', `a${'b'.repeat(61)}`].map(
      (name) => [name, 'name-malformed'] as const,
    ),
  ])('%j cannot: %s', (name, code) => {
    expect(judgeRowName(name)?.code).toBe(code);
  });

  test('a suggestion is always a name that can be one', () => {
    for (const name of [
      'H100',
      'GPU cost',
      'GpuCost',
      'r',
      'Price per kWh (net)',
      'É',
      '2027',
      'P 90',
      '__proto__',
      'A'.repeat(200),
    ]) {
      for (const suggestion of judgeRowName(name)?.suggestions ?? []) expect(judgeRowName(suggestion)).toBeUndefined();
    }
    expect(judgeRowName('GPU cost')?.suggestions).toEqual(['gpu_cost']);
    expect(judgeRowName('2027')?.suggestions).toBeUndefined();
  });
});

describe('the table of functions', () => {
  test('finds a function in any case and nothing that objects have', () => {
    expect(functionNamed('Round')?.signature).toBe('ROUND(value, digits)');
    for (const name of ['constructor', '__proto__', 'toString', 'ROW', '']) expect(functionNamed(name)).toBeUndefined();
  });

  test('says how many arguments each takes, and what for', () => {
    expect(formulaFunctions.map(({ name, minimum, maximum }) => `${name} ${minimum}-${maximum}`)).toEqual(
      expect.arrayContaining(['IF 3-3', 'SUM 1-255', 'PMT 3-5', 'PREV 1-2', 'MATCH 2-3', 'NPV 2-255', 'ROUND 2-2']),
    );
    const sum = functionNamed('SUM');
    const npv = functionNamed('NPV');
    expect(sum && parameterAt(sum, 200)?.kind).toBe('numbers');
    expect(npv && [0, 1, 9].map((index) => parameterAt(npv, index)?.kind)).toEqual(['number', 'numbers', 'numbers']);
    const round = functionNamed('ROUND');
    expect(round && parameterAt(round, 2)).toBeUndefined();
  });

  test('has names that Excel or our notes can list: each once, with a line of help', () => {
    const names = formulaFunctions.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, signature, help } of formulaFunctions) {
      expect(signature.startsWith(`${name}(`)).toBe(true);
      expect(help).toMatch(/^.{10,200}\.$/);
    }
  });
});
