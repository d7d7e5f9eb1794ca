import { shareError } from '../sampling/binomial.ts';
import { normalCdf } from '../sampling/normal.ts';
import type { QuantileScratch } from '../sampling/quantiles.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Drift } from './calibration.ts';
import { learnDrift, learnSpread, summariseRecord } from './calibration.ts';
import type { DriverShare } from './drivers.ts';
import type { MoneyText } from './figures.ts';
import { shareText, sixDigits } from './figures.ts';
import type { CheckRecord, Driver, Perimeter, PredictabilityCheck } from './result.ts';
import type { TierDrivers } from './tier-drivers.ts';
import { judgePredictability, probabilitiesWithin, shownTolerances } from './verdict.ts';
import { computeWouldHoldIf } from './would-hold-if.ts';

/** A closed month against its forecast: z = Φ⁻¹ of its place among the draws, ln(A/F), and whether it hit. */
export type Score = { readonly month: string; readonly z: number; readonly error: number; readonly hit: boolean };

/** What is known of how well earlier forecasts did, each month once; errors of the back-tested ones are those of the bill they would have made. */
export type PastScores = { readonly bills: readonly Score[]; readonly backtested: readonly Score[] };

export type CheckQuestion = {
  readonly perimeter: Perimeter;
  readonly monthly: readonly Float64Array[];
  readonly total: Float64Array;
  readonly drivers: TierDrivers;
  readonly agreeable: readonly ('cap' | 'commitment')[];
  readonly past: PastScores;
  readonly terms: Scenario['predictability'];
  readonly currency: string;
  readonly money: MoneyText;
  readonly scratch: QuantileScratch;
};

/** The whole answer about one tier and perimeter, as it leaves the service. */
export function checkPredictability(question: CheckQuestion): PredictabilityCheck {
  const { perimeter, monthly, total, drivers, past, terms, money, scratch } = question;
  const tolerance = terms.tolerance.toNumber();
  const confidence = terms.confidence.toNumber();
  const draws = monthly[0] as Float64Array;
  const scores = [...past.bills, ...past.backtested];
  const pitScores = scores.map(({ z }) => z);
  const drift = learnDrift(scores.map(({ error }) => error));
  const answer = judgePredictability({ draws, tolerance, confidence, pitScores, drift });
  const optional = (value: number | null, write: (value: number) => string): string | null =>
    value === null ? null : write(value);
  const hitsOf = (column: Float64Array): Pick<PredictabilityCheck, 'probability' | 'by_tolerance'> => {
    const [asked = null, ...shown] = probabilitiesWithin(column, [tolerance, ...shownTolerances], scratch);
    return {
      probability: optional(asked, shareText),
      by_tolerance: shownTolerances.map((other, i) => ({
        tolerance: shareText(other),
        probability: optional(shown[i] ?? null, shareText),
      })),
    };
  };
  return {
    tolerance: terms.tolerance.toFixed(),
    confidence: terms.confidence.toFixed(),
    probability: optional(answer.probability, shareText),
    probability_error: optional(answer.probability, (share) => shareText(shareError(share, draws.length))),
    safety_factor: optional(answer.safetyFactor, sixDigits),
    evidence: optional(answer.evidence, shareText),
    verdict: answer.verdict,
    rating: answer.rating,
    tightest_tolerance: optional(answer.tightestTolerance, shareText),
    by_horizon: monthly.slice(0, 12).map((column, m) => ({ months_ahead: m + 1, ...hitsOf(column) })),
    by_tolerance: hitsOf(draws).by_tolerance,
    horizon: {
      ...hitsOf(total),
      drivers: drivers.horizon.map(driverText),
      tornado: drivers.tornado.map(({ group: { input, label }, low, high }) => ({
        input,
        label,
        low: money(low),
        high: money(high),
      })),
    },
    drivers: drivers.month.map(driverText),
    would_hold_if:
      answer.verdict === null || answer.verdict === 'holds'
        ? []
        : computeWouldHoldIf({
            perimeter,
            draws,
            tolerance,
            confidence,
            pitScores,
            drift: answer.withheld ? drift : null,
            spread: learnSpread(pitScores),
            agreeable: new Set(question.agreeable),
            fixed: drivers.fixed,
            money: (amount) => `${withThousands(money(amount))} ${question.currency}`,
          }),
    ...(pitScores.length > 0 &&
      answer.verdict !== null && { record: recordOf(question, draws, drift, answer.withheld) }),
    ...(answer.reason !== null && { reason: answer.reason }),
  };
}

function driverText({ group: { input, label }, share, error }: DriverShare): Driver {
  return { input, label, share: shareText(share), error: shareText(1.96 * error) };
}

function recordOf(
  { past, terms, money, scratch }: CheckQuestion,
  draws: Float64Array,
  drift: Drift | null,
  withheld: boolean,
): CheckRecord {
  const scores = [...past.bills, ...past.backtested];
  const known = summariseRecord(scores);
  const band = (multiplier: number | null): { low: string; high: string } | null => {
    if (multiplier === null) return null;
    const [low, high] = quantilesOf(draws, [normalCdf(-multiplier), normalCdf(multiplier)], scratch).map(money);
    return { low: low as string, high: high as string };
  };
  const [within80, within95] = [band(known.multiplier80), band(known.multiplier95)];
  return {
    bills: past.bills.length,
    backtested_months: past.backtested.length,
    spread: sixDigits(Math.sqrt(known.spread.variance)),
    inside_80: known.insideBand,
    expected_inside_80: known.acceptedInside,
    drift:
      drift === null
        ? null
        : {
            mean_error: sixDigits(Math.expm1(drift.mean)),
            far_end: sixDigits(Math.expm1(drift.farEnd)),
            withholds: withheld,
          },
    too_narrow_p: known.tooNarrow === null ? null : shareText(known.tooNarrow),
    recalibrated: {
      p2_5: within95?.low ?? '',
      p10: within80?.low ?? '',
      p90: within80?.high ?? '',
      p97_5: within95?.high ?? '',
    },
    conformal: { within_80: band(known.conformal80), within_90: band(known.conformal90) },
    says: sentenceOf(past, terms.tolerance.toNumber()),
  };
}

/** "5 of 6 bills within ±10 %; 14 of 18 months of history as well." Stands beside the verdict; it is not its basis. */
function sentenceOf({ bills, backtested }: PastScores, tolerance: number): string {
  const within = `within ±${Number((100 * tolerance).toPrecision(6))} %`;
  const hits = (scores: readonly Score[]): string => `${scores.filter(({ hit }) => hit).length} of ${scores.length}`;
  return [
    ...(bills.length > 0 ? [`${hits(bills)} ${bills.length === 1 ? 'bill' : 'bills'} ${within}`] : []),
    ...(backtested.length > 0
      ? [`${hits(backtested)} months of demand, each forecast from the history before it, ${within}`]
      : []),
  ].join('; ');
}

function withThousands(amount: string): string {
  const [whole = '', ...rest] = amount.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.');
}
