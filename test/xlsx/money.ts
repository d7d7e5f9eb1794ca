import { isError } from '../../src/core/formula/values.ts';
import { columnName, monthColumn } from '../../src/core/workbook/addresses.ts';
import type { SampleWorkbook } from './samples.ts';

/**
 * Money cells of the models that are not what the service computed, to the cent: every row in the scenario's currency, every
 * month, the exact table on one side and what a spreadsheet calculated on the other.
 */
export function wrongMoney(
  { book, forecast }: SampleWorkbook,
  calculated: ReadonlyMap<string, string>,
): { readonly compared: number; readonly wrong: readonly string[] } {
  const wrong: string[] = [];
  let compared = 0;
  const decimals = (forecast.tiers.find(({ months }) => months !== null)?.total?.full.base.split('.')[1] ?? '').length;
  const compare = (address: string, expected: string, isRounded: boolean): void => {
    compared++;
    const found = calculated.get(address) ?? 'nothing';
    const same = isRounded
      ? Number(found).toFixed(decimals) === Number(expected).toFixed(decimals)
      : Math.abs(Number(found) - Number(expected)) < 10 ** -decimals / 2;
    if (!same) wrong.push(`${address}: ${found} instead of ${expected}`);
  };
  for (const row of book.program.rows) {
    const place = book.placed.places.get(row.index);
    if (place === undefined || row.unit !== 'money' || row.content.kind !== 'formula') continue;
    for (let month = 1; month <= book.months; month++) {
      const exact = book.exact[row.index]?.[month - 1];
      if (exact === undefined || isError(exact)) continue;
      const isRounded = row.content.definition.perimeter !== null || row.id.endsWith('_total');
      compare(`${place.sheet}!${columnName(monthColumn(month))}${place.row}`, exact.toFixed(), isRounded);
    }
  }
  for (const tier of book.tiers) {
    for (const [perimeter, index] of [
      ['bill', tier.program.billTotal],
      ['full', tier.program.fullTotal],
    ] as const) {
      const place = book.placed.places.get(index);
      for (const [m, month] of tier.forecast.months.entries())
        compare(`${place?.sheet}!${columnName(monthColumn(m + 1))}${place?.row}`, month[perimeter].base, true);
      compare(`${place?.sheet}!E${place?.row}`, tier.forecast.total[perimeter].base, true);
    }
  }
  return { compared, wrong };
}
