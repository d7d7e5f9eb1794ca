import { refuse } from './refuse.ts';

export type XmlToken =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: string; readonly empty: boolean }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

const longest = 1024 * 1024;

/**
 * The tags and texts of an XML file, as much as spreadsheets write of it, without prefixes of names. Comments and
 * instructions are passed over; a document type is refused, so that no entity is ever expanded but the five of XML.
 */
export async function* readXml(texts: AsyncIterable<string>): AsyncGenerator<readonly XmlToken[]> {
  let kept = '';
  for await (const text of texts) {
    kept += text;
    const tokens: XmlToken[] = [];
    const at = tokenize(kept, tokens);
    kept = kept.slice(at);
    if (kept.length > longest)
      refuse('damaged-xlsx', null, 'A part of the workbook is no XML that ends. Save it again, or as CSV.');
    yield tokens;
  }
}

/** The value of an attribute, of whatever prefix; null where the tag has none of that name. */
export function attributeOf(attributes: string, name: string): string | null {
  for (const [, found, double, single] of attributes.matchAll(/(?:^|\s)(?:\w+:)?(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    if (found === name) return unescapeXml(double ?? single ?? '');
  return null;
}

/** Cuts whole tokens; answers where the first incomplete one begins. */
function tokenize(text: string, tokens: XmlToken[]): number {
  let at = 0;
  for (;;) {
    const open = text.indexOf('<', at);
    if (open === -1) return at;
    if (open > at) tokens.push({ kind: 'text', text: unescapeXml(text.slice(at, open)) });
    const end = endOfTag(text, open);
    if (end === -1) return open;
    if (text.startsWith('<![CDATA[', open)) tokens.push({ kind: 'text', text: text.slice(open + 9, end - 3) });
    else if (text[open + 1] === '/')
      tokens.push({ kind: 'close', name: bareName(text.slice(open + 2, end - 1).trim()) });
    else if (text[open + 1] !== '!' && text[open + 1] !== '?') tokens.push(openingTag(text.slice(open + 1, end - 1)));
    at = end;
  }
}

/** Behind the tag, comment or instruction that begins at `open`; -1 where it is not complete. */
function endOfTag(text: string, open: number): number {
  const closing = (mark: string): number => {
    const at = text.indexOf(mark, open);
    return at === -1 ? -1 : at + mark.length;
  };
  if (text[open + 1] === '!') {
    if (text.length < open + 9) return -1;
    if (text.startsWith('<!--', open)) return closing('-->');
    if (text.startsWith('<![CDATA[', open)) return closing(']]>');
    return refuse(
      'damaged-xlsx',
      null,
      'The workbook declares entities or a document type, which spreadsheets never do. Save it again, or as CSV.',
    );
  }
  if (text[open + 1] === '?') return closing('?>');
  const close = text.indexOf('>', open);
  return close === -1 ? -1 : close + 1;
}

function openingTag(inner: string): XmlToken {
  const empty = inner.endsWith('/');
  const name = /^[^\s/]*/.exec(inner)?.[0] ?? '';
  return { kind: 'open', name: bareName(name), attributes: inner.slice(name.length), empty };
}

function bareName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\uFFFD';
  });
}
