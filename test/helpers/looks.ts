import type { TierNowcast } from '../../src/compute/tasks.ts';
import type { LookTask, MonthNowcast } from '../../src/services/schedules/period-work.ts';

/** A look at a month of which nothing was billed yet. */
export function sawNothing({ schedule, period }: LookTask): MonthNowcast {
  return {
    period,
    scenario: 'S',
    forecast_id: 'fc_none',
    currency: null,
    alert_above: schedule.alert_above,
    over: schedule.alert_above ?? '0.10',
    tiers: [],
    unknown: [{ tier: null, label: null, code: 'no-bills', message: `Nothing of ${period} was billed yet.` }],
  };
}

/** A look that saw a tier on its way to 150 of 100 USD. */
export function sawTooMuch(task: LookTask): MonthNowcast {
  return { ...sawNothing(task), currency: 'USD', tiers: [dear], unknown: [] };
}

const dear: TierNowcast = {
  tier: 'openai',
  label: 'OpenAI',
  through: '2026-12-09',
  so_far: '45.00',
  run_rate: '155.00',
  p10: '140.00',
  p50: '150.00',
  p90: '160.00',
  mean: '150.00',
  forecast: '100.00',
  probability_over: '0.97',
  warns: true,
};
