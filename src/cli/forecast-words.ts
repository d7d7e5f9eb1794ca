import type { Forecast, Pair, PredictabilityCheck, TierForecast } from '../core/forecast/result.ts';
import { countText, moneyRange, percentText, shortMoneyText, toleranceText } from './figures.ts';

export type ComputedTier = Extract<TierForecast, { months: readonly unknown[] }>;

export function computedTiers({ tiers }: Forecast): readonly ComputedTier[] {
  return tiers.flatMap((tier) => (tier.months === null ? [] : [tier]));
}

/** `OpenRouter`; the id itself where it is none of the forecast's. */
export function labelOf({ tiers }: Forecast, id: string): string {
  return tiers.find((tier) => tier.id === id)?.label ?? id;
}

/** What the comparison says, a sentence or two each: the cheapest tier, then each tier with machines against the baseline. */
export function comparisonSentences(forecast: Forecast, machines: ReadonlySet<string>): readonly string[] {
  const { ranking, baseline, pairs } = forecast.comparison;
  const cheapest = computedTiers(forecast).find(({ id }) => id === ranking[0]);
  const months = computedTiers(forecast)[0]?.months.length ?? 0;
  const sentences: string[] = [];
  if (cheapest !== undefined && ranking.length > 1) {
    const { p50, p10, p90 } = cheapest.total.full;
    const { currency } = forecast;
    sentences.push(
      `Cheapest on average over ${monthsText(months)}: ${cheapest.label}, ${shortMoneyText(p50, currency)} in the middle case (P10 to P90 ${moneyRange(p10, p90, currency)}).`,
    );
  }
  for (const pair of pairs) {
    if (baseline !== pair.b && baseline !== pair.a) continue;
    const other = pair.a === baseline ? pair.b : pair.a;
    if (machines.has(other)) sentences.push(pairInWords(forecast, pair, other));
  }
  return sentences;
}

/** For each tier that cannot promise its bill, or else its full cost: where the spread comes from, and what would settle it. */
export function spreadSentences(tiers: readonly ComputedTier[]): readonly string[] {
  return tiers.flatMap(({ label, predictability: { bill, full } }) => {
    const open = (check: PredictabilityCheck): boolean => check.would_hold_if.length > 0;
    const check = open(bill) ? bill : open(full) ? full : null;
    if (check === null) return [];
    const drivers = check.drivers
      .slice(0, 3)
      .filter(({ share }) => Number(share) >= 0.01)
      .map((driver) => `${driver.label} ${percentText(String(Math.min(1, Number(driver.share))))}`);
    const levers = check.would_hold_if.slice(0, 2).join('; or if ');
    return [
      `${label}, ${check === bill ? 'bill' : 'full cost'}: ${toleranceText(check.tolerance)} would hold if ${levers}. Its spread comes from ${drivers.join(', ')}.`,
    ];
  });
}

/** What is known of the past: the month under way, the same as last month, and what closed months made of the bands. */
export function pastSentences(forecast: Forecast, chosen: readonly ComputedTier[]): readonly string[] {
  return [...underWaySentences(forecast), ...lastMonthSentences(forecast), ...recordSentences(forecast, chosen)];
}

function underWaySentences(forecast: Forecast): readonly string[] {
  return (forecast.under_way ?? []).map((now) => {
    const text = (amount: string): string =>
      now.tier === undefined ? countText(amount) : shortMoneyText(amount, forecast.currency);
    const subject = now.tier === undefined ? `${now.workload}, requests` : `${labelOf(forecast, now.tier)}, bill`;
    const over =
      now.probability_over === null
        ? ''
        : `; more than 10 % above it with ${percentText(now.probability_over)}${now.warns ? ': early warning' : ''}`;
    return `${subject}: ${now.month} comes to ${text(now.p50)} after ${text(now.so_far)} up to ${now.through} (P10 ${text(now.p10)}, P90 ${text(now.p90)}; at the rate so far ${text(now.run_rate)}). Its forecast was ${text(now.forecast)}${over}.`;
  });
}

function lastMonthSentences(forecast: Forecast): readonly string[] {
  const known = computedTiers(forecast).flatMap(({ label, same_as_last_month: again }) =>
    again?.bill ? [{ label, ...again.bill }] : [],
  );
  const [first] = known;
  if (first === undefined) return [];
  const amounts = known.map(({ label, amount }) => `${label} ${shortMoneyText(amount, forecast.currency)}`).join(', ');
  const what =
    first.from === 'history'
      ? `the requests of ${first.month} at the prices of ${forecast.from}`
      : `the bill of ${first.month}`;
  return [`The same as last month (${what}): ${amounts}. That is what a forecast has to beat.`];
}

function recordSentences({ currency, from }: Forecast, chosen: readonly ComputedTier[]): readonly string[] {
  return chosen.flatMap(({ label, predictability: { bill } }) => {
    if (bill.record === undefined) return [];
    const { says, recalibrated } = bill.record;
    return [
      `${label}, bill: ${says}. After them the bill of ${from} lies in ${moneyRange(recalibrated.p10, recalibrated.p90, currency)} eight times in ten.`,
    ];
  });
}

/** `other` is the tier with machines; the pair may hold it on either side. */
function pairInWords(forecast: Forecast, pair: Pair, other: string): string {
  const isFirst = pair.a === other;
  const against = labelOf(forecast, isFirst ? pair.b : pair.a);
  const cheaper = isFirst ? pair.probability_a_cheaper : String(1 - Number(pair.probability_a_cheaper));
  const { p10, p50, p90 } = pair.difference;
  const [low, middle, high] = isFirst ? [p10, p50, p90] : [negated(p90), negated(p50), negated(p10)];
  const amounts = `${savedText(middle, forecast.currency)} in the middle case (${savedText(low, forecast.currency)} at P10, ${savedText(high, forecast.currency)} at P90)`;
  const first = `${labelOf(forecast, other)} against ${against}: cheaper in ${percentText(cheaper)} of the futures; ${amounts}.`;
  return [first, ...(isFirst ? breakEvenSentences(forecast, pair) : []), ...equalCostSentences(forecast, pair)].join(
    ' ',
  );
}

/** Of the pair's first tier: when what it has cost falls to what the second has. */
function breakEvenSentences(forecast: Forecast, { break_even }: Pair): readonly string[] {
  const { month, p10, p90, never_probability, capex_payback_months } = break_even;
  const never = Number(never_probability);
  const neverText = `within ${monthsText(computedTiers(forecast)[0]?.months.length ?? 0)}`;
  const sentences: string[] = [];
  if (never >= 1) sentences.push(`It never breaks even on cash ${neverText}.`);
  else {
    const middle =
      month === null
        ? `It does not break even on cash ${neverText} in the base case`
        : `It breaks even on cash in ${month} in the base case`;
    const early = p10 === null ? '' : `${p10} at P10, `;
    const late = p90 === null ? 'not within the horizon at P90' : `${p90} at P90`;
    const share = never > 0 ? `; never in ${percentText(never_probability)} of the futures` : '';
    sentences.push(`${middle} (${early}${late}${share}).`);
  }
  if (capex_payback_months !== null) sentences.push(`The purchase is paid back in ${capex_payback_months} months.`);
  return sentences;
}

function equalCostSentences(forecast: Forecast, { a, b, break_even: { monthly_tokens } }: Pair): readonly string[] {
  if (monthly_tokens === null) return [];
  return [
    `${labelOf(forecast, a)} and ${labelOf(forecast, b)} cost the same at ${countText(monthly_tokens)} tokens a month.`,
  ];
}

function savedText(difference: string, currency: string): string {
  const amount = shortMoneyText(difference.replace(/^-/, ''), currency);
  return `${amount} ${difference.startsWith('-') ? 'less' : 'more'}`;
}

function negated(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

export function monthsText(count: number): string {
  return count === 1 ? '1 month' : `${count} months`;
}
