import { Decimal } from 'decimal.js';
import { nextMonth, startOfMonth } from '../../core/schedule/local-time.ts';
import type { FigureText } from '../figure-text.ts';
import { figureTextFor, monthText, signedPercentText } from '../figure-text.ts';
import type { ComparisonFigures } from '../notices/notice-view.ts';
import type { PeriodView } from '../schedules/schedule-runs.ts';
import { instantText } from './instant-text.ts';
import type { Mark } from './run-words.ts';
import type { Figure } from './view.ts';

/** A month of a schedule as a row: what was foreseen, what was billed, how it stands. */
export type MonthRow = {
  readonly period: string;
  readonly month: string;
  readonly state: Mark;
  /** What the state means here: why it failed, when it goes on. */
  readonly notes: readonly string[];
  readonly run: string | null;
  readonly forecast: string | null;
  /** The tier the figures are of; null where nothing says which. */
  readonly tier: string | null;
  readonly p50: Figure | null;
  readonly actual: Figure | null;
  readonly variance: Figure | null;
  readonly within: Mark | null;
  readonly comparison: string | null;
  /** What a button would do with it; null where there is nothing to do. */
  readonly action: 'Run it now' | 'Pull it again' | null;
};

/** The median a forecast gave a tier in a month, where the month has no result that says it. */
export type Foreseen = { readonly tier: string; readonly p50: string; readonly currency: string };

export type MonthSetting = {
  readonly zone: string;
  readonly now: number;
  readonly paused: boolean;
  /** Why its last run failed; null where none did. */
  readonly failure: string | null;
  readonly foreseen: Foreseen | null;
};

const tolerance = '0.1';

export function showMonth(period: PeriodView, setting: MonthSetting): MonthRow {
  const result = resultOf(period);
  const head = {
    period: period.period,
    month: monthText(period.period),
    state: stateOf(period, setting),
    notes: [...notesOf(period, setting), ...freezeNote(period)],
    run: period.run_id,
    forecast: period.forecast_id,
    action: actionOf(period),
  };
  if (result === null) {
    const { foreseen } = setting;
    const p50 = foreseen === null ? null : figure(foreseen.p50, figureTextFor(foreseen.currency));
    const nothing = { actual: null, variance: null, within: null, comparison: null };
    return { ...head, ...nothing, tier: foreseen?.tier ?? null, p50 };
  }
  const { forecast, actual, variance } = result;
  const text = figureTextFor(actual.currency);
  const off = new Decimal(actual.amount).minus(forecast.amount).abs();
  const isWithin = off.lte(new Decimal(forecast.amount).times(tolerance));
  const within: Mark = isWithin ? { mark: 'yes', text: 'yes' } : { mark: 'no', text: 'no' };
  return {
    ...head,
    tier: result.tier,
    p50: figure(forecast.amount, text),
    actual: figure(actual.amount, text),
    variance: variance.percent === null ? null : { text: signedPercentText(variance.percent), exact: variance.percent },
    within: result.unforeseen === true ? { mark: 'none', text: 'not scored' } : within,
    comparison: result.comparison,
  };
}

type StoredResult = ComparisonFigures & { readonly comparison: string };

/** What a compared month stored; null where it has not been compared. */
export function resultOf({ result }: PeriodView): StoredResult | null {
  const isCompared = typeof result === 'object' && result !== null && 'forecast' in result && 'comparison' in result;
  return isCompared ? (result as StoredResult) : null;
}

/** Whether a month has begun and not ended on the clocks of a zone. */
export function isUnderWay(period: string, now: number, zone: string): boolean {
  return startOfMonth(period, zone) <= now && now < startOfMonth(nextMonth(period), zone);
}

function stateOf({ status, period }: PeriodView, { zone, now }: MonthSetting): Mark {
  switch (status) {
    case 'open':
      if (now < startOfMonth(period, zone)) return { mark: 'none', text: 'not begun' };
      return { mark: 'none', text: isUnderWay(period, now, zone) ? 'under way' : 'ended' };
    case 'due':
      return { mark: 'open', text: 'being compared' };
    case 'provisional':
      return { mark: 'open', text: 'provisional' };
    case 'locked':
      return { mark: 'yes', text: 'locked' };
    case 'failed':
      return { mark: 'no', text: 'failed' };
    case 'missed':
      return { mark: 'no', text: 'missed' };
  }
}

function notesOf({ status, next_pull_at }: PeriodView, { zone, paused, failure }: MonthSetting): readonly string[] {
  const when = next_pull_at === null ? null : instantText(next_pull_at, zone);
  const rests = paused && when !== null;
  switch (status) {
    case 'provisional':
      return [
        ...(failure === null ? [] : [`The last pull failed: ${failure}`]),
        rests
          ? 'Not pulled again while the schedule is paused.'
          : when === null
            ? 'Not pulled again by itself.'
            : `Pulled again on ${when}.`,
      ];
    case 'failed':
      return [
        ...(failure === null ? [] : [failure]),
        rests
          ? 'Not tried again while the schedule is paused.'
          : when === null
            ? 'Not tried again by itself.'
            : `Tried again on ${when}.`,
      ];
    case 'missed':
      return ['The service was away for longer than it makes up for.'];
    default:
      return [];
  }
}

/** Of a month that was never to be frozen, as it began before its schedule, there is nothing to say. */
function freezeNote({ freeze_status }: PeriodView): readonly string[] {
  if (freeze_status === 'failed') return ['Its forecast could not be frozen.'];
  if (freeze_status === 'missed') return ['No forecast was frozen: the service was away on the day before it began.'];
  return [];
}

function actionOf({ status }: PeriodView): MonthRow['action'] {
  if (status === 'failed' || status === 'missed') return 'Run it now';
  return status === 'provisional' ? 'Pull it again' : null;
}

function figure(amount: string, text: FigureText): Figure {
  return { text: text.money(amount), exact: amount };
}
