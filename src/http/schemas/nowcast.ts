import { z } from 'zod';

const money = z.string().describe('In the currency of the forecast');

const tier = z.object({
  tier: z.string(),
  label: z.string(),
  through: z.string().describe('Last day that all of its providers have billed, in UTC'),
  so_far: money,
  run_rate: z.string().describe('So far ÷ days so far × days of the month, for reference'),
  p10: money,
  p50: money,
  p90: money,
  mean: money,
  forecast: z.string().describe('F, the median of the forecast that was frozen before the month'),
  probability_over: z.string().nullable().describe('P(month > (1 + over) · F); null where F is 0'),
  warns: z.boolean().describe('From 80 % on'),
});

const notKnown = z.object({
  tier: z.string().nullable().describe('null: of no tier is anything known'),
  label: z.string().nullable(),
  code: z.enum([
    'no-bills',
    'no-days',
    'no-exchange-rate',
    'nothing-billed',
    'no-forecast',
    'other-month',
    'engine-changed',
  ]),
  message: z.string(),
});

/** Where a month under way will probably end, as the last look at it saw it. */
export const nowcastSchema = z
  .object({
    period: z.string(),
    scenario: z.string().nullable(),
    forecast_id: z.string().nullable().describe('The forecast that was frozen before the month'),
    currency: z.string().nullable(),
    alert_above: z.string().nullable().describe('Of the schedule when it looked; null warns of nothing'),
    over: z.string().describe('Share above the forecast that probability_over and warns ask about'),
    tiers: z.array(tier),
    unknown: z.array(notKnown).describe('What is not known, with the reason'),
  })
  .meta({ id: 'MonthNowcast' });
