import { format } from 'date-fns/format';
import { parseISO } from 'date-fns/parseISO';
import { Decimal } from 'decimal.js';
import type { Verdict } from '../forecast/result.ts';
import type { Book, ShownTier } from './book.ts';

/** The answer in sentences, as the service computed it: what costs least and how sure, and what can be promised for next month. */
export function answerOf(book: Book): readonly string[] {
  const { forecast, tiers, scenario, months } = book;
  const ranked = rankedTiers(book);
  const [best, second] = ranked;
  if (best === undefined) return ['No tier could be computed; the reasons stand below.'];
  const amount = (text: string): string => `${scenario.currency} ${whole(text)}`;
  const { full } = best.forecast.total;
  const baseline = tiers.find(({ id }) => id === forecast.comparison.baseline);
  const others = [...new Set([second, baseline])].filter((tier) => tier !== undefined && tier !== best) as ShownTier[];
  const beside = others.map(
    (tier) => `${tier.label}${tier === baseline ? ' (the baseline)' : ''} ${amount(tier.forecast.total.full.mean)}`,
  );
  return [
    `Over ${months} ${months === 1 ? 'month' : 'months'} from ${monthText(forecast.from)}, ${best.label} costs least: ${amount(full.mean)} at full cost as the mean of all draws, nine times in ten between ${whole(full.p5)} and ${whole(full.p95)} (base case ${whole(full.base)}).`,
    ...(beside.length > 0 ? [`Beside it: ${beside.join(', ')}.`] : []),
    promiseOf(book, ranked),
  ];
}

/** Computed tiers, least mean full cost first. */
export function rankedTiers({ tiers, forecast }: Book): readonly ShownTier[] {
  return forecast.comparison.ranking.flatMap((id) => tiers.filter((tier) => tier.id === id));
}

/** `January 2027` */
export function monthText(month: string): string {
  return format(parseISO(`${month}-01`), 'LLLL yyyy');
}

function promiseOf({ scenario }: Book, ranked: readonly ShownTier[]): string {
  const percent = (value: Decimal): string => `${value.times(100).toFixed()} %`;
  const { tolerance, confidence } = scenario.predictability;
  const with_ = (verdict: Verdict | null): string =>
    ranked
      .filter(({ forecast }) => forecast.predictability.bill.verdict === verdict)
      .map(({ label }) => label)
      .join(', ');
  const groups = (
    [
      ['yes', 'holds'],
      ['no', 'does not hold'],
      ['not enough evidence', 'not enough evidence'],
    ] as const
  ).flatMap(([word, verdict]) => {
    const labels = with_(verdict);
    return labels === '' ? [] : [`${word}: ${labels}`];
  });
  return `Can next month's bill be forecast within ±${percent(tolerance)}, in ${percent(confidence)} of months? ${capital(groups.join('; '))}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function whole(text: string): string {
  return new Decimal(text).toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
}
