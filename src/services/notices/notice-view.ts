import type { NoticeView } from '../../notify/notice-view.ts';
import { dayText, figureTextFor, monthText, percentText, signedPercentText } from '../figure-text.ts';
import type { ChangeFigures } from '../prices/price-change-notice.ts';
import { priceChangeView } from '../prices/price-change-notice.ts';
import type { StaleFigures } from '../prices/stale-notice.ts';
import { staleView } from '../prices/stale-notice.ts';

export type StoredNotice = {
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
  readonly data: Readonly<Record<string, unknown>>;
};

type Amount = { readonly amount: string; readonly currency: string };

/** What a notice of a comparison says: the figures of the tier that was compared, as decimal strings. */
export type ComparisonFigures = {
  readonly scenario: string;
  readonly period: string;
  readonly status: 'provisional' | 'locked';
  readonly tier: string;
  readonly forecast: Amount;
  readonly actual: Amount;
  readonly variance: { readonly amount: string; readonly percent: string | null };
  readonly exceeded: boolean;
  /** Whether its forecast was made after the month began: it is shown, never scored. */
  readonly unforeseen?: boolean;
  readonly drivers: readonly { readonly kind: string; readonly label: string; readonly amount: string }[];
  readonly remarks: readonly string[];
};

/** What a warning of a month under way says, of one tier. */
export type NowcastFigures = {
  readonly scenario: string;
  readonly period: string;
  readonly tier: string;
  /** Last day that is counted, YYYY-MM-DD. */
  readonly through: string;
  readonly so_far: Amount;
  /** The reference: so far ÷ days so far × days of the month. */
  readonly run_rate: Amount;
  /** Where the month will end. */
  readonly ends: { readonly p10: Amount; readonly p50: Amount; readonly p90: Amount };
  readonly forecast: Amount;
  /** As shares: how far above the forecast is warned of, and how likely the month ends there. */
  readonly alert_above: string;
  readonly probability: string;
};

const mostDrivers = 8;
const mostBodyBytes = 20_000;

/** The body of a webhook: thin, never beyond 20 kB. Addresses within the service begin with `publicUrl` where it is known. */
export function noticeBody({ type, created_at, data }: StoredNotice, publicUrl: string | null): string {
  const said = { workspace: 'default', ...withAddresses(data, publicUrl) };
  const body = JSON.stringify({ type, timestamp: created_at, data: said });
  if (Buffer.byteLength(body) <= mostBodyBytes) return body;
  const ids = Object.fromEntries(
    Object.entries(said).filter(([, value]) => typeof value === 'string' && value.length <= 200),
  );
  return JSON.stringify({ type, timestamp: created_at, data: { ...ids, shortened: true } });
}

/** The same for people. */
export function noticeView({ type, data }: StoredNotice, publicUrl: string | null): NoticeView {
  const links = linksOf(withAddresses(data, publicUrl));
  switch (type) {
    case 'comparison.completed':
    case 'comparison.threshold_exceeded':
      return 'forecast' in data && 'actual' in data
        ? { ...comparisonView(data as ComparisonFigures), links }
        : plainView(`The bills of ${String(data.period)} were compared`, [], links);
    case 'nowcast.warning':
      return { ...nowcastView(data as NowcastFigures), links };
    case 'schedule.failed':
      return plainView(
        `A scheduled run failed${monthOf(data.period)}`,
        [String(data.reason ?? ''), whenTriedAgain(data)],
        links,
        data,
      );
    case 'schedule.missed':
      return plainView(
        data.what === 'freeze-forecast'
          ? `No forecast was frozen for ${listOf(data.periods)}`
          : `Scheduled months were missed: ${listOf(data.periods)}`,
        [whatWasMissed(data)],
        links,
        data,
      );
    case 'webhook.disabled':
      return plainView(`The webhook ${String(data.name ?? '')} gets no more`, [String(data.reason ?? '')], links, data);
    case 'price.stale':
      return { ...staleView(data as StaleFigures), links };
    case 'price.changed':
      return 'changes' in data
        ? { ...priceChangeView(data as ChangeFigures), links }
        : plainView(`${String(data.changed)} prices of ${String(data.catalogue)} changed`, [], links);
    default:
      return plainView('infercast can reach you', ['This is a test; nothing happened.'], links);
  }
}

function whenTriedAgain({ run, next_try_at }: StoredNotice['data']): string {
  const byHand = `infercast runs retry ${String(run)}`;
  if (typeof next_try_at !== 'string') return `It can be tried again with ${byHand}.`;
  const at = next_try_at.slice(0, 16).replace('T', ' ');
  return `It is tried again at ${at} UTC by itself, and then each day; sooner with ${byHand}.`;
}

function whatWasMissed({ what, schedule, periods }: StoredNotice['data']): string {
  if (what === 'freeze-forecast')
    return 'The service was away on the day before it began. Its bills will be held against the newest forecast that was made before; without one they are shown, not scored.';
  const one = `infercast schedules run ${String(schedule)} --period ${listOf(periods).slice(0, 7)}`;
  return `The service was away for longer than it makes up for. ${one} does one of them now.`;
}

function comparisonView(figures: ComparisonFigures): Omit<NoticeView, 'links'> {
  const { scenario, period, status, tier, forecast, actual, variance, exceeded, unforeseen, drivers, remarks } =
    figures;
  const { money } = figureTextFor(forecast.currency);
  const signed = (amount: string): string => (amount.startsWith('-') ? money(amount) : `+${money(amount)}`);
  const percent = variance.percent === null ? '' : ` (${signedPercentText(variance.percent)})`;
  const settled =
    status === 'locked'
      ? 'Two pulls a day apart agreed: these figures are final.'
      : 'Provisional: the bills are pulled again until two pulls a day apart agree.';
  return {
    headline: `${monthText(period)}: ${money(actual.amount)} vs ${money(forecast.amount)} forecast${percent} – ${scenario}`,
    paragraphs: [
      ...(exceeded ? ['The difference is larger than this schedule allows without an alert.'] : []),
      settled,
      ...(unforeseen === true ? ['Its forecast was made after the month began: it is shown, not scored.'] : []),
      ...remarks,
    ],
    figures: [
      { label: 'Option', value: tier },
      { label: 'Forecast', value: money(forecast.amount) },
      { label: 'Actual', value: money(actual.amount) },
      { label: 'Variance', value: `${signed(variance.amount)}${percent}` },
    ],
    list:
      drivers.length === 0
        ? null
        : {
            title: 'Why it differs:',
            rows: drivers.slice(0, mostDrivers).map(({ label, amount }) => ({ label, value: signed(amount) })),
          },
  };
}

function nowcastView(figures: NowcastFigures): Omit<NoticeView, 'links'> {
  const { scenario, period, tier, through, so_far, run_rate, ends, forecast, alert_above, probability } = figures;
  const { money } = figureTextFor(forecast.currency);
  const month = monthText(period);
  const above = Number(ends.p50.amount) / Number(forecast.amount) - 1;
  return {
    headline: `${month} will likely end at ${money(ends.p50.amount)} vs ${money(forecast.amount)} forecast (${signedPercentText(String(above))}) – ${scenario}`,
    paragraphs: [
      `${tier} will end ${month} more than ${percentOf(alert_above)} above its forecast with a probability of ${percentText(probability)}.`,
      'The month is under way: this is told once, and the bills are compared when it has ended.',
    ],
    figures: [
      { label: 'Option', value: tier },
      { label: `So far, through ${dayText(through)}`, value: money(so_far.amount) },
      { label: 'Will end at, P50', value: money(ends.p50.amount) },
      { label: 'P10 to P90', value: `${money(ends.p10.amount)} – ${money(ends.p90.amount)}` },
      { label: 'Forecast', value: money(forecast.amount) },
      { label: 'At the rate so far', value: money(run_rate.amount) },
    ],
    list: null,
  };
}

function plainView(
  headline: string,
  paragraphs: readonly string[],
  links: NoticeView['links'],
  data: StoredNotice['data'] = {},
): NoticeView {
  const named = [
    ['Schedule', data.schedule],
    ['Run', data.run],
    ['Webhook', data.webhook],
  ] as const;
  return {
    headline,
    paragraphs: paragraphs.filter((text) => text !== ''),
    figures: named.flatMap(([label, id]) => (typeof id === 'string' ? [{ label, value: id }] : [])),
    list: null,
    links,
  };
}

/** `0.075` as `7.5 %`. */
function percentOf(share: string): string {
  return `${Number((Number(share) * 100).toFixed(4))}\u00a0%`;
}

function monthOf(period: unknown): string {
  return typeof period === 'string' ? ` for ${monthText(period)}` : '';
}

function listOf(periods: unknown): string {
  return Array.isArray(periods) ? periods.join(', ') : '';
}

function withAddresses(data: StoredNotice['data'], publicUrl: string | null): Record<string, unknown> {
  const base = publicUrl?.replace(/\/+$/, '') ?? '';
  return Object.fromEntries(
    Object.entries({ ...reportOf(data), ...data }).map(([name, value]) => [
      name,
      name.endsWith('_url') && typeof value === 'string' && value.startsWith('/') ? base + value : value,
    ]),
  );
}

/** The page that shows more: of a run that failed its own, of months that were missed that of their schedule. */
function reportOf({ run, schedule }: StoredNotice['data']): { readonly report_url?: string } {
  if (typeof run === 'string') return { report_url: `/runs/${run}` };
  return typeof schedule === 'string' ? { report_url: `/schedules#${schedule}` } : {};
}

/** Buttons and links lead somewhere only where the service knows its own address. */
function linksOf(data: Readonly<Record<string, unknown>>): NoticeView['links'] {
  const known = [
    ['Report', data.report_url],
    ['Workbook', data.xlsx_url],
  ] as const;
  return known.flatMap(([label, url]) => (typeof url === 'string' && /^https?:\/\//.test(url) ? [{ label, url }] : []));
}
