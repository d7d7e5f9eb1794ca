import { createRequire } from 'node:module';
import { init } from 'excelize-wasm';
import type { WrittenCell } from './cells.ts';
import { readCells, withoutCachedValues } from './cells.ts';

export type Excelize = Awaited<ReturnType<typeof init>>;

/** A spreadsheet engine that has never seen our code: excelize in WebAssembly. */
export async function loadExcelize(): Promise<Excelize> {
  const main = createRequire(import.meta.url).resolve('excelize-wasm');
  return init(main.replace('main.cjs', 'excelize.wasm.gz'));
}

/** What the engine calculates for every formula, no cached value in sight. Keys are `Local!J7`. */
export function recalculate(excelize: Excelize, bytes: Uint8Array): ReadonlyMap<string, string> {
  const file = excelize.OpenReader(withoutCachedValues(bytes));
  if (file.error !== null) throw new Error(file.error);
  const formulas = readCells(bytes).filter(({ formula }) => formula !== null);
  return new Map(
    formulas.map(({ sheet, address }) => {
      const { value, error } = file.CalcCellValue(sheet, address, { RawCellValue: true });
      return [`${sheet}!${address}`, error ?? value];
    }),
  );
}

/**
 * Formulas whose value in the file is not what was calculated: money and other numbers of at most two decimals to half a
 * cent, every number to 1e-9 of itself, text and errors as they are.
 */
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
