import { Decimal } from 'decimal.js';
import type { Comparison, TierComparison, UnitCost } from '../../core/bills/comparison.ts';
import type { FigureText } from '../figure-text.ts';
import { dayText, figureTextFor, monthText, signedPercentText, toleranceText } from '../figure-text.ts';
import type { Mark } from './run-words.ts';
import type { Figure } from './view.ts';

/** A month's bills beside the forecast that was frozen before it, in words. */
export type ComparisonView = {
  readonly id: string;
  readonly name: string;
  readonly month: string;
  readonly status: Mark;
  /** What the status means, and what the figures stand on. */
  readonly about: readonly string[];
  readonly forecast: string;
  readonly supersedes: string | null;
  readonly tiers: readonly ComparedTierView[];
  readonly bills: readonly ComparedBillView[];
  readonly unforeseen: readonly { readonly what: string; readonly amount: string }[];
  readonly warnings: readonly string[];
};

export type ComparedTierView = {
  readonly id: string;
  readonly label: string;
  readonly answer: string;
  readonly hit: Mark;
  readonly status: Mark;
  readonly forecast: Figure;
  readonly actual: Figure;
  readonly variance: Figure;
  readonly variancePercent: string;
  readonly tolerance: string;
  readonly p10: Figure;
  readonly p90: Figure;
  readonly place: string;
  /** Where things lie, in per cent of the largest figure of the tier. */
  readonly band: Readonly<Record<'p5' | 'p10' | 'p50' | 'p90' | 'p95' | 'actual' | 'lowest' | 'highest', number>>;
  readonly steps: readonly StepView[];
  readonly effects: readonly string[];
  readonly rows: readonly { readonly label: string; readonly figures: readonly Figure[] }[];
  readonly said: readonly string[];
  readonly notes: readonly string[];
};

/** A step of the bridge; `from` and `to` are in per cent of the width, and equal at its ends, which are points. */
export type StepView = {
  readonly label: string;
  readonly figure: Figure;
  readonly kind: 'end' | 'more' | 'less' | 'none';
  readonly from: number;
  readonly to: number;
};

export type ComparedBillView = {
  readonly id: string;
  readonly provider: string;
  readonly account: string;
  readonly currency: string;
  readonly status: Mark;
  readonly counts: string;
};

export function showComparison(comparison: Comparison): ComparisonView {
  const { id = '', scenario, forecast, period, currency, status, supersedes, bills, tiers, unforeseen } = comparison;
  const text = figureTextFor(currency);
  const isFinal = status === 'final';
  const made = `The forecast was made on ${dayText(forecast.created_at.slice(0, 10))}, with prices as known on ${dayText(forecast.as_of)}`;
  return {
    id,
    name: scenario.name,
    month: monthText(period),
    status: isFinal ? { mark: 'yes', text: 'final' } : { mark: 'open', text: 'provisional' },
    about: [
      isFinal
        ? 'Its bills are locked.'
        : 'A bill of the month may still be restated: a later comparison takes its place.',
      `${made}${forecast.frozen ? '' : ': after the month had begun, so nothing is scored'}.`,
    ],
    forecast: forecast.id,
    supersedes: supersedes ?? null,
    tiers: tiers.map((tier) => showTier(tier, text)),
    bills: bills.map((bill) => ({
      id: bill.id,
      provider: bill.provider,
      account: bill.account,
      currency: bill.currency,
      status: billStatus(bill.status),
      counts: bill.counts ? (bill.kind === 'usage' ? 'quantities' : 'yes') : 'no: beside another bill of the month',
    })),
    unforeseen: unforeseen.map(({ provider, model, currency: own, amount }) => ({
      what: model === null ? provider : `${provider}, ${model}`,
      amount: figureTextFor(own).money(amount),
    })),
    warnings: comparison.warnings.map(({ message }) => message),
  };
}

/** What became of a bill, as a word with its sign. */
export function billStatus(status: string): Mark {
  if (status === 'locked') return { mark: 'yes', text: 'locked' };
  if (status === 'reversed') return { mark: 'none', text: 'reversed' };
  return { mark: 'open', text: status };
}

function showTier(tier: TierComparison, text: FigureText): ComparedTierView {
  const { id, label, status, forecast, actual, variance, variance_share: share, place } = tier;
  const figure = (amount: string): Figure => ({ text: text.money(amount), exact: amount });
  return {
    id,
    label,
    answer: answerOf(tier, text),
    hit: hitOf(tier),
    status: status === 'final' ? { mark: 'yes', text: 'final' } : { mark: 'open', text: 'provisional' },
    forecast: figure(forecast.p50),
    actual: figure(actual),
    variance: signed(variance, text),
    variancePercent: share === null ? '' : signedPercentText(share),
    tolerance: toleranceText(tier.tolerance),
    p10: figure(forecast.p10),
    p90: figure(forecast.p90),
    place: place === null ? '' : `${place.says.charAt(0).toUpperCase()}${place.says.slice(1)}.`,
    band: bandOf(tier),
    steps: stepsOf(tier, text),
    effects: Object.keys(tier.rows[0]?.effects ?? {}).map((effect) => effectNames[effect] ?? effect),
    rows: tier.rows.map((row) => ({
      label: row.label,
      figures: [
        figure(row.base),
        ...Object.values(row.effects).map((amount) => signed(amount, text)),
        figure(row.actual),
      ],
    })),
    said: saidOf(tier, text),
    notes: tier.notes.map(({ message }) => message),
  };
}

/** Short names for the heads of columns. */
const effectNames: Readonly<Record<string, string>> = {
  volume: 'Volume',
  mix: 'Mix',
  list_price: 'List prices',
  rate: 'Rates',
  fees: 'Fees',
  exchange_rate: 'Exchange',
  fixed: 'Fixed',
  residual: 'Not explained',
};

function answerOf({ actual, forecast, variance_share: share }: TierComparison, text: FigureText): string {
  const billed = `${text.money(actual)} was billed`;
  if (share === null) return `${billed}; nothing was foreseen.`;
  const side = share.startsWith('-') ? 'below' : 'above';
  return `${billed}, ${signedPercentText(share).slice(1)} ${side} the forecast of ${text.money(forecast.p50)}.`;
}

function hitOf({ hit, tolerance, reason }: TierComparison): Mark {
  const within = toleranceText(tolerance);
  if (hit === null) return { mark: 'open', text: `not scored: ${reasonInWords(reason ?? 'unknown')}` };
  return hit ? { mark: 'yes', text: `hit: within ${within}` } : { mark: 'no', text: `missed: outside ${within}` };
}

function reasonInWords(code: string): string {
  if (code === 'not-frozen') return 'the forecast was made after the month began';
  if (code === 'no-cost') return 'no cost was foreseen';
  return code.replaceAll('-', ' ');
}

function bandOf({ forecast, actual, tolerance }: TierComparison): ComparedTierView['band'] {
  const lowest = new Decimal(forecast.p50).times(new Decimal(1).minus(tolerance));
  const highest = new Decimal(forecast.p50).times(new Decimal(1).plus(tolerance));
  const { place } = scaleOf([forecast.p5, forecast.p95, actual, lowest, highest]);
  return {
    p5: place(forecast.p5),
    p10: place(forecast.p10),
    p50: place(forecast.p50),
    p90: place(forecast.p90),
    p95: place(forecast.p95),
    actual: place(actual),
    lowest: place(lowest),
    highest: place(highest),
  };
}

/** The steps on a scale of their own: beside the whole amount, what explains the difference would hardly be seen. */
function stepsOf({ forecast, bridge, actual }: TierComparison, text: FigureText): readonly StepView[] {
  const totals: Decimal[] = [new Decimal(forecast.p50)];
  for (const { amount } of bridge) totals.push((totals.at(-1) as Decimal).plus(amount));
  const { place } = scaleOf([...totals, actual]);
  const end = (label: string, amount: string): StepView => ({
    label,
    figure: { text: text.money(amount), exact: amount },
    kind: 'end',
    from: place(amount),
    to: place(amount),
  });
  return [
    end('Forecast, median', forecast.p50),
    ...bridge.map(({ label, amount }, i): StepView => {
      const [from, to] = [totals[i] as Decimal, totals[i + 1] as Decimal];
      const kind = to.eq(from) ? 'none' : to.gt(from) ? 'more' : 'less';
      return { label, figure: signed(amount, text), kind, from: place(from), to: place(to) };
    }),
    end('Bill', actual),
  ];
}

/** Places amounts in per cent of a width, with a twentieth left free at either side. */
function scaleOf(amounts: readonly Decimal.Value[]): { readonly place: (amount: Decimal.Value) => number } {
  const values = amounts.map((amount) => new Decimal(amount));
  const least = Decimal.min(...values);
  const width = Decimal.max(...values).minus(least);
  const share = (amount: Decimal.Value): Decimal =>
    width.isZero() ? new Decimal('0.5') : new Decimal(amount).minus(least).div(width);
  return { place: (amount) => share(amount).times(90).plus(5).toDecimalPlaces(2).toNumber() };
}

function signed(amount: string, text: FigureText): Figure {
  const value = new Decimal(amount);
  return { text: value.gt(0) ? `+${text.money(amount)}` : text.money(amount), exact: amount };
}

function saidOf(
  { record, unit_cost: cost, full, flags, left_out }: TierComparison,
  text: FigureText,
): readonly string[] {
  const perMillion = ({ per_million_tokens: amount }: UnitCost): string =>
    amount === null ? 'unknown' : text.unitPrice(amount);
  return [
    ...(record === null ? [] : [record.says]),
    ...(cost.actual.per_million_tokens === null
      ? []
      : [`A million tokens cost ${perMillion(cost.actual)}; the forecast was ${perMillion(cost.forecast)}.`]),
    ...(full.actual === null
      ? []
      : [`The full cost was ${text.money(full.actual)}; the forecast was ${text.money(full.forecast)}.`]),
    ...left_out.map(({ provider, currency, tax, credits, prepayments }) => {
      const own = figureTextFor(currency);
      return `Left out of the bill of ${provider}: tax ${own.money(tax)}, credits ${own.money(credits)}, prepayments ${own.money(prepayments)}.`;
    }),
    ...flags.map(({ says }) => `Look at this: ${says}`),
  ];
}
