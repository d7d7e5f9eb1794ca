/** A line of CSV (RFC 4180), closed by a newline. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quote).join(',')}\n`;
}

/** Text that a spreadsheet would take for a formula gets a leading apostrophe (OWASP ASVS 1.2.10); figures never do. */
export function csvText(text: string): string {
  return /^[=+\-@\t\r\0]/.test(text) ? `'${text}` : text;
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
