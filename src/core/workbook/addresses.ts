/** Column of month 1 on every sheet with months; PREV finds what was before it in the column to its left. */
export const firstMonthColumn = 10;
/** Column of constants, and of totals over the horizon. */
export const totalColumn = 5;

/** `J` for 10, `AS` for 45. */
export function columnName(column: number): string {
  let name = '';
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  return name;
}

/** The column of a month, counted from 1: month 1 is column 10, month 0 the one before it. */
export function monthColumn(month: number): number {
  return firstMonthColumn + month - 1;
}

/** `J7` */
export function relative(column: number, row: number): string {
  return `${columnName(column)}${row}`;
}

/** `$E$12` */
export function absolute(column: number, row: number): string {
  return `$${columnName(column)}$${row}`;
}

/** All months of a row: `J12:AS12`, or `$J$12:$AS$12` when `fixed`. */
export function monthsOf(row: number, months: number, fixed = false): string {
  const address = fixed ? absolute : relative;
  return `${address(monthColumn(1), row)}:${address(monthColumn(months), row)}`;
}

/** The address as seen from another sheet: `Local!J7`, `'GPU box'!J7`; on the same sheet it is left as it is. */
export function onSheet(sheet: string, address: string, seenFrom: string | null): string {
  if (sheet === seenFrom) return address;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(sheet) && !readsAsCell.test(sheet)
    ? `${sheet}!${address}`
    : `'${sheet.replaceAll("'", "''")}'!${address}`;
}

const readsAsCell = /^(?:[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*)$/;

/**
 * Cells of one column as the fewest ranges: rows 5, 9, 10, 11 of column J are `J5,J9:J11`. A sheet in front is repeated
 * for each range, as Excel wants it.
 */
export function rangesOf(rows: readonly number[], spell: (row: number) => string, sheet: string | null): string {
  const ranges: string[] = [];
  const sorted = [...rows].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length; ) {
    let last = i;
    while (sorted[last + 1] === (sorted[last] as number) + 1) last++;
    const from = spell(sorted[i] as number);
    const to = spell(sorted[last] as number);
    const range = last === i ? from : `${from}:${to}`;
    ranges.push(sheet === null ? range : onSheet(sheet, range, null));
    i = last + 1;
  }
  return ranges.join(',');
}
