import { Decimal } from 'decimal.js';
import type { NoticeView } from '../../notify/notice-view.ts';
import { dayText, signedPercentText } from '../figure-text.ts';
import type { LearnedChanges, PriceChange } from './prices.ts';
import type { NamedSchedules } from './schedule-figures.ts';
import { mostSchedulesNamed, namedSchedules, scheduleFigures } from './schedule-figures.ts';
import type { ScheduledPrice } from './scheduled-prices.ts';
import { keyOf } from './scheduled-prices.ts';

type ChangeLine = Omit<PriceChange, 'valid_from'> & {
  /** New ÷ old − 1, as decimal text; null where the old price was 0. */
  readonly percent: string | null;
  /** The day from which it holds, YYYY-MM-DD. */
  readonly from: string;
  /** Ids of the schedules that use the model. */
  readonly schedules: readonly string[];
};

/** What a notice of changed prices says. Money is decimal text in the meter's unit. */
export type ChangeFigures = {
  readonly import: string;
  readonly catalogue: string;
  readonly known_at: string;
  /** Of everything that changed: what is believed from now on, and what is kept apart. */
  readonly changed: number;
  readonly quarantined: number;
  readonly schedules: NamedSchedules['schedules'];
  readonly more_schedules: number;
  /** Prices of models that schedules use, the largest change first. */
  readonly changes: readonly ChangeLine[];
  readonly more_changes: number;
  /** How many prices changed of models that no schedule uses. */
  readonly unused: number;
};

const mostLines = 20;

export function describePriceChanges(
  { id, catalogue, known_at, changes }: LearnedChanges,
  used: readonly ScheduledPrice[],
): ChangeFigures {
  const users = new Map(used.map((price) => [keyOf(price), price.schedules]));
  const concerned = changes.filter((change) => users.has(keyOf(change)));
  const held = changes.filter(({ quarantined }) => quarantined).length;
  return {
    import: id,
    catalogue,
    known_at,
    changed: changes.length - held,
    quarantined: held,
    ...namedSchedules(concerned.flatMap((change) => users.get(keyOf(change)) ?? [])),
    changes: concerned.slice(0, mostLines).map(({ valid_from, ...change }) => ({
      ...change,
      percent: shareOf(change),
      from: valid_from ?? known_at,
      schedules: (users.get(keyOf(change)) ?? []).slice(0, mostSchedulesNamed).map((schedule) => schedule.id),
    })),
    more_changes: Math.max(0, concerned.length - mostLines),
    unused: changes.length - concerned.length,
  };
}

export function priceChangeView(figures: ChangeFigures): Omit<NoticeView, 'links'> {
  const { catalogue, changes, more_changes, unused, changed, quarantined } = figures;
  const count = changes.length + more_changes;
  const headline =
    count === 0
      ? `${pricesOf(unused)} changed of models that no schedule uses (${catalogue})`
      : `${pricesOf(count)} that schedules use changed (${catalogue})`;
  return {
    headline,
    paragraphs: [
      ...(count > 0 && unused > 0 ? [`${pricesOf(unused)} more changed of models that no schedule uses.`] : []),
      ...(quarantined > 0 ? [heldText(quarantined)] : []),
      ...(changed > 0 ? ['Forecasts made from now on use what changed; what was frozen before stays as it is.'] : []),
    ],
    figures: scheduleFigures(figures),
    list:
      count === 0
        ? null
        : {
            title: 'What changed:',
            rows: [
              ...changes.map((change) => ({ label: labelOf(change), value: textOf(change) })),
              ...(more_changes === 0 ? [] : [{ label: `and ${more_changes} more`, value: '' }]),
            ],
          },
  };
}

function shareOf({ old_price, new_price }: Pick<PriceChange, 'old_price' | 'new_price'>): string | null {
  const old = new Decimal(old_price);
  return old.isZero() ? null : new Decimal(new_price).div(old).minus(1).toSignificantDigits(6).toFixed();
}

function pricesOf(count: number): string {
  return count === 1 ? '1 price' : `${count} prices`;
}

function heldText(count: number): string {
  const which = count === 1 ? '1 of them differs' : `${count} of them differ`;
  return `${which} by more than a factor of ten: kept apart, and read by no forecast, until the list is imported with --accept-outliers.`;
}

function labelOf({ provider, model, meter, above_input_tokens: above, utc_hours }: ChangeLine): string {
  const conditions = [
    ...(above === null ? [] : [`above ${above} input tokens`]),
    ...(utc_hours === null ? [] : [`${utc_hours} UTC`]),
  ];
  return `${provider} ${model} ${meter}${conditions.length === 0 ? '' : ` (${conditions.join(', ')})`}`;
}

function textOf({ old_price, new_price, unit, percent, from, quarantined }: ChangeLine): string {
  const share = percent === null ? '' : ` (${signedPercentText(percent)})`;
  const when = quarantined ? 'kept apart' : `from ${dayText(from)}`;
  return `${old_price} → ${new_price} ${unit}${share}, ${when}`;
}
