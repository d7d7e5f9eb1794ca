import { beforeAll, describe, expect, test } from '@jest/globals';
import { firstMonthColumn, relative } from '../../../src/core/workbook/addresses.ts';
import type { Cell, Sheet } from '../../../src/core/workbook/sheet.ts';
import { localScenario } from '../../helpers/local-scenario.ts';
import { toR1C1 } from '../../xlsx/r1c1.ts';
import type { SampleWorkbook } from '../../xlsx/samples.ts';
import { sampleNames, writeSample, writeScenario } from '../../xlsx/samples.ts';
import { smallScenario } from '../../xlsx/small-scenario.ts';

const functions =
  /^(?:SUM|SUMPRODUCT|SUMIF|ROUND|ROUNDUP|ROUNDDOWN|MIN|MAX|IF|AND|OR|NOT|ABS|INT|EXP|LN|SQRT|PMT|INDEX|MATCH|DATE|YEAR|MONTH|COUNT|RANK|ISERROR)$/;

function sheetOf({ workbook }: SampleWorkbook, name: string): Sheet {
  return workbook.sheets.find((sheet) => sheet.name === name) as Sheet;
}

function monthFormulas(sheet: Sheet): ReadonlyMap<number, readonly Cell[]> {
  return Map.groupBy(
    sheet.cells.filter(({ column, value }) => column >= firstMonthColumn && value.kind === 'formula'),
    ({ row }) => row,
  );
}

function formulaOf({ value }: Cell): string {
  return value.kind === 'formula' ? value.formula : '';
}

function texts(sheet: Sheet): readonly string[] {
  return sheet.cells.flatMap(({ value }) => (value.kind === 'text' ? [value.text] : []));
}

describe.each(sampleNames)('the workbook of %s', (name) => {
  let sample: SampleWorkbook;
  beforeAll(async () => {
    sample = await writeSample(name);
  });

  test('has one formula a row, the same in every month', () => {
    const timed = sample.workbook.sheets.filter(({ monthColumns }) => monthColumns > 0);
    let rows = 0;
    for (const sheet of timed) {
      for (const cells of monthFormulas(sheet).values()) {
        rows++;
        const forms = new Set(cells.map((cell) => toR1C1(formulaOf(cell), relative(cell.column, cell.row))));
        expect([sheet.name, ...forms]).toHaveLength(2);
        expect(cells).toHaveLength(sample.book.months);
      }
    }
    expect(rows).toBeGreaterThan(100);
  });

  test('calls only functions that every spreadsheet has, and links to no other file', () => {
    const formulas = sample.workbook.sheets.flatMap(({ cells }) => cells.map(formulaOf)).filter((text) => text !== '');
    const called = new Set(formulas.flatMap((text) => [...text.matchAll(/([A-Z]+)\(/g)].map(([, called]) => called)));
    expect([...called].filter((called) => !functions.test(called ?? ''))).toEqual([]);
    expect(formulas.filter((text) => /[[\]]/.test(text))).toEqual([]);
    expect(Math.max(...formulas.map(({ length }) => length))).toBeLessThan(8192);
  });

  test('keeps constants out of the rows of the models, but for 0, 1, 2, 12 and the digits of a ROUND', () => {
    const sheets = new Set(['Volume', ...sample.book.tiers.map(({ sheet }) => sheet)]);
    const rows = sample.workbook.sheets.filter((sheet) => sheets.has(sheet.name));
    const constants = rows.flatMap((sheet) =>
      [...monthFormulas(sheet).values()].flatMap(([first]) =>
        [
          ...formulaOf(first as Cell)
            .replace(/(ROUND\(.*),\d\)/, '$1)')
            .matchAll(/(?<![A-Za-z0-9$.])\d+(?:\.\d+)?(?![\d.:])/g),
        ].map(([found]) => found),
      ),
    );
    expect([...new Set(constants)].filter((found) => !['0', '1', '2', '12'].includes(found))).toEqual([]);
  });

  test('shows an input exactly when a formula reads it', () => {
    const formulas = sample.workbook.sheets.flatMap((sheet) =>
      sheet.cells.map((cell) => ({ sheet: sheet.name, text: formulaOf(cell) })),
    );
    for (const { name: sheet, groups } of sample.book.placed.sheets.filter(({ id }) =>
      ['Inputs', 'Prices', 'Hardware'].includes(id),
    )) {
      for (const { row, source } of groups.flatMap((group) => group.rows)) {
        const read = formulas.some(
          ({ sheet: from, text }) =>
            from !== sheet && from !== 'Sources' && new RegExp(`${sheet}!\\$?[A-Z]+\\$?${row}(?!\\d)`).test(text),
        );
        const inRange = formulas.some(({ text }) => text.includes(`${sheet}!`) && readsRange(text, sheet, row));
        expect([source.key, read || inRange]).toEqual([source.key, true]);
      }
    }
  });

  test('has its sheets in order, and one for each tier that was computed', () => {
    const shown = sample.book.tiers.map(({ sheet }) => sheet);
    expect(sample.workbook.sheets.map((sheet) => sheet.name)).toEqual([
      ...['Summary', 'Inputs', 'Prices', 'Hardware', 'Volume'],
      ...shown,
      ...['Compare', 'Bands', 'Predictability', 'Checks', 'Sources'],
    ]);
  });
});

/** Whether a formula reads the row inside a range of that sheet, as `Hardware!$E$10:$E$12` reads row 11. */
function readsRange(text: string, sheet: string, row: number): boolean {
  return [...text.matchAll(new RegExp(`${sheet}!\\$?[A-Z]+\\$?(\\d+):\\$?[A-Z]+\\$?(\\d+)`, 'g'))].some(
    ([range, from, to]) => !range.includes('F') && Number(from) <= row && row <= Number(to),
  );
}

describe('the sheet of machines of one’s own', () => {
  const local = async (): Promise<Sheet> => sheetOf(await writeSample('owned-cluster'), 'Local');

  test('has a heading over each of the models it is put together from, in their order', async () => {
    const headings = (await local()).cells.flatMap(({ style, value }) =>
      style === 'heading' && value.kind === 'text' && value.text.startsWith('Local inference: ') ? value.text : [],
    );
    expect(headings.map((text) => text.replace('Local inference: ', ''))).toEqual([
      'Lots of machines',
      'Speed',
      'Capacity',
      'Purchase',
      'Loan',
      'Lease',
      'Rental by the hour',
      'Power and space',
      'People',
      'Own capital',
      'Failures and support',
    ]);
  });

  test('gives every figure a format that people can read, and says of each speed which kind of figure it is', async () => {
    const { cells } = await local();
    const months = cells.filter(({ column, value }) => column >= firstMonthColumn && value.kind === 'formula');
    expect(months.filter(({ format }) => format === undefined || format === 'General')).toEqual([]);
    const still = cells.find(
      ({ value }) => value.kind === 'text' && value.text === 'Share of the time in which a machine stands still',
    );
    const formats = months.filter(({ row }) => row === still?.row).map(({ format }) => format);
    // 0.066 %, which 0.0 % would show as 0.1 %, and the work lost by it, 0.004 %, as nothing
    expect(new Set(formats)).toEqual(new Set(['0.000%']));
    const kinds = texts(await local()).filter((text) => /^(stated|law of|reckoned)/.test(text));
    expect(new Set(kinds.map((text) => text.split(',')[0]))).toEqual(
      new Set(['stated', 'law of 2 points', 'reckoned']),
    );
  });

  test('takes no date and no life that would need a row that is left out', async () => {
    const { workbook } = await writeScenario('a box', localScenario());
    const hardware = workbook.sheets.find(({ name }) => name === 'Hardware') as Sheet;
    const limitsOf = (label: string) => {
      const row = hardware.cells.find(({ value }) => value.kind === 'text' && value.text.startsWith(label))?.row;
      return hardware.cells.find((cell) => cell.row === row && cell.limits !== undefined)?.limits?.least;
    };
    expect(limitsOf('There from month number')).toBe('1');
    // three months from month 1: with 3, the machines are replaced in month 4
    expect(limitsOf('Life in months')).toBe('3');
  });
});

describe('what a reader is told', () => {
  test('a tier without a sheet has a line with its reason', async () => {
    const sample = await writeScenario('no google', { ...smallScenario, tiers: ['local', 'openai', 'google'] });
    expect(sample.workbook.sheets.map(({ name }) => name)).not.toContain('Google');
    expect(texts(sheetOf(sample, 'Summary'))).toEqual(
      expect.arrayContaining(['Google Gemini', 'not computed: a workload names no model for it']),
    );
  });

  test('a scenario without any tier that can be computed still gives a workbook that says so', async () => {
    const sample = await writeScenario('none', { ...smallScenario, tiers: ['google'] });
    expect(texts(sheetOf(sample, 'Summary'))).toContain('No tier could be computed; the reasons stand below.');
  });

  test('a name that reads as a formula stays text', async () => {
    const sample = await writeScenario('hostile', {
      ...smallScenario,
      name: '=HYPERLINK("https://example.org","pay")',
    });
    const all = sample.workbook.sheets.flatMap(texts);
    expect(all.filter((text) => /^[=+@-]/.test(text))).toEqual([]);
    expect(
      texts(sheetOf(sample, 'Summary')).some((text) => text.startsWith('=') || text.startsWith("'=HYPERLINK")),
    ).toBe(true);
  });

  test('what the service computed is marked, and the base case beside it is live', async () => {
    const sample = await writeScenario('small', smallScenario);
    const bands = sheetOf(sample, 'Bands');
    const statics = bands.cells.filter(({ style, value }) => style === 'static' && value.kind === 'number');
    const marked = new Set(
      bands.cells.filter(({ value }) => value.kind === 'text' && value.text === '§').map(({ row }) => row),
    );
    expect(statics.length).toBe(2 * 2 * 6 * (3 + 1));
    expect(statics.every(({ row }) => marked.has(row))).toBe(true);
    const live = bands.cells.filter(({ value }) => value.kind === 'formula' && /^Local!J\d+$/.test(value.formula));
    expect(live.length).toBe(2);
  });
});
