import { meanOf } from './bands.ts';
import type { Drift, Spread } from './calibration.ts';
import { safetyFactorFor } from './calibration.ts';
import type { DriverGroup } from './drivers.ts';
import { computeLevers } from './levers.ts';
import type { Perimeter } from './result.ts';
import { evidenceToHold, judgePredictability } from './verdict.ts';

export type HoldQuestion = {
  readonly perimeter: Perimeter;
  readonly draws: Float64Array;
  readonly tolerance: number;
  readonly confidence: number;
  readonly spread: Spread;
  readonly pitScores: readonly number[];
  /** Where it is drift alone that keeps the promise from holding. */
  readonly drift: Drift | null;
  /** What can be agreed with whoever sends the bill. */
  readonly agreeable: ReadonlySet<'cap' | 'commitment'>;
  /** Draws with one input held at its base. */
  readonly fixed: readonly { readonly group: DriverGroup; readonly draws: Float64Array }[];
  /** An amount with its currency: `1,234.50 USD`. */
  readonly money: (amount: number) => string;
};

/**
 * What would make a promise hold that does not hold yet, in sentences that complete "it would hold if …". Each lever is
 * sized so that the evidence reaches 0.90, bills so far included: without a bill it has to bear 1.94 times the modelled
 * spread, after twelve good ones 1.31. Prices are those of the draws as they are. Caps and commitments exist for invoices,
 * so they are named on the bill alone, and only where its cost models say that somebody sells them.
 */
export function computeWouldHoldIf(question: HoldQuestion): readonly string[] {
  const { perimeter, draws, tolerance, confidence, spread, drift, agreeable, money } = question;
  if (drift !== null) return [withoutDrift(drift)];
  const levers = computeLevers({
    draws,
    tolerance,
    confidence,
    stretch: safetyFactorFor(evidenceToHold, spread),
  });
  if (levers === null) return [];
  const { cap, commitment, fixedPart, expectedBill } = levers;
  const mean = money(expectedBill);
  return [
    ...fixedInputs(question),
    ...(perimeter === 'bill' && agreeable.has('cap')
      ? [
          `a hard cap of ${money(cap.limit)} a month refused what goes beyond it: ${money(cap.expectedUnserved)} a month on average, of ${mean} asked for`,
        ]
      : []),
    ...(perimeter === 'bill' && agreeable.has('commitment')
      ? [
          `a commitment of ${money(commitment.amount)} a month was paid whatever the use: ${money(commitment.expectedBill)} a month on average instead of ${mean}`,
        ]
      : []),
    ...(fixedPart.share > 0
      ? [
          `${percent(fixedPart.share)} of it were a fixed cost, about ${money(fixedPart.amount)} a month, and only the rest followed what varies now`,
        ]
      : []),
  ];
}

/** Inputs that, were they known, would settle it alone: the nearest to a cure, so they come first. */
function fixedInputs({ draws, fixed, tolerance, confidence, pitScores, money }: HoldQuestion): readonly string[] {
  return fixed.flatMap(({ group, draws: settled }) => {
    const { verdict, probability } = judgePredictability({ draws: settled, tolerance, confidence, pitScores });
    if (verdict !== 'holds' || probability === null) return [];
    return [
      `this were fixed: ${group.label} (${percent(probability)} of the months would hit, at ${money(meanOf(settled))} a month on average instead of ${money(meanOf(draws))})`,
    ];
  });
}

/** No lever mends a forecast that runs behind: it has to catch up first. */
function withoutDrift({ mean }: Drift): string {
  const side = mean > 0 ? 'above' : 'below';
  return `months no longer ended on one side of their forecast: so far they lay ${percent(Math.abs(Math.expm1(mean)))} ${side} it on average`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
