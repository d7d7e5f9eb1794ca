import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

/** A cell of a written workbook, read straight from its XML: no library's opinion in between. */
export type WrittenCell = {
  readonly sheet: string;
  readonly address: string;
  readonly formula: string | null;
  /** The value in the file; text for `t="str"` and errors, null where there is none. Shared strings are left as their index. */
  readonly value: string | null;
  readonly type: string;
};

const cellPattern = /<c r="([A-Z]+\d+)"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs;
const formulaPattern = /<f[^>]*>(.*?)<\/f>/s;
const valuePattern = /<v[^>]*>(.*?)<\/v>/s;

/** Every cell of every sheet, sheets in their order. */
export function readCells(bytes: Uint8Array): readonly WrittenCell[] {
  const parts = unzipSync(bytes);
  return sheetParts(parts).flatMap(({ name, part }) =>
    [...strFromU8(parts[part] as Uint8Array).matchAll(cellPattern)].map(
      ([, address = '', attributes = '', inner = '']) => {
        const formula = formulaPattern.exec(inner)?.[1];
        const value = valuePattern.exec(inner)?.[1];
        return {
          sheet: name,
          address,
          formula: formula === undefined ? null : unescapeXml(formula),
          value: value === undefined ? null : unescapeXml(value),
          type: / t="(\w+)"/.exec(attributes)?.[1] ?? 'n',
        };
      },
    ),
  );
}

/** The file with the cached value of every formula taken away: what is read after a recalculation was calculated. */
export function withoutCachedValues(bytes: Uint8Array): Uint8Array {
  return editCells(bytes, (_sheet, _address, cell) =>
    cell.includes('<f') ? cell.replace(valuePattern, '').replace(/ t="(?:str|e|b)"/, '') : cell,
  );
}

/** The file with one cell's XML changed by `edit`, as a test that plants a fault needs it. Throws when there is no such cell. */
export function withCell(
  bytes: Uint8Array,
  sheet: string,
  address: string,
  edit: (cell: string) => string,
): Uint8Array {
  let found = false;
  const edited = editCells(bytes, (name, at, cell) => {
    if (name !== sheet || at !== address) return cell;
    found = true;
    return edit(cell);
  });
  if (!found) throw new Error(`there is no cell ${sheet}!${address}`);
  return edited;
}

/** Names of the sheets with the part that holds each. */
export function sheetParts(parts: Readonly<Record<string, Uint8Array>>): readonly { name: string; part: string }[] {
  const links = new Map(
    [...strFromU8(parts['xl/_rels/workbook.xml.rels'] as Uint8Array).matchAll(/<Relationship [^>]*>/g)].map(
      ([link]) => [
        /Id="([^"]+)"/.exec(link)?.[1] ?? '',
        `xl/${(/Target="([^"]+)"/.exec(link)?.[1] ?? '').replace(/^\/?(?:xl\/)?/, '')}`,
      ],
    ),
  );
  return [...strFromU8(parts['xl/workbook.xml'] as Uint8Array).matchAll(/<sheet [^>]*>/g)].map(([sheet]) => ({
    name: unescapeXml(/ name="([^"]+)"/.exec(sheet)?.[1] ?? ''),
    part: links.get(/r:id="([^"]+)"/.exec(sheet)?.[1] ?? '') ?? '',
  }));
}

function editCells(bytes: Uint8Array, edit: (sheet: string, address: string, cell: string) => string): Uint8Array {
  const parts = unzipSync(bytes);
  for (const { name, part } of sheetParts(parts)) {
    const text = strFromU8(parts[part] as Uint8Array);
    parts[part] = strToU8(text.replace(cellPattern, (cell, address: string) => edit(name, address, cell)));
  }
  return zipSync(parts, { level: 1 });
}

export function unescapeXml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
