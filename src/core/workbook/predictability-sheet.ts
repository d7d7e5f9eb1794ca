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
  return draft;
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
