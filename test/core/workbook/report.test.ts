import { expect, test } from '@jest/globals';
import { InvalidInput } from '../../../src/core/problem.ts';
import { parseReport } from '../../../src/core/workbook/report.ts';
import { loadForecastReport } from '../../../src/files/reports.ts';

test('every wrong thing of a layout is told at once, with its place', async () => {
  const report = await loadForecastReport();
  const sheets = report.sheets.map((sheet, i) => (i === 1 ? { ...sheet, tab: 'violet' } : sheet));
  const wrong = { ...report, sheets, month_width: 500, series_colours: ['red', ...report.series_colours.slice(1)] };
  let problems: readonly string[] = [];
  try {
    parseReport(wrong);
  } catch (error) {
    if (error instanceof InvalidInput) problems = error.problems.map(({ pointer }) => pointer);
  }
  expect(problems).toEqual(expect.arrayContaining(['/month_width', '/series_colours/0']));
  expect(() => parseReport({ ...report, sheets })).toThrow('there is no tab colour "violet"');
  expect(() => parseReport({ ...report, sheets: report.sheets.toReversed() })).toThrow('sheet 1 is Summary');
});
