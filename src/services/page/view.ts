import { Decimal } from 'decimal.js';
import type { Band, Forecast, Perimeter, PredictabilityCheck, TierMonth, Verdict } from '../../core/forecast/result.ts';
import { speedInWords } from '../../core/forecast/speed-words.ts';
import type { Tier } from '../../files/tiers.ts';
import type { FigureText } from '../figure-text.ts';
import { figureTextFor, monthText, percentText, toleranceText } from '../figure-text.ts';
import type { Answer, ComputedTier } from './answer.ts';
import { answerInWords, computedTiers, findLeadingTier } from './answer.ts';

/** A figure as people read it and as the forecast has it. */
export type Figure = { readonly text: string; readonly exact: string };
export type Spread = { readonly low: Figure; readonly high: Figure };

/** Everything on the page, in words; the template only sets it. */
export type PageView = {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
  readonly firstMonth: string;
  readonly months: number;
  readonly tolerance: string;
  readonly confidence: string;
  readonly draws: string;
  /** null when no tier could be computed. */
  readonly answer: (Answer & { readonly tier: string; readonly highlights: readonly Highlight[] }) | null;
  readonly tiers: readonly TierView[];
  readonly unavailable: readonly { readonly id: string; readonly label: string; readonly reason: string }[];
  readonly claims: readonly ClaimView[];
  readonly warnings: readonly string[];
  readonly about: readonly { readonly term: string; readonly text: string }[];
};

export type Highlight = { readonly term: string; readonly figure: Figure; readonly note: string };

/** One tier's rows: the bill and the full cost, or one row where they are the same. */
export type TierView = {
  readonly id: string;
  readonly label: string;
  /** Which colour its line has, 1 to 8. */
  readonly series: number;
  /** Dashes tell lines apart where colours do not: an SVG `stroke-dasharray`. */
  readonly dash: string;
  readonly leads: boolean;
  readonly rows: readonly PerimeterView[];
  readonly unitCost: Figure | null;
  readonly unitCostReason: string;
  readonly monthly: readonly MonthView[];
};

export type PerimeterView = {
  readonly id: Perimeter;
  readonly label: string;
  readonly firstMonth: Figure;
  readonly firstMonthSpread: Spread;
  readonly total: Figure;
  readonly totalSpread: Spread;
  /** Where P10, P50 and P90 of the total lie, in per cent of the largest P90 on the page. */
  readonly range: { readonly low: number; readonly middle: number; readonly high: number };
  readonly verdict: VerdictView;
  /** What the chart of this perimeter shows, for those who do not see it. */
  readonly finding: string;
};

export type VerdictView = {
  readonly mark: 'yes' | 'no' | 'open';
  readonly text: string;
  readonly probability: string;
  readonly rating: string;
};

export type MonthView = { readonly month: string; readonly text: string; readonly bands: readonly BandView[] };
export type BandView = { readonly base: Figure; readonly p10: Figure; readonly p50: Figure; readonly p90: Figure };

/** What the tier is said to be in general beside what this scenario gives. */
export type ClaimView = {
  readonly label: string;
  readonly stated: string;
  readonly note: string;
  readonly bill: ComputedRating;
  readonly full: ComputedRating;
  readonly agrees: string;
};

/** `reach` is the tolerance that the asked share of months keeps to. */
export type ComputedRating = { readonly rating: string; readonly reach: string };

export type PageSources = {
  readonly forecast: Forecast;
  /** Stated ratings by tier id. */
  readonly stated: ReadonlyMap<string, Tier>;
  /** Whether a workload has to run offline, or its data has to stay: then only tiers that work unplugged fit. */
  readonly staysInside: boolean;
  readonly about: PageView['about'];
};

export function composePage({ forecast, stated, staysInside, about }: PageSources): PageView {
  const text = figureTextFor(forecast.currency);
  const computed = computedTiers(forecast);
  const fits = (id: string): boolean => !staysInside || stated.get(id)?.offline === true;
  const lead = findLeadingTier(forecast, fits);
  const widest = Decimal.max(
    1,
    ...computed.map(({ total }) => total.full.p90),
    ...computed.map(({ total }) => total.bill.p90),
  );
  const checks = computed[0]?.predictability.bill;
  return {
    id: forecast.id ?? '',
    name: forecast.scenario.name,
    currency: forecast.currency,
    firstMonth: monthText(forecast.from),
    months: computed[0]?.months.length ?? 0,
    tolerance: checks === undefined ? '' : toleranceText(checks.tolerance),
    confidence: checks === undefined ? '' : percentText(checks.confidence),
    draws: forecast.draws.toLocaleString('en-US'),
    answer:
      lead === null
        ? null
        : {
            ...answerInWords(forecast, lead, fits, text),
            tier: lead.id,
            highlights: highlightsOf(forecast, lead, text),
          },
    tiers: computed.map((tier, i) => showTier(tier, { series: (i % 8) + 1, leads: tier === lead, widest, text })),
    unavailable: forecast.tiers.flatMap((tier) =>
      tier.months === null ? [{ id: tier.id, label: tier.label, reason: reasonInWords(tier.reason) }] : [],
    ),
    claims: computed.map((tier) => compareClaim(tier, stated.get(tier.id))),
    warnings: forecast.warnings.map(({ message }) => message),
    about: [...about, ...speedsOf(forecast)],
  };
}

function highlightsOf({ from }: Forecast, tier: ComputedTier, text: FigureText): readonly Highlight[] {
  const first = tier.months[0] as TierMonth;
  const range = ({ p10, p90 }: Band): string => `median; P10 ${text.money(p10)}, P90 ${text.money(p90)}`;
  const figure = ({ p50 }: Band): Figure => money(p50, text);
  return [
    { term: `${monthText(from)}, full cost`, figure: figure(first.full), note: range(first.full) },
    { term: 'of which is billed', figure: figure(first.bill), note: range(first.bill) },
    { term: `${tier.months.length} months, full cost`, figure: figure(tier.total.full), note: range(tier.total.full) },
  ];
}

type TierSetting = {
  readonly series: number;
  readonly leads: boolean;
  readonly widest: Decimal;
  readonly text: FigureText;
};

function showTier(tier: ComputedTier, { series, leads, widest, text }: TierSetting): TierView {
  const perimeters = hasOnlyBill(tier) ? (['full'] as const) : (['bill', 'full'] as const);
  const { per_million_tokens, reason } = tier.unit_cost;
  return {
    id: tier.id,
    label: tier.label,
    series,
    dash: dashes[series - 1] ?? 'none',
    leads,
    rows: perimeters.map((id) => showPerimeter(tier, id, widest, text)),
    unitCost:
      per_million_tokens === null ? null : { text: text.unitPrice(per_million_tokens), exact: per_million_tokens },
    unitCostReason: reason === undefined ? 'unknown' : reasonInWords(reason),
    monthly: tier.months.map((entry) => ({
      month: entry.month,
      text: monthText(entry.month),
      bands: perimeters.map((id) => showBand(entry[id], text)),
    })),
  };
}

const dashes = ['none', '8 4', '2 3', '10 3 2 3', 'none', '6 3', '3 2', 'none'];

/** Whether the bill is all there is: then one row says both. */
function hasOnlyBill({ months, total, predictability }: ComputedTier): boolean {
  const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return (
    isSame(total.bill, total.full) &&
    isSame(predictability.bill, predictability.full) &&
    months.every(({ bill, full }) => isSame(bill, full))
  );
}

function showPerimeter(tier: ComputedTier, id: Perimeter, widest: Decimal, text: FigureText): PerimeterView {
  const first = tier.months[0] as TierMonth;
  const total = tier.total[id];
  const place = (amount: string): number =>
    Decimal.max(0, new Decimal(amount).div(widest).times(100)).toDecimalPlaces(2).toNumber();
  const label = hasOnlyBill(tier) ? 'Bill = full cost' : id === 'bill' ? 'Bill' : 'Full cost';
  return {
    id,
    label,
    firstMonth: money(first[id].base, text),
    firstMonthSpread: spread(first[id], text),
    total: money(total.p50, text),
    totalSpread: spread(total, text),
    range: { low: place(total.p10), middle: place(total.p50), high: place(total.p90) },
    verdict: showVerdict(tier.predictability[id]),
    finding: findingOf(tier, id, label, text),
  };
}

function findingOf({ label, months }: ComputedTier, id: Perimeter, perimeter: string, text: FigureText): string {
  const [first, last] = [months[0] as TierMonth, months.at(-1) as TierMonth];
  const [from, to] = [first[id], last[id]];
  const change = new Decimal(to.p50).cmp(from.p50);
  const way = change > 0 ? 'rises' : change < 0 ? 'falls' : 'stays';
  const course =
    change === 0
      ? `stays at ${text.aboutMoney(from.p50)} a month from ${monthText(first.month)} to ${monthText(last.month)}`
      : `${way} from about ${text.aboutMoney(from.p50)} in ${monthText(first.month)} to about ${text.aboutMoney(to.p50)} in ${monthText(last.month)}`;
  const range = `between ${text.aboutMoney(to.p10)} and ${text.aboutMoney(to.p90)}`;
  return `${label}, ${perimeter.toLowerCase()}: the median ${course}, when 80 of 100 simulated futures lie ${range}.`;
}

function showVerdict({ verdict, probability, rating, reason }: PredictabilityCheck): VerdictView {
  if (verdict === null || probability === null) {
    return { mark: 'open', text: reasonInWords(reason ?? 'unknown'), probability: '', rating: '' };
  }
  return { mark: marks[verdict], text: verdict, probability: percentText(probability), rating: rating ?? '' };
}

const marks: Readonly<Record<Verdict, VerdictView['mark']>> = {
  holds: 'yes',
  'does not hold': 'no',
  'not enough evidence': 'open',
};

function compareClaim(tier: ComputedTier, stated: Tier | undefined): ClaimView {
  const { bill, full } = tier.predictability;
  const claim = stated?.ratings?.predictable_cost ?? null;
  const computed = [bill.rating, full.rating];
  const agreement = computed[0] === claim?.rating ? (computed[1] === claim?.rating ? 'yes' : 'on the bill only') : 'no';
  return {
    label: tier.label,
    stated: claim?.rating ?? 'not stated',
    note: claim?.note ?? sentence(stated?.ratings_reason ?? 'a tier of the scenario’s own'),
    bill: showRating(bill),
    full: showRating(full),
    agrees: claim === null ? '–' : agreement,
  };
}

function showRating({ rating, confidence, tightest_tolerance }: PredictabilityCheck): ComputedRating {
  const reach =
    tightest_tolerance === null ? '' : `${percentText(confidence)} lie within ${toleranceText(tightest_tolerance)}`;
  return { rating: rating ?? '–', reach };
}

function showBand({ base, p10, p50, p90 }: Band, text: FigureText): BandView {
  return { base: money(base, text), p10: money(p10, text), p50: money(p50, text), p90: money(p90, text) };
}

function spread({ p10, p90 }: Band, text: FigureText): Spread {
  return { low: money(p10, text), high: money(p90, text) };
}

function money(amount: string, text: FigureText): Figure {
  return { text: text.money(amount), exact: amount };
}

const reasons: Readonly<Record<string, string>> = {
  'no-model': 'a workload names no model for it',
  'no-machines': 'the scenario has no machines',
  'no-price': 'a meter that is billed has no price in some month',
  'no-exchange-rate': 'the rate from USD to the scenario’s currency is not stated',
  'no-members': 'the scenario names no members for it',
  'no-cost': 'no cost to foresee',
  'no-volume': 'no tokens to divide by',
  'formula-error': 'a formula of it has no value in some month',
};

/** A reason that has no words here is still shown, as its code reads. */
function reasonInWords(code: string): string {
  return reasons[code] ?? code.replaceAll('-', ' ');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** How fast the machines are and how that is known: once, however many tiers they stand in. */
function speedsOf(forecast: Forecast): PageView['about'] {
  const serving = computedTiers(forecast).find((tier) => (tier.serving?.length ?? 0) > 0)?.serving ?? [];
  return serving.map((report) => {
    const { allUsers, oneUser, from } = speedInWords(report);
    return {
      term: `Speed of ${report.machine}, ${report.workload}`,
      text: `${allUsers}; ${oneUser}. ${capitalised(from)}.`,
    };
  });
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
