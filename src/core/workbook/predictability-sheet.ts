import { Decimal } from 'decimal.js';
import type { PredictabilityCheck } from '../forecast/result.ts';
import { monthColumn } from './addresses.ts';
import type { Book, ShownTier } from './book.ts';
import type { Draft } from './draft.ts';
import { openDraft, putHeading, putNumber, putText } from './draft.ts';

type Judged = { readonly label: string; readonly check: PredictabilityCheck };

/**
 * Can next month be forecast within the tolerance? One line a tier and perimeter, all static figures of the service (§).
 * The months' columns hold the probability as it falls with the months ahead.
 */
export function layOutPredictability(book: Book): Draft {
  const draft = openDraft('Predictability');
  const { formats, tiers } = book;
  const judged = tiers.flatMap(judgedOf);
  const [any] = judged;
  const percent = (value: string): string => `${new Decimal(value).times(100).toFixed()} %`;
  const promise =
    any === undefined ? '' : `within ±${percent(any.check.tolerance)}, in ${percent(any.check.confidence)} of months`;

  putHeading(draft, `§ Next month ${promise}`, {
    3: 'Verdict',
    4: 'Rating',
    5: 'Probability',
    6: 'Safety factor',
    7: 'Evidence',
    8: 'Tightest ±',
    10: 'Months ahead',
  });
  for (const { label, check } of judged) {
    const row = draft.next++;
    putText(draft, row, 2, label, 'label');
    putText(draft, row, 3, check.verdict ?? `none: ${reasonText(check)}`, 'static');
    putText(draft, row, 4, check.rating ?? '–', 'static');
    putFigure(draft, row, 5, check.probability, check, formats.percent);
    putFigure(draft, row, 6, check.safety_factor, check, '0.00');
    putFigure(draft, row, 7, check.evidence, check, formats.percent);
    putFigure(draft, row, 8, check.tightest_tolerance, check, formats.percent);
    for (const { months_ahead, probability } of check.by_horizon)
      putFigure(draft, row, monthColumn(months_ahead), probability, check, formats.percent);
  }
  draft.next++;

  const tolerances = any?.check.by_tolerance.map(({ tolerance }) => `±${percent(tolerance)}`) ?? [];
  putHeading(
    draft,
    '§ Probability that next month is within',
    Object.fromEntries(tolerances.map((tolerance, i) => [5 + i, tolerance])),
  );
  for (const { label, check } of judged) {
    const row = draft.next++;
    putText(draft, row, 2, label, 'label');
    for (const [i, { probability }] of check.by_tolerance.entries())
      putFigure(draft, row, 5 + i, probability, check, formats.percent);
  }
  for (const [i, tolerance] of tolerances.entries()) {
    draft.next++;
    putHeading(draft, `§ Probability within ${tolerance}, by months ahead`, {});
    for (const { label, check } of judged) {
      const row = draft.next++;
      putText(draft, row, 2, label, 'label');
      for (const { months_ahead, by_tolerance } of check.by_horizon)
        putFigure(draft, row, monthColumn(months_ahead), by_tolerance[i]?.probability ?? null, check, formats.percent);
    }
  }
  layOutPast(draft, book);
  return draft;
}

/** What is known of the past: the same as last month, and the month under way. Left out where nothing is. */
function layOutPast(draft: Draft, { tiers, forecast, formats }: Book): void {
  const known = tiers.filter((tier) => tier.forecast.same_as_last_month !== undefined);
  if (known.length > 0) {
    draft.next++;
    putHeading(draft, '§ The same as last month', { 3: 'Month', 4: 'From', 5: 'Amount', 6: 'Forecast P50' });
    for (const { label, forecast: tier } of known) {
      for (const perimeter of ['bill', 'full'] as const) {
        const again = tier.same_as_last_month?.[perimeter];
        if (!again) continue;
        const row = draft.next++;
        putText(draft, row, 2, `${label}: ${perimeter === 'bill' ? 'bill' : 'full cost'}`, 'label');
        putText(draft, row, 3, again.month, 'static');
        putText(draft, row, 4, again.from === 'bill' ? 'last bill' : 'requests', 'static');
        putNumber(draft, row, 5, new Decimal(again.amount), 'static', formats.money);
        putNumber(draft, row, 6, new Decimal(tier.months[0]?.[perimeter].p50 ?? 0), 'static', formats.money);
      }
    }
  }
  const counted = forecast.under_way ?? [];
  if (counted.length === 0) return;
  draft.next++;
  putHeading(draft, '§ The month under way', {
    3: 'Through',
    4: 'So far',
    5: 'P10',
    6: 'P50',
    7: 'P90',
    8: 'Forecast',
    9: 'P(> 1.1 × forecast)',
  });
  for (const now of counted) {
    const row = draft.next++;
    const format = now.tier === undefined ? '#,##0' : formats.money;
    putText(draft, row, 2, now.workload === undefined ? `${now.tier}: bill` : `${now.workload}: requests`, 'label');
    putText(draft, row, 3, now.through, 'static');
    for (const [i, figure] of [now.so_far, now.p10, now.p50, now.p90, now.forecast].entries())
      putNumber(draft, row, 4 + i, new Decimal(figure), 'static', format);
    if (now.probability_over !== null)
      putNumber(draft, row, 9, new Decimal(now.probability_over), 'static', formats.percent);
  }
}

function judgedOf({ label, forecast }: ShownTier): readonly Judged[] {
  return [
    { label: `${label}: bill`, check: forecast.predictability.bill },
    { label: `${label}: full cost`, check: forecast.predictability.full },
  ];
}

function putFigure(
  draft: Draft,
  row: number,
  column: number,
  value: string | null,
  check: PredictabilityCheck,
  format: string,
): void {
  if (value === null) putText(draft, row, column, reasonText(check), 'static');
  else putNumber(draft, row, column, new Decimal(value), 'static', format);
}

function reasonText({ reason }: PredictabilityCheck): string {
  if (reason === 'does-not-vary') return 'does not vary';
  return reason === 'no-cost' ? 'no cost' : '–';
}
