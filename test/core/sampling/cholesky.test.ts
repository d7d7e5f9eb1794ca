import { expect, test } from '@jest/globals';
import { factorCholesky, solveLower, solveUpper } from '../../../src/core/sampling/cholesky.ts';

const matrix = [
  [4, 2, 2],
  [2, 5, 3],
  [2, 3, 6],
];

test('a matrix is its factor times the factor turned over', () => {
  expect(factorCholesky(matrix)).toEqual([[2], [1, 2], [1, 1, 2]]);
});

test('solving below and then above solves for the matrix', () => {
  const factor = factorCholesky(matrix);
  expect(solveLower(factor, [2, 5, 8])).toEqual([1, (5 - 1) / 2, (8 - 1 - 2) / 2]);
  const wanted = [1, -2, 3];
  const right = matrix.map((row) => row.reduce((sum, value, j) => sum + value * (wanted[j] as number), 0));
  const solved = solveUpper(factor, solveLower(factor, right));
  for (const [i, value] of wanted.entries()) expect(solved[i]).toBeCloseTo(value, 12);
});
