import type { XmlToken } from './xml-tokens.ts';
import { attributeOf } from './xml-tokens.ts';

/** Which cell styles, by number, show their value as a date or time. */
export async function readDateStyles(xml: AsyncIterable<readonly XmlToken[]>): Promise<readonly boolean[]> {
  const dateFormats = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 30, 36, 45, 46, 47, 50, 57]);
  const styles: boolean[] = [];
  let inStyles = false;
  for await (const tokens of xml)
    for (const token of tokens) {
      if (token.kind === 'text') continue;
      if (token.name === 'cellXfs') inStyles = token.kind === 'open';
      else if (token.kind === 'open' && token.name === 'numFmt') {
        if (isDateFormat(attributeOf(token.attributes, 'formatCode') ?? ''))
          dateFormats.add(Number(attributeOf(token.attributes, 'numFmtId')));
      } else if (inStyles && token.kind === 'open' && token.name === 'xf')
        styles.push(dateFormats.has(Number(attributeOf(token.attributes, 'numFmtId') ?? 0)));
    }
  return styles;
}

/**
 * A day number of a spreadsheet as a day, or as a time without a zone: 45931 is `2025-10-01`, 45931.5 `2025-10-01T12:00:00`. Day 60
 * is 1900-02-29, which never was; workbooks that count from 1904 begin 1,462 days later.
 */
export function dayNumberText(serial: number, from1904: boolean): string | null {
  const days = from1904 ? serial + 1462 : serial;
  if (!(days >= 61 && days < 2_958_466)) return null;
  const at = new Date(Math.round((days - 25_569) * 86_400) * 1000).toISOString();
  return at.endsWith('T00:00:00.000Z') ? at.slice(0, 10) : at.slice(0, 19);
}

/** `yyyy-mm-dd` and `[$-409]d-mmm` show dates; `0.00 "days"` and `#,##0.00` do not. */
function isDateFormat(code: string): boolean {
  return /[ymdhs]/i.test(code.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '').replace(/general/i, ''));
}
