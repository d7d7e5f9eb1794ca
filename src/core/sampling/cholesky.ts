/** A lower triangular matrix by rows: row i has i + 1 numbers. */
export type Lower = readonly (readonly number[])[];

/** L with L·L' = `matrix`, which must be symmetric and positive definite; only its lower half is read. */
export function factorCholesky(matrix: readonly (readonly number[])[]): Lower {
  const factor: number[][] = [];
  for (const [i, given] of matrix.entries()) {
    const row: number[] = [];
    for (let j = 0; j <= i; j++) {
      const other = j < i ? (factor[j] as number[]) : row;
      let rest = given[j] as number;
      for (let k = 0; k < j; k++) rest -= (row[k] as number) * (other[k] as number);
      row.push(j < i ? rest / (other[j] as number) : Math.sqrt(rest));
    }
    factor.push(row);
  }
  return factor;
}

/** L⁻¹·v. */
export function solveLower(factor: Lower, vector: ArrayLike<number>): number[] {
  const solved: number[] = [];
  for (const [i, row] of factor.entries()) {
    let rest = vector[i] as number;
    for (let k = 0; k < i; k++) rest -= (row[k] as number) * (solved[k] as number);
    solved.push(rest / (row[i] as number));
  }
  return solved;
}

/** L'⁻¹·v. */
export function solveUpper(factor: Lower, vector: ArrayLike<number>): number[] {
  const solved = Array.from(vector);
  for (let i = factor.length - 1; i >= 0; i--) {
    const row = factor[i] as readonly number[];
    const value = (solved[i] as number) / (row[i] as number);
    solved[i] = value;
    for (let k = 0; k < i; k++) solved[k] = (solved[k] as number) - (row[k] as number) * value;
  }
  return solved;
}
