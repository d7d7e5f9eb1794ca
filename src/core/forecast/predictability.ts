import { shareError } from '../sampling/binomial.ts';
import { normalCdf } from '../sampling/normal.ts';
import type { QuantileScratch } from '../sampling/quantiles.ts';
import { quantilesOf } from '../sampling/quantiles.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { learnSpread, summariseRecord } from './calibration.ts';
import type { DriverShare } from './drivers.ts';
import type { MoneyText } from './figures.ts';
import { shareText, sixDigits } from './figures.ts';
import type { CheckRecord, Driver, Perimeter, PredictabilityCheck } from './result.ts';
import type { TierDrivers } from './tier-drivers.ts';
import { judgePredictability, probabilitiesByTolerance, probabilityOfHit } from './verdict.ts';
import { computeWouldHoldIf } from './would-hold-if.ts';

/** A closed month against its forecast: z = Φ⁻¹ of its place among the draws, and whether it hit. */
export type Score = { readonly z: number; readonly hit: boolean };

/** What is known of how well earlier forecasts did. */
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
  const pitScores = [...past.bills, ...past.backtested].map(({ z }) => z);
  const answer = judgePredictability({ draws, tolerance, confidence, pitScores });
  const optional = (value: number | null, write: (value: number) => string): string | null =>
    value === null ? null : write(value);
  const side = (list: ReturnType<typeof probabilitiesByTolerance>): PredictabilityCheck['by_tolerance'] =>
    list.map(({ tolerance: shown, probability }) => ({
      tolerance: shareText(shown),
      probability: optional(probability, shareText),
    }));
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
    by_horizon: monthly.slice(0, 12).map((column, m) => ({
      months_ahead: m + 1,
      probability: optional(probabilityOfHit(column, tolerance, scratch), shareText),
    })),
    by_tolerance: side(answer.byTolerance),
    horizon: {
      probability: optional(probabilityOfHit(total, tolerance, scratch), shareText),
      by_tolerance: side(probabilitiesByTolerance(total, scratch)),
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
            spread: learnSpread(pitScores),
            agreeable: new Set(question.agreeable),
            fixed: drivers.fixed,
            money: (amount) => `${withThousands(money(amount))} ${question.currency}`,
          }),
    ...(pitScores.length > 0 && answer.verdict !== null && { record: recordOf(question, draws, tolerance) }),
    ...(answer.reason !== null && { reason: answer.reason }),
  };
}

function driverText({ group: { input, label }, share, error }: DriverShare): Driver {
  return { input, label, share: shareText(share), error: shareText(1.96 * error) };
}

function recordOf({ past, money, scratch }: CheckQuestion, draws: Float64Array, tolerance: number): CheckRecord {
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
    too_narrow_p: known.tooNarrow === null ? null : shareText(known.tooNarrow),
    recalibrated: {
      p2_5: within95?.low ?? '',
      p10: within80?.low ?? '',
      p90: within80?.high ?? '',
      p97_5: within95?.high ?? '',
    },
    conformal: { within_80: band(known.conformal80), within_90: band(known.conformal90) },
    says: sentenceOf(past, tolerance),
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
