import { describe, expect, test } from '@jest/globals';
import { signedPercentText } from '../../../src/services/figure-text.ts';
import { instantText, utcText } from '../../../src/services/page/instant-text.ts';
import { kindInWords } from '../../../src/services/page/run-words.ts';
import { timingText } from '../../../src/services/page/timing-text.ts';

describe('words of the page', () => {
  test('a kind of run that has no words of its own shows as its name reads', () => {
    expect(kindInWords('compare-period')).toBe('Compare the bills with the forecast');
    expect(kindInWords('sweep-the-floor')).toBe('Sweep the floor');
  });

  test.each([
    [{ day: 1, time: '06:00' }, 'on the 1st of each month at 06:00'],
    [{ day: 2, time: '06:00' }, 'on the 2nd of each month at 06:00'],
    [{ day: 3, time: '06:00' }, 'on the 3rd of each month at 06:00'],
    [{ day: 11, time: '06:00' }, 'on the 11th of each month at 06:00'],
    [{ day: 22, time: '06:00' }, 'on the 22nd of each month at 06:00'],
    [{ day: 'last', time: '22:30' }, 'on the last day of each month at 22:30'],
    [{ cron: '0 6 3 * *' }, 'whenever “0 6 3 * *” says'],
  ] as const)('%j is %s', (timing, text) => {
    expect(timingText(timing)).toBe(text);
  });

  test('an instant stands on the clocks of its zone, in summer and in winter', () => {
    expect(instantText('2026-07-03T04:00:00Z', 'Europe/Berlin')).toBe('3 July 2026, 06:00');
    expect(instantText('2026-12-03T05:00:00Z', 'Europe/Berlin')).toBe('3 December 2026, 06:00');
    expect(utcText('2026-12-03T05:00:00Z')).toBe('3 December 2026, 05:00 UTC');
  });

  test('a difference has its sign always, and no minus before 0', () => {
    expect(['0.2135', '-0.031', '0', '-0.0004'].map(signedPercentText)).toEqual([
      '+21.4\u00a0%',
      '−3.1\u00a0%',
      '±0.0\u00a0%',
      '±0.0\u00a0%',
    ]);
  });
});
