import { describe, expect, test } from '@jest/globals';
import { noticeView } from '../../../src/services/notices/notice-view.ts';

const stored = (type: string, data: Record<string, unknown>) => ({ id: 'n', type, created_at: '', data });
const said = (type: string, data: Record<string, unknown>): readonly string[] => {
  const { headline, paragraphs } = noticeView(stored(type, data), null);
  return [headline, ...paragraphs];
};

describe('a notice says what to do about', () => {
  test('a run that failed: when it is tried again, and how to try sooner', () => {
    const failed = { run: 'run_1', period: '2026-10', reason: 'The provider is away.' };
    expect(said('schedule.failed', { ...failed, next_try_at: '2026-11-04T06:00:00.000Z' })).toEqual([
      'A scheduled run failed for October 2026',
      'The provider is away.',
      'It is tried again at 2026-11-04 06:00 UTC by itself, and then each day; sooner with infercast runs retry run_1.',
    ]);
    expect(said('schedule.failed', { ...failed, next_try_at: null })[2]).toBe(
      'It can be tried again with infercast runs retry run_1.',
    );
  });

  test('months that were missed: the command that does one of them', () => {
    const data = { schedule: 'sch_1', what: 'compare-period', periods: ['2026-07', '2026-08'] };
    expect(said('schedule.missed', data)).toEqual([
      'Scheduled months were missed: 2026-07, 2026-08',
      'The service was away for longer than it makes up for. infercast schedules run sch_1 --period 2026-07 does one of them now.',
    ]);
  });

  test('a month that no forecast was frozen for: that nothing can be done, and what follows', () => {
    const [headline, what] = said('schedule.missed', {
      schedule: 'sch_1',
      what: 'freeze-forecast',
      periods: ['2026-11'],
    });
    expect(headline).toBe('No forecast was frozen for 2026-11');
    expect(what).toMatch(/the newest forecast that was made before; without one they are shown, not scored\.$/);
    expect(what).not.toContain('schedules run');
  });

  test('a comparison whose forecast was made after its month began: nothing, and it says so', () => {
    const usd = (amount: string) => ({ amount, currency: 'USD' });
    const compared = {
      scenario: 'S',
      period: '2026-10',
      status: 'provisional',
      tier: 'OpenAI',
      forecast: usd('10.00'),
      actual: usd('12.00'),
      variance: { amount: '2.00', percent: '0.2' },
      exceeded: false,
      drivers: [],
      remarks: [],
    };
    const unscored = 'Its forecast was made after the month began: it is shown, not scored.';
    expect(said('comparison.completed', compared)).not.toContain(unscored);
    expect(said('comparison.completed', { ...compared, unforeseen: true })).toContain(unscored);
  });
});
