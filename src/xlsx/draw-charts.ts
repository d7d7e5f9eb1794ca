import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import type { Chart, Sheet } from '../core/workbook/sheet.ts';
import { chartXml, escapeXml } from './chart-xml.ts';

// A zip keeps local time without a zone: this one reads the same everywhere.
const zipTime = new Date(2000, 0, 1);

/**
 * Puts native charts where the writer left pictures of one pixel, and packs the file anew with fixed times, so that the same
 * workbook is the same bytes. The writer already made each sheet's drawing part and its links; only the drawing's own
 * content and links are replaced.
 */
export function drawCharts(bytes: Uint8Array, sheets: readonly Sheet[]): Uint8Array {
  const parts = new Map(Object.entries(unzipSync(bytes)));
  const overrides: string[] = [];
  let charts = 0;
  sheets.forEach((sheet, i) => {
    if (sheet.charts.length === 0) return;
    const links = strFromU8(parts.get(`xl/worksheets/_rels/sheet${i + 1}.xml.rels`) ?? new Uint8Array());
    const drawing = /drawings\/(drawing\d+)\.xml/.exec(links)?.[1];
    if (drawing === undefined) throw new Error(`sheet ${sheet.name} has no drawing for its charts`);
    const first = charts + 1;
    charts += sheet.charts.length;
    parts.set(`xl/drawings/${drawing}.xml`, strToU8(drawingXml(sheet.charts)));
    parts.set(`xl/drawings/_rels/${drawing}.xml.rels`, strToU8(drawingLinks(first, sheet.charts.length)));
    sheet.charts.forEach((chart, c) => {
      parts.set(`xl/charts/chart${first + c}.xml`, strToU8(chartXml(chart)));
      overrides.push(
        `<Override PartName="/xl/charts/chart${first + c}.xml" ContentType="application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>`,
      );
    });
  });
  for (const name of [...parts.keys()]) if (name.startsWith('xl/media/')) parts.delete(name);
  const types = strFromU8(parts.get('[Content_Types].xml') as Uint8Array);
  parts.set('[Content_Types].xml', strToU8(types.replace('</Types>', `${overrides.join('')}</Types>`)));
  return zipSync(Object.fromEntries(parts), { mtime: zipTime, level: 6 });
}

const drawingNames =
  'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"';

function drawingXml(charts: readonly Chart[]): string {
  const frames = charts.map(({ from, to, title, description }, i) => {
    const corner = ({ column, row }: Chart['from']): string =>
      `<xdr:col>${column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>${row}</xdr:row><xdr:rowOff>0</xdr:rowOff>`;
    return (
      `<xdr:twoCellAnchor><xdr:from>${corner({ column: from.column - 1, row: from.row - 1 })}</xdr:from><xdr:to>${corner(to)}</xdr:to>` +
      `<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="${i + 2}" name="${escapeXml(title)}" descr="${escapeXml(description)}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>` +
      '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">' +
      `<c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="rId${i + 1}"/>` +
      '</a:graphicData></a:graphic></xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>'
    );
  });
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<xdr:wsDr ${drawingNames}>${frames.join('')}</xdr:wsDr>`;
}

function drawingLinks(first: number, count: number): string {
  const links = Array.from(
    { length: count },
    (_, i) =>
      `<Relationship Id="rId${i + 1}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart" Target="../charts/chart${first + i}.xml"/>`,
  );
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${links.join('')}</Relationships>`;
}
