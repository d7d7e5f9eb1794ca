import { freshDays } from '../../core/prices/price-age.ts';
import type { NoticeView } from '../../notify/notice-view.ts';
import { priceListNames } from '../../sources/price-lists.ts';
import { dayText } from '../figure-text.ts';
import { mostSchedulesNamed, namedSchedules, scheduleFigures } from './schedule-figures.ts';
import type { NamedSchedule, ScheduledPrice } from './scheduled-prices.ts';

type StaleLine = {
  readonly provider: string;
  readonly model: string;
  /** The last day on which the oldest price in use was vouched for, YYYY-MM-DD, and how long ago that is. */
  readonly checked_at: string;
  readonly days: number;
  readonly source: string;
  readonly catalogue: string | null;
  /** Ids of the schedules that use it. */
  readonly schedules: readonly string[];
};

/** What a notice of stale prices says. */
export type StaleFigures = {
  readonly as_of: string;
  readonly stale_after_days: number;
  readonly schedules: readonly NamedSchedule[];
  readonly more_schedules: number;
  readonly prices: readonly StaleLine[];
  readonly more_prices: number;
  /** How newer ones are fetched. */
  readonly command: string;
};

const mostLines = 20;
const command = 'infercast prices pull';

/** The oldest first. */
export function describeStalePrices(stale: readonly ScheduledPrice[], as_of: string): StaleFigures {
  const oldest = stale.toSorted((a, b) => b.days - a.days);
  return {
    as_of,
    stale_after_days: freshDays,
    ...namedSchedules(stale.flatMap(({ schedules }) => schedules)),
    prices: oldest.slice(0, mostLines).map(({ provider, model, checked_at, days, source, catalogue, schedules }) => ({
      provider,
      model,
      checked_at,
      days,
      source,
      catalogue,
      schedules: schedules.slice(0, mostSchedulesNamed).map(({ id }) => id),
    })),
    more_prices: Math.max(0, oldest.length - mostLines),
    command,
  };
}

export function staleView({ stale_after_days, prices, more_prices, ...rest }: StaleFigures): Omit<NoticeView, 'links'> {
  const count = prices.length + more_prices;
  const [only] = prices;
  const what =
    count === 1 && only !== undefined
      ? `The prices of ${only.provider} ${only.model} were`
      : `The prices of ${count} models in use were`;
  return {
    headline: `${what} last checked more than ${stale_after_days} days ago`,
    paragraphs: [
      'Forecasts go on with them and warn. Each is told once for the day on which it was last checked.',
      `${command} fetches a published list (${priceListNames.join(', ')}); with PRICE_PULL the service does so each day.`,
    ],
    figures: scheduleFigures(rest),
    list: {
      title: 'Last checked:',
      rows: [
        ...prices.map(({ provider, model, checked_at, days, source }) => ({
          label: `${provider} ${model}`,
          value: `${dayText(checked_at)}, ${days} days ago · ${source}`,
        })),
        ...(more_prices === 0 ? [] : [{ label: `and ${more_prices} more`, value: '' }]),
      ],
    },
  };
}
