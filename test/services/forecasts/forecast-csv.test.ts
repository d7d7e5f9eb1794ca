import { expect, test } from '@jest/globals';
import type { Band, Forecast } from '../../../src/core/forecast/result.ts';
import { forecastCsv } from '../../../src/services/forecasts/forecast-csv.ts';

const error = { p5: null, p10: null, p50: null, p90: null, p95: null, mean: null };
const band = (base: string): Band => ({ base, p5: '1', p10: '2', p50: '3', p90: '4', p95: '5', mean: '3', error });

function forecastOf(label: string): Forecast {
  const months = [{ month: '2027-01', bill: band('10.00'), full: band('12.00') }];
  const tier = { id: 'openai', label, months, total: { bill: band('10.00'), full: band('12.00') } };
  const absent = { id: 'google', label: 'Google', months: null, total: null, reason: 'no-model' };
  return { currency: 'USD', tiers: [tier, absent] } as unknown as Forecast;
}

test('a row for each tier, month and perimeter, then the totals, and the reason where there is none', () => {
  expect(forecastCsv(forecastOf('OpenAI'))).toBe(
    [
      'tier,label,month,perimeter,currency,base,p5,p10,p50,p90,p95,mean,reason\n',
      'openai,OpenAI,2027-01,bill,USD,10.00,1,2,3,4,5,3,\n',
      'openai,OpenAI,2027-01,full,USD,12.00,1,2,3,4,5,3,\n',
      'openai,OpenAI,total,bill,USD,10.00,1,2,3,4,5,3,\n',
      'openai,OpenAI,total,full,USD,12.00,1,2,3,4,5,3,\n',
      'google,Google,,,USD,,,,,,,,no-model\n',
    ].join(''),
  );
});

test.each([
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM', "'@SUM"],
  ['\t=1', "'\t=1"],
  ['a,b', '"a,b"'],
  ['two\nlines', '"two\nlines"'],
])('the name %j is written so that no spreadsheet computes it', (label, cell) => {
  expect(forecastCsv(forecastOf(label)).split('openai,')[1]).toBe(`${cell},2027-01,bill,USD,10.00,1,2,3,4,5,3,\n`);
});
