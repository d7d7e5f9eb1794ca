import { Decimal } from 'decimal.js';
import type { Forecast, Pair, PredictabilityCheck, TierForecast, TierMonth } from '../../core/forecast/result.ts';
import type { FigureText } from '../figure-text.ts';
import { monthText, percentText, toleranceText } from '../figure-text.ts';

export type ComputedTier = Extract<TierForecast, { months: readonly unknown[] }>;

/** The answer in words. `cost` and `bill` are the sentence; the rest says what it stands on. */
export type Answer = {
  readonly cost: string;
  readonly bill: string;
  readonly because: string;
  readonly beside: readonly string[];
};

/** Whether a tier may serve what the scenario asks of it. */
export type Fits = (tierId: string) => boolean;

/**
 * The tier the answer is about: the hybrid where there is one, because it holds the scenario's own machines and cloud
 * together, else the cheapest; never one that does not fit while another does. null when no tier could be computed.
 */
export function findLeadingTier(forecast: Forecast, fits: Fits): ComputedTier | null {
  const tiers = computedTiers(forecast);
  const fitting = tiers.filter(({ id }) => fits(id));
  const candidates = fitting.length > 0 ? fitting : tiers;
  const byCost = forecast.comparison.ranking.flatMap((id) => candidates.find((tier) => tier.id === id) ?? []);
  return candidates.find(({ id }) => id === 'hybrid') ?? byCost[0] ?? candidates[0] ?? null;
}

export function computedTiers(forecast: Forecast): readonly ComputedTier[] {
  return forecast.tiers.filter((tier): tier is ComputedTier => tier.months !== null);
}

/** The answer about one tier: full cost for what it costs, the bill for whether it can be foreseen. */
export function answerInWords(forecast: Forecast, lead: ComputedTier, fits: Fits, text: FigureText): Answer {
  const first = lead.months[0] as TierMonth;
  const check = lead.predictability.bill;
  const start = text.aboutMoney(first.full.p50);
  const total = text.aboutMoney(lead.total.full.p50);
  return {
    cost: `${lead.label} costs about ${start} a month to begin with, and about ${total} over ${monthsText(lead)}.`,
    bill: billSentence(check),
    because: reasonSentence(check, forecast),
    beside: [
      ...underWay(forecast, lead, text),
      ...lastMonthAgain(lead, text),
      ...comparedToBaseline(forecast, lead, text),
      ...cheapestOnAverage(forecast, lead, fits, text),
      ...thoseRuledOut(forecast, fits),
    ],
  };
}

/** "Next month's bill within ±10 %: not enough evidence (89 %)." */
function billSentence({ tolerance, verdict, probability }: PredictabilityCheck): string {
  const question = `Next month’s bill within ${toleranceText(tolerance)}`;
  if (verdict === null || probability === null) return `${question}: there is no bill to foresee.`;
  return `${question}: ${verdict} (${percentText(probability)}).`;
}

function reasonSentence(check: PredictabilityCheck, { from, draws }: Forecast): string {
  const { tolerance, confidence, verdict, probability, safety_factor, tightest_tolerance, record } = check;
  if (verdict === null || probability === null) return `In ${monthText(from)} this tier is expected to bill nothing.`;
  const hits = `In ${percentText(probability)} of ${draws.toLocaleString('en-US')} simulated futures the bill of ${monthText(from)} lies within ${toleranceText(tolerance)} of its forecast`;
  const asked = `${percentText(confidence)} are asked for`;
  if (safety_factor === null) return `${hits}: it does not vary.`;
  const spread = new Decimal(safety_factor).toSignificantDigits(2).toFixed();
  if (verdict === 'holds')
    return `${hits}; ${asked}. It would hold even if errors were ${spread} times as large as modelled.`;
  if (record?.drift?.withholds === true) {
    const side = record.drift.mean_error.startsWith('-') ? 'below' : 'above';
    const by = percentText(record.drift.mean_error.replace('-', ''));
    return `${hits}; ${asked}. But the months before ended ${by} ${side} their forecast on average, and a promise cannot stand on that.`;
  }
  if (verdict === 'not enough evidence' && new Decimal(safety_factor).gt(1)) {
    return `${hits}; ${asked}. Errors ${spread} times as large as modelled would break it, so only real bills can settle it.`;
  }
  const reached =
    tightest_tolerance === null
      ? ''
      : ` ${toleranceText(tightest_tolerance)} is what ${percentText(confidence)} of them reach.`;
  return `${hits}; ${asked}.${reached}`;
}

/** "The same as last month would be about 312 USD." */
function lastMonthAgain({ same_as_last_month: again }: ComputedTier, text: FigureText): readonly string[] {
  if (!again?.bill) return [];
  const { amount, month, from } = again.bill;
  const what =
    from === 'bill' ? `was billed ${text.aboutMoney(amount)}` : `would bill ${text.aboutMoney(amount)} today`;
  return [`The same as last month, ${monthText(month)}, ${what}.`];
}

/** Of the leading tier's spend where it was counted, else of the requests. */
function underWay(forecast: Forecast, lead: ComputedTier, text: FigureText): readonly string[] {
  const counted = forecast.under_way ?? [];
  const ofTier = counted.filter(({ tier }) => tier === lead.id);
  return (ofTier.length > 0 ? ofTier : counted.filter(({ workload }) => workload !== undefined)).map((now) => {
    const figure = (amount: string): string =>
      now.tier === undefined
        ? `${new Decimal(amount).toNumber().toLocaleString('en-US')} requests`
        : text.aboutMoney(amount);
    const over =
      now.probability_over === null
        ? ''
        : `, and more than 10 % above its forecast with ${percentText(now.probability_over)}`;
    return `${monthText(now.month)} after ${now.through} comes to ${figure(now.p50)}${now.workload === undefined ? '' : ` of ${now.workload}`}${over}.`;
  });
}

function comparedToBaseline(forecast: Forecast, lead: ComputedTier, text: FigureText): readonly string[] {
  const { baseline, pairs } = forecast.comparison;
  const other = computedTiers(forecast).find(({ id }) => id === baseline);
  if (other === undefined || other.id === lead.id) return [];
  const cheaper = probabilityCheaper(pairs, lead.id, other.id);
  if (cheaper === null) return [];
  const total = text.aboutMoney(other.total.full.p50);
  return [`${lead.label} is cheaper than ${other.label} (about ${total}) in ${percentText(cheaper)} of the futures.`];
}

function cheapestOnAverage(forecast: Forecast, lead: ComputedTier, fits: Fits, text: FigureText): readonly string[] {
  const tiers = computedTiers(forecast);
  const fitting = forecast.comparison.ranking.filter(fits);
  const cheapest = tiers.find(({ id }) => id === fitting[0]);
  if (cheapest === undefined || fitting.length < 2) return [];
  if (cheapest.id === lead.id) return ['On average no other tier costs less.'];
  return [`Cheapest on average is ${cheapest.label}, at about ${text.aboutMoney(cheapest.total.full.p50)}.`];
}

function thoseRuledOut(forecast: Forecast, fits: Fits): readonly string[] {
  const out = computedTiers(forecast).filter(({ id }) => !fits(id));
  if (out.length === 0) return [];
  const names = new Intl.ListFormat('en').format(out.map(({ label }) => label));
  return [`A workload has to stay on machines of your own, which rules out ${names}: shown for comparison.`];
}

/** Each pair is listed once; ties count for neither side, so the other way round is 1 − p at most. */
function probabilityCheaper(pairs: readonly Pair[], a: string, b: string): string | null {
  const pair = pairs.find((candidate) => candidate.a === a && candidate.b === b);
  if (pair !== undefined) return pair.probability_a_cheaper;
  const reversed = pairs.find((candidate) => candidate.a === b && candidate.b === a);
  return reversed === undefined ? null : new Decimal(1).minus(reversed.probability_a_cheaper).toFixed();
}

function monthsText({ months }: ComputedTier): string {
  return months.length === 1 ? 'the month' : `${months.length} months`;
}
