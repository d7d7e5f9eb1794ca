/** The longest text a cell holds. */
export const longestText = 32_767;

/**
 * Text as a cell may hold it. What begins like a formula gets a leading quote, so that a name like `=HYPERLINK(…)` stays
 * text when the sheet is saved as CSV and opened again (OWASP ASVS 1.2.10); control characters, which XML cannot hold,
 * become spaces; what is too long ends in `…`.
 */
export function safeText(text: string): string {
  const quoted = /^[=+\-@\t\r\n\0]/.test(text) ? `'${text}` : text;
  const printable = quoted.replace(control, ' ').replace(loneSurrogate, '\uFFFD');
  return printable.length <= longestText ? printable : `${printable.slice(0, longestText - 1)}…`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go.
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
