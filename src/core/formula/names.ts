import type { FormulaProblem } from './formula-problem.ts';
import { functionNamed } from './functions.ts';

const rowName = /^[a-z][a-z0-9_]{0,60}$/;
const cellAddress = /^([a-z]{1,3})0*([1-9][0-9]{0,6})$/i;
const rowAndColumn = /^(?:r\d*|c\d*|r\d*c\d*)$/i;
const lastColumn = 16_384;
const lastRow = 1_048_576;

/**
 * Why a name cannot name a row, or undefined when it can: lower snake case of at most 61 letters, and nothing that a
 * spreadsheet reads as an address (`h100`, `p90`, `r1c1`), a truth value or a function. The caller adds the place.
 */
export function judgeRowName(name: string): Omit<FormulaProblem, 'at'> | undefined {
  if (readsAsAddress(name)) {
    return {
      code: 'cell-address',
      message: `"${name}" reads as a cell address. Formulas use row names: give the row a longer name, such as "${name.toLowerCase()}_value".`,
      suggestions: [`${name.toLowerCase()}_value`],
    };
  }
  if (name.toUpperCase() === 'TRUE' || name.toUpperCase() === 'FALSE') {
    return {
      code: 'truth-value',
      message: `${name} cannot be written here: write a comparison, such as month_number = 1.`,
    };
  }
  const called = functionNamed(name);
  if (called !== undefined) {
    return {
      code: 'name-is-function',
      message: `"${name}" is a function: ${called.signature}. A row needs another name.`,
    };
  }
  if (rowName.test(name)) return undefined;
  const mended = mendedName(name);
  return {
    code: 'name-malformed',
    message: `"${shortened(name)}" is not a row name: a lower-case letter first, then lower-case letters, digits and _, at most 61 in all.`,
    ...(mended === undefined ? {} : { suggestions: [mended] }),
  };
}

function readsAsAddress(name: string): boolean {
  if (rowAndColumn.test(name)) return true;
  const [, letters, digits] = cellAddress.exec(name) ?? [];
  if (letters === undefined || digits === undefined) return false;
  const column = [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return column <= lastColumn && Number(digits) <= lastRow;
}

/** `GPU cost` and `GpuCost` become `gpu_cost`; undefined when nothing sensible is left. */
function mendedName(name: string): string | undefined {
  const mended = name
    .slice(0, 61)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '');
  return rowName.test(mended) && !readsAsAddress(mended) && functionNamed(mended) === undefined ? mended : undefined;
}

function shortened(name: string): string {
  return name.length > 40 ? `${name.slice(0, 39)}…` : name;
}
