import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Decimal } from 'decimal.js';
import { strFromU8, unzipSync } from 'fflate';
import { writeWorkbook } from '../../src/compute/calculate.ts';
import { loadCatalogue } from '../../src/compute/catalogue.ts';
import type { Cell, Sheet, Workbook } from '../../src/core/workbook/sheet.ts';
import { writeXlsx } from '../../src/xlsx/write.ts';
import { readCells, sheetParts } from './cells.ts';
import type { SampleWorkbook } from './samples.ts';
import { writeSample, writeScenario } from './samples.ts';
import { smallScenario } from './small-scenario.ts';

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function bookOf(cells: readonly Cell[]): Workbook {
  const sheet: Sheet = {
    name: 'Only',
    tab: '7F7F7F',
    cells,
    widths: {},
    monthColumns: 0,
    monthWidth: 12,
    frozen: { columns: 0, rows: 3 },
    detailRows: [],
    charts: [],
    pagesWide: 1,
    portrait: false,
  };
  return { title: 't', subject: 's', keywords: 'k', date: '2026-11-22', footer: 'f', sheets: [sheet], names: {} };
}

function number(value: string): Cell {
  return { row: 7, column: 5, value: { kind: 'number', value: new Decimal(value) }, style: 'input' };
}

describe('the file', () => {
  let sample: SampleWorkbook;
  let parts: Readonly<Record<string, Uint8Array>>;
  const part = (name: string): string => strFromU8(parts[name] as Uint8Array);
  beforeAll(async () => {
    sample = await writeSample('support-assistant');
    parts = unzipSync(sample.bytes);
  });

  test('is the same bytes for the same forecast', async () => {
    const again = await writeWorkbook(sample.task, await loadCatalogue());
    expect(digestOf(again)).toBe(digestOf(sample.bytes));
  });

  test('says the forecast day, not today, as the day it was made', () => {
    expect(part('docProps/core.xml')).toContain('2026-11-22T00:00:00Z');
  });

  test('has a cached value in every formula cell', () => {
    const formulas = readCells(sample.bytes).filter(({ formula }) => formula !== null);
    expect(formulas.length).toBeGreaterThan(10_000);
    expect(formulas.filter(({ value }) => value === null || value === '')).toEqual([]);
  });

  test('hides nothing, merges nothing, links to nothing outside and holds no macro', () => {
    const sheets = sheetParts(parts).map(({ part: name }) => part(name));
    expect(part('xl/workbook.xml')).not.toMatch(/state="(?:hidden|veryHidden)"/);
    for (const sheet of sheets) expect(sheet).not.toMatch(/hidden="1"|<mergeCell/);
    expect(Object.keys(parts).filter((name) => /externalLink|vba|media/i.test(name))).toEqual([]);
    expect(part('xl/workbook.xml')).toContain('fullCalcOnLoad="1"');
  });

  test('protects every sheet without a password, and leaves inputs open', () => {
    for (const { part: name } of sheetParts(parts)) {
      expect(part(name)).toMatch(/<sheetProtection [^>]*sheet="1"/);
      expect(part(name)).not.toMatch(/<sheetProtection [^>]*(?:password|hashValue)/);
    }
    expect(part('xl/styles.xml')).toContain('<protection locked="0"/>');
  });

  test('refuses figures out of range with the limits of the scenario', () => {
    const hardware = sheetParts(parts).find(({ name }) => name === 'Hardware')?.part ?? '';
    // residual_value: 0 to 300 %
    expect(part(hardware)).toMatch(
      /<dataValidation [^>]*type="decimal"[^>]*>.*?<formula1>0<\/formula1><formula2>3<\/formula2>/s,
    );
  });

  test('holds native charts that read their cells', () => {
    const charts = Object.keys(parts).filter((name) => /^xl\/charts\/chart\d+\.xml$/.test(name));
    expect(charts.length).toBe(1 + 2 + sample.book.tiers.length);
    const types = part('[Content_Types].xml');
    for (const name of charts) expect(types).toContain(`PartName="/${name}"`);
    const fan = charts.map(part).find((text) => text.includes('areaChart')) ?? '';
    expect(fan).toContain('<c:grouping val="stacked"/>');
    expect(fan).toMatch(/<c:f>Bands!\$J\$\d+:\$AS\$\d+<\/c:f>/);
    const lines = charts.map(part).find((text) => !text.includes('areaChart')) ?? '';
    const tiers = [...lines.matchAll(/<c:tx><c:v>([^<]*)<\/c:v>/g)].map(([, label]) => label);
    expect(tiers).toEqual(sample.book.tiers.map(({ label }) => label));
  });

  test('freezes the head and the labels at J7', () => {
    const local = sheetParts(parts).find(({ name }) => name === 'Local')?.part ?? '';
    expect(part(local)).toMatch(/<pane xSplit="9" ySplit="6" topLeftCell="J7"[^>]*state="frozen"/);
  });
});

describe('what no cell can hold', () => {
  test.each(['NaN', 'Infinity', '-Infinity', '1e309'])('%s is refused', async (value) => {
    await expect(writeXlsx(bookOf([number(value)]))).rejects.toThrow('does not fit a cell');
  });

  test('text of more than 32,767 characters is refused', async () => {
    const text: Cell = { row: 7, column: 2, value: { kind: 'text', text: 'x'.repeat(32_768) }, style: 'text' };
    await expect(writeXlsx(bookOf([text]))).rejects.toThrow('text of 32768 characters');
  });

  test('a negative zero is written as 0, and cents below 10^13 come back whole', async () => {
    const cells = readCells(await writeXlsx(bookOf([number('-0'), { ...number('9007199254740.93'), row: 8 }])));
    expect(cells.map(({ value }) => value)).toEqual(['0', '9007199254740.93']);
  });
});

test('a scenario named after markup gives a file that opens', async () => {
  const sample = await writeScenario('markup', { ...smallScenario, name: '</t><x a="&\'">]]>' });
  const strings = strFromU8(unzipSync(sample.bytes)['xl/sharedStrings.xml'] as Uint8Array);
  expect(strings).toContain('&lt;/t&gt;&lt;x a=');
  expect(strings).not.toContain('<x a=');
});
