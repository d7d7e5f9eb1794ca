import { loadExcelize } from '../helpers/excelize.ts';
import type { WrittenCell } from './cells.ts';
import { readCells, withoutCachedValues } from './cells.ts';

/**
 * What a fresh engine calculates for every formula, no cached value in sight. Keys are `Local!J7`. The engine keeps what it
 * calculated, so sheets that read others come after them; its memory is never given back, hence one engine a workbook.
 */
export async function recalculate(bytes: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const excelize = await loadExcelize();
  const file = excelize.OpenReader(withoutCachedValues(bytes));
  if (file.error !== null) throw new Error(file.error);
  const formulas = readCells(bytes)
    .filter(({ formula }) => formula !== null)
    .toSorted((a, b) => stage(a) - stage(b));
  return new Map(
    formulas.map(({ sheet, address }) => {
      const { value, error } = file.CalcCellValue(sheet, address, { RawCellValue: true });
      return [`${sheet}!${address}`, error ?? value];
    }),
  );
}

function stage({ sheet, address }: WrittenCell): number {
  if (address === 'A3') return 3;
  if (sheet === 'Checks') return 2;
  return sheet === 'Summary' || sheet === 'Sources' ? 1 : 0;
}

/** Formulas whose value in the file is not what was calculated. */
export function differences(
  written: readonly WrittenCell[],
  calculated: ReadonlyMap<string, string>,
): readonly string[] {
  return written.flatMap(({ sheet, address, formula, value }) => {
    if (formula === null) return [];
    const found = calculated.get(`${sheet}!${address}`);
    return sameValue(value, found)
      ? []
      : [`${sheet}!${address} =${formula}: ${value} in the file, ${found} calculated`];
  });
}

/** Numbers to 1e-9 of themselves (and 1e-9 near 0, where long sums leave something), anything else exactly. */
export function sameValue(value: string | null, found: string | undefined): boolean {
  if (value === null || found === undefined) return false;
  if (!isNumber(value) || !isNumber(found)) return value === found;
  return Math.abs(Number(value) - Number(found)) <= 1e-9 * Math.max(1, Math.abs(Number(value)));
}

function isNumber(text: string): boolean {
  return /^-?\d*\.?\d+(?:E[+-]?\d+)?$/i.test(text);
}
