/** A formula as its cell sees it: `K12` in column J of row 12 is `RC[1]`, `$E$4` is `R4C5`; the same text means the same formula. */
export function toR1C1(formula: string, address: string): string {
  const [, letters = '', digits = ''] = /^([A-Z]+)(\d+)$/.exec(address) ?? [];
  const [column, row] = [columnNumber(letters), Number(digits)];
  return formula
    .split(/("(?:[^"]|"")*")/)
    .map((part, i) =>
      i % 2 === 1 ? part : part.replace(reference, (_, ca, c, ra, r) => spell(ca, c, ra, r, column, row)),
    )
    .join('');
}

const reference = /(?<![A-Za-z0-9_.])(\$?)([A-Z]{1,3})(\$?)(\d+)(?![A-Za-z0-9_(])/g;

function spell(
  columnFixed: string,
  letters: string,
  rowFixed: string,
  digits: string,
  column: number,
  row: number,
): string {
  const c = columnNumber(letters);
  const r = Number(digits);
  return `R${rowFixed ? r : `[${r - row}]`}C${columnFixed ? c : `[${c - column}]`}`;
}

export function columnNumber(letters: string): number {
  return [...letters].reduce((number, letter) => number * 26 + letter.charCodeAt(0) - 64, 0);
}
