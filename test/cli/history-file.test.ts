import { describe, expect, test } from '@jest/globals';
import { parseHistory } from '../../src/cli/history-file.ts';

function read(text: string) {
  const problems: string[] = [];
  const { unit, values, lines } = parseHistory(text, 'usage.csv', problems);
  return { unit, values, lines, problems };
}

describe('a history file', () => {
  test('of months has months for steps, and a month left out is a gap', () => {
    expect(read('month,requests\n2026-11,10\n2027-02,13\n')).toEqual({
      unit: 'month',
      values: ['10', null, null, '13'],
      lines: [2, null, null, 3],
      problems: [],
    });
  });

  test('of days is daily, and an empty value is a gap', () => {
    expect(read('\ufeffDate;Requests\n2026-02-27;10\n2026-02-28;\n2026-03-01;12\n')).toMatchObject({
      unit: 'day',
      values: ['10', null, '12'],
      problems: [],
    });
  });

  test('of days a week apart is weekly', () => {
    expect(read('date,value\n2026-03-02,1\n2026-03-09,2\n2026-03-23,4\n')).toMatchObject({
      unit: 'week',
      values: ['1', '2', null, '4'],
    });
  });

  test('keeps the digits as they are written', () => {
    expect(read('date,cost,requests\n2026-01,9,0.10\n').values).toEqual(['0.10']);
  });

  test('shows every line that cannot be read', () => {
    expect(read('date,requests\n2026-01-05,1\n2026-01-32,2\n2026-01-04,3\nsoon,4\n').problems).toEqual([
      'usage.csv:3: "2026-01-32" is not a day (YYYY-MM-DD).',
      'usage.csv:5: "soon" is not a day (YYYY-MM-DD).',
      'usage.csv:4: it does not come after line 2: put the rows in order, each step once.',
    ]);
  });

  test.each(['', 'a,b,c\n1,2,3\n', 'date,requests\n', 'requests\n5\n'])(
    'without a date and a number column is refused: %j',
    (text) => {
      expect(read(text).problems).toEqual([
        expect.stringMatching(/^usage\.csv:1: expected a head with a column "date" or "month"/),
      ]);
    },
  );
});
