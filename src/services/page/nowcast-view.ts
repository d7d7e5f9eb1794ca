import { Decimal } from 'decimal.js';
import { dayText, figureTextFor, monthText, percentText, signedPercentText, toleranceText } from '../figure-text.ts';
import type { MonthNowcast } from '../schedules/period-work.ts';
import type { Mark } from './run-words.ts';
import type { Figure } from './view.ts';

/** Where the month under way will end, tier by tier. */
export type NowcastView = {
  readonly month: string;
  /** `+10 %`: what is asked about, and warned of where the schedule wants it. */
  readonly over: string;
  readonly alerts: boolean;
  readonly tiers: readonly NowcastRow[];
  readonly unknown: readonly string[];
};

export type NowcastRow = {
  readonly label: string;
  readonly through: string;
  readonly soFar: Figure;
  readonly p10: Figure;
  readonly p50: Figure;
  readonly p90: Figure;
  readonly forecast: Figure;
  /** P50 beside the forecast; empty where that is 0. */
  readonly beside: string;
  readonly verdict: Mark;
  readonly probability: string;
  /** Where the figures lie, in per cent of the largest. */
  readonly range: {
    readonly soFar: number;
    readonly low: number;
    readonly middle: number;
    readonly high: number;
    readonly forecast: number;
  };
};

export function showNowcast(nowcast: MonthNowcast): NowcastView {
  const { period, currency, over, alert_above, tiers, unknown } = nowcast;
  const text = figureTextFor(currency ?? 'USD');
  const figure = (amount: string): Figure => ({ text: text.money(amount), exact: amount });
  const most = Decimal.max(1, ...tiers.flatMap(({ p90, forecast }) => [p90, forecast]));
  const place = (amount: string): number =>
    Decimal.max(0, new Decimal(amount).div(most).times(100)).toDecimalPlaces(2).toNumber();
  return {
    month: monthText(period),
    over: toleranceText(over).replace('±', '+'),
    alerts: alert_above !== null,
    tiers: tiers.map((tier) => ({
      label: tier.label,
      through: dayText(tier.through),
      soFar: figure(tier.so_far),
      p10: figure(tier.p10),
      p50: figure(tier.p50),
      p90: figure(tier.p90),
      forecast: figure(tier.forecast),
      beside: Number(tier.forecast) > 0 ? signedPercentText(new Decimal(tier.p50).div(tier.forecast).minus(1)) : '',
      verdict: tier.warns ? { mark: 'no', text: 'likely' } : { mark: 'yes', text: 'not likely' },
      probability: tier.probability_over === null ? '–' : percentText(tier.probability_over),
      range: {
        soFar: place(tier.so_far),
        low: place(tier.p10),
        middle: place(tier.p50),
        high: place(tier.p90),
        forecast: place(tier.forecast),
      },
    })),
    unknown: unknown.map(({ label, message }) => (label === null ? message : `${label}: ${message}`)),
  };
}
