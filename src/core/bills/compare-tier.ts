import type { Decimal } from 'decimal.js';
import { pitScore } from '../forecast/calibration.ts';
import { moneyWith, shareText, sixDigits } from '../forecast/figures.ts';
import { Exact } from '../formula/values.ts';
import type { LeftOut } from './actual-spend.ts';
import type { RowAnswer } from './bridge-rows.ts';
import { bridgeEffects, computeBridgeRows } from './bridge-rows.ts';
import { fixedNotes, placeOf, priceDifferences, stepLabels, usageNotes } from './compare-words.ts';
import type { BridgeRow, ComparedLine, FullComparison, StepEffect, TierComparison, UnitCost } from './comparison.ts';
import type { FixedFigures } from './fixed-lines.ts';
import { matchFixed } from './fixed-lines.ts';
import { raiseFlags } from './flags.ts';
import type { ForecastLine } from './forecast-lines.ts';
import type { TierQuestion } from './tier-terms.ts';
import { figure, inMoney, providersOf, readTerms, rowQuestion, sum } from './tier-terms.ts';
import type { ClosedMonth } from './track-record.ts';
import { summariseMonths } from './track-record.ts';
import type { UsageLine } from './usage-lines.ts';

/**
 * One tier's frozen forecast of a month against the bills of that month. Every figure of the answer is rounded to 15
 * digits before it is used, so that a spreadsheet that reads the answer comes to the same cent.
 */
export function compareTier(question: TierQuestion): TierComparison {
  const { bill, lines, minorUnits, tolerance, frozen } = question;
  const money = moneyWith(minorUnits);
  const terms = readTerms(question);
  const rows = terms.rows.map((row) => rowQuestion(row, terms));
  const answers = computeBridgeRows(
    rows.map(({ base, cells }) => ({ base, cells })),
    minorUnits,
  );
  const fixed = matchFixed(
    lines.filter(
      ({ kind, perimeter, provider }) =>
        perimeter === 'bill' && (kind === 'fixed' || (kind === 'fee' && !terms.fees.has(provider ?? ''))),
    ),
    terms.items,
    (amount, currency) => inMoney(question, amount, currency),
  ).map((line) => ({ ...line, actual: line.actual.toDecimalPlaces(minorUnits, Exact.ROUND_HALF_UP) }));
  const p50 = new Exact(bill.p50);
  const base = sum([...rows.map((row) => row.base), ...fixed.map((line) => line.forecast)]);
  const actual = sum([...answers.map((answer) => answer.actual), ...fixed.map((line) => line.actual)]);
  const variance = actual.minus(p50);
  const scored = frozen && p50.gt(0);
  const z = scored ? pitScore(question.draws.bill, actual.toNumber()) : null;
  const hit = scored ? variance.abs().lte(p50.times(tolerance)) : null;
  const reason = p50.gt(0) ? (frozen ? null : 'not-frozen') : 'no-cost';
  const stepOf = (effect: (typeof bridgeEffects)[number]): Decimal =>
    sum(answers.map(({ effects }) => effects[effect])).plus(
      effect === 'fixed' ? sum(fixed.map((line) => line.actual.minus(line.forecast))) : 0,
    );
  const bridge: readonly (readonly [StepEffect, Decimal])[] = [
    ['range', base.minus(p50)],
    ...bridgeEffects.map((effect) => [effect, stepOf(effect)] as const),
  ];
  const closed: readonly ClosedMonth[] =
    z === null || hit === null || !question.final
      ? []
      : [
          {
            period: question.period,
            tier: question.id,
            perimeter: 'bill',
            forecast: bill.p50,
            actual: money(actual),
            hit,
            z,
          },
        ];
  const earlier = question.earlier.filter(({ perimeter }) => perimeter === 'bill');
  return {
    id: question.id,
    label: question.label,
    status: question.final ? 'final' : 'provisional',
    forecast: { p50: bill.p50, base: money(base), p5: bill.p5, p10: bill.p10, p90: bill.p90, p95: bill.p95 },
    actual: money(actual),
    variance: money(variance),
    variance_share: p50.gt(0) ? shareText(variance.div(p50).toNumber()) : null,
    accuracy: p50.gt(0) ? shareText(new Exact(1).minus(variance.abs().div(p50)).toNumber()) : null,
    tolerance: tolerance.toFixed(),
    hit,
    place: z === null ? null : placeOf(z),
    ...(reason !== null && { reason }),
    bridge: bridge.map(([effect, amount]) => ({ effect, label: stepLabels[effect], amount: money(amount) })),
    rows: [
      ...rows.map(({ id, label }, i) => rowText(id, label, answers[i] as RowAnswer, money)),
      ...fixed.map((line) => fixedRow(line, money)),
    ],
    lines: rows.flatMap((row) => row.lines.map(lineText)),
    spend: rows.flatMap((row) => row.spend),
    fixed: fixed.map((line) => ({
      id: line.id,
      label: line.label,
      forecast: money(line.forecast),
      actual: money(line.actual),
      from: line.from,
      unit: line.unit,
      forecast_quantity: line.forecastQuantity === null ? null : figure(line.forecastQuantity),
      actual_quantity: line.actualQuantity === null ? null : figure(line.actualQuantity),
    })),
    left_out: leftOutOf(question, lines),
    unit_cost: {
      forecast: unitCost(base, tokensOf(terms.lines, 'forecast')),
      actual: unitCost(actual, tokensOf(terms.lines, 'actual')),
    },
    flags: raiseFlags({
      z,
      earlier: earlier.map((month) => month.z),
      residual: stepOf('residual'),
      bill: actual,
      currency: question.currency,
      prices: priceDifferences(terms.lines),
    }),
    record: summariseMonths([...earlier, ...closed], tolerance.toFixed()),
    full: fullOf(question, actual, money),
    notes: [...terms.notes, ...usageNotes(terms.lines), ...fixedNotes(fixed)],
  };

  function rowText(id: string, label: string, answer: RowAnswer, write: typeof money): BridgeRow {
    const effects = Object.fromEntries(bridgeEffects.map((effect) => [effect, write(answer.effects[effect])]));
    return {
      id,
      label,
      base: write(answer.base),
      effects: effects as BridgeRow['effects'],
      actual: write(answer.actual),
    };
  }
}

function lineText({
  row,
  provider,
  model,
  meter,
  unit,
  currency,
  forecast,
  actual,
  notes,
}: UsageLine & { readonly currency: string }): ComparedLine {
  const text = ({ quantity, price, rate }: UsageLine['forecast']): ComparedLine['forecast'] => ({
    quantity: figure(quantity),
    price: figure(price),
    rate: figure(rate),
  });
  return { row, provider, model, meter, unit, currency, forecast: text(forecast), actual: text(actual), notes };
}

function fixedRow({ id, label, forecast, actual }: FixedFigures, money: (amount: Decimal) => string): BridgeRow {
  const none = money(new Exact(0));
  const effects = Object.fromEntries(bridgeEffects.map((effect) => [effect, none])) as BridgeRow['effects'];
  return {
    id: `fixed.${id}`,
    label,
    base: money(forecast),
    effects: { ...effects, fixed: money(actual.minus(forecast)) },
    actual: money(actual),
  };
}

/** The full cost adds people, capital and repairs: hours as timesheets say, the rest as forecast. */
function fullOf(question: TierQuestion, billed: Decimal, money: (amount: Decimal) => string): FullComparison {
  const { full, lines, spend, draws, tolerance, frozen, minorUnits } = question;
  const beyond = matchFixed(
    lines.filter(({ perimeter }) => perimeter === 'full'),
    spend.items.filter(({ kind, unit }) => kind === 'local' && unit === 'h'),
    (amount, currency) => inMoney(question, amount, currency),
  );
  const forecast = new Exact(full.p50);
  const reason = !frozen
    ? 'not-frozen'
    : forecast.lte(0)
      ? 'no-cost'
      : beyond.some(({ unit, from }) => unit === 'h' && from === 'forecast')
        ? 'no-timesheet'
        : null;
  if (reason !== null) return { forecast: full.p50, actual: null, reason };
  const actual = billed.plus(sum(beyond.map((line) => line.actual))).toDecimalPlaces(minorUnits, Exact.ROUND_HALF_UP);
  return {
    forecast: full.p50,
    actual: money(actual),
    hit: actual.minus(forecast).abs().lte(forecast.times(tolerance)),
    place: placeOf(pitScore(draws.full, actual.toNumber())),
  };
}

function leftOutOf({ spend }: TierQuestion, lines: readonly ForecastLine[]): TierComparison['left_out'] {
  const providers = providersOf(lines);
  const credited = new Set(
    lines.flatMap(({ provider, amount, kind }) => (kind === 'fixed' && amount.lt(0) ? (provider ?? []) : [])),
  );
  return spend.leftOut.flatMap(({ provider, currency, tax, credits, prepayments }: LeftOut) => {
    if (!providers.has(provider)) return [];
    const shown = credited.has(provider) ? new Exact(0) : credits;
    return [{ provider, currency, tax: tax.toFixed(), credits: shown.toFixed(), prepayments: prepayments.toFixed() }];
  });
}

function unitCost(cost: Decimal, tokens: Decimal): UnitCost {
  if (!tokens.gt(0)) return { per_million_tokens: null, million_tokens: null, reason: 'no-tokens' };
  return { per_million_tokens: sixDigits(cost.div(tokens)), million_tokens: figure(tokens) };
}

function tokensOf(lines: readonly UsageLine[], side: 'forecast' | 'actual'): Decimal {
  return sum(lines.flatMap((line) => (line.unit === 'Mtok' ? [line[side].quantity] : [])));
}
