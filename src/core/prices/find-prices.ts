import { Decimal } from 'decimal.js';
import { withTermsKnownOn } from './known-terms.ts';
import { rowsBehind } from './mean-prices.ts';
import type { Meter } from './meters.ts';
import { billingChoices, isMeter, METER_IDS, METERS } from './meters.ts';
import type { PriceProblem } from './model-id.ts';
import { findModelId, judgeUnknownModel } from './model-id.ts';
import type { MonthlyPrice } from './monthly-price.ts';
import { toMonthlyPrice } from './monthly-price.ts';
import type { MultiplierRow, PriceBook, PricedModel, PriceRow, StatedPrice } from './price.ts';
import { holdsOn, isFor, rowInForce, rowsKnownOn } from './price.ts';
import type { BusyHours } from './utc-hours.ts';

export type PriceWarning = {
  readonly code:
    | 'price-known-later'
    | 'price-changes-mid-month'
    | 'price-doubtful'
    | 'model-deprecated'
    | 'price-stale';
  readonly provider: string;
  readonly model: string;
  readonly message: string;
};

export type FoundPrices = {
  readonly ok: true;
  readonly provider: string;
  readonly asked: string;
  /** The model id the prices belong to: show it wherever a price is shown. */
  readonly model: string;
  readonly meters: ReadonlyMap<Meter, readonly MonthlyPrice[]>;
  readonly warnings: readonly PriceWarning[];
};

export type PriceQuestion = {
  readonly provider: string;
  readonly model: string;
  /** YYYY-MM-DD: prices as known on this day. */
  readonly asOf: string;
  /** YYYY-MM. */
  readonly months: readonly string[];
  readonly overrides: readonly StatedPrice[];
  /** When the requests come, for prices by time of day; left out: evenly over the week. */
  readonly busyHours?: BusyHours | null;
};

/**
 * The prices of one model for each month. The price of a month is the one in force on its first day; a change inside a
 * month is warned of, never blended, since nobody knows on which days the requests come.
 *
 * Only the model's own id or an exact alias is priced. Anything else, a longer version of a known name included, is an
 * unknown model with suggestions, unless the scenario states prices for it.
 *
 * Rows learned after `asOf` are used only for a model of which nothing was known before, with the warning
 * `price-known-later`.
 * A stated price replaces the book's for its meter, long-context prices included, from `from` (inclusive) to `to`
 * (exclusive); of two that hold, the one that starts later counts, then the one listed later. Multipliers (batch, cache
 * writes) apply to the price so found: `batch_input` = 0.5 × a stated `input`, unless `batch_input` is stated itself.
 * A price that is stated for some hours leaves those of the other hours as they are.
 *
 * Where a price depends on the hour it is the mean over the hours in which the requests come.
 */
export function findPrices(
  book: PriceBook,
  question: PriceQuestion,
): FoundPrices | { readonly ok: false; readonly problem: PriceProblem } {
  const { provider, asOf, months, busyHours = null } = question;
  const id = findModelId(book, provider, question.model);
  const model = id === null ? undefined : book.providers.get(provider)?.models.get(id);
  const matched = id ?? question.model;
  const stated = question.overrides.filter(
    (override) =>
      override.provider === provider && (findModelId(book, provider, override.model) ?? override.model) === matched,
  );
  if ((model === undefined || model.rows.length === 0) && stated.length === 0) {
    return { ok: false, problem: judgeUnknownModel(book, provider, question.model, model) };
  }

  const rows = rowsKnownOn(model?.rows ?? [], asOf);
  const { multipliers: factors } = withTermsKnownOn(book, asOf);
  const multipliers = factors.filter((row) => isFor(row, provider, matched));
  const meters = new Map<Meter, MonthlyPrice[]>();
  for (const month of months) {
    const day = `${month}-01`;
    const prices = pricesOn(day, provider, matched, rows, stated, multipliers);
    for (const [meter, group] of prices) {
      const points = meters.get(meter) ?? [];
      points.push(toMonthlyPrice(month, meter, group, busyHours));
      meters.set(meter, points);
    }
  }
  return {
    ok: true,
    provider,
    asked: question.model,
    model: matched,
    meters: fillGaps(meters, months),
    warnings: [
      ...judgeModel(provider, model),
      ...judgeRows(question, matched, [...rows, ...stated.map(toDates)], meters),
    ],
  };
}

/**
 * The prices at which a kind of use is really billed, month by month: the meter itself, or where the provider does not
 * price it, the one it falls back to (cached input as plain input, batch at standard price). The `meter` of each month
 * says which. Every month is null when nothing fits.
 */
export function billedBy(found: FoundPrices, meter: Meter, months: readonly string[]): readonly MonthlyPrice[] {
  const choices = billingChoices(meter).flatMap((choice) => found.meters.get(choice) ?? []);
  return months.map(
    (month) => choices.find((point) => point.month === month && point.price !== null) ?? unknownPrice(month, meter),
  );
}

/** What one request pays per unit: the base price, or the highest long-context price its whole input is above. */
export function priceForRequest(point: MonthlyPrice, inputTokens: Decimal.Value): Decimal | null {
  const row = point.above.findLast(({ above_input_tokens }) => new Decimal(inputTokens).gt(above_input_tokens ?? 0));
  return row?.price ?? point.price;
}

function pricesOn(
  day: string,
  provider: string,
  model: string,
  rows: readonly PriceRow[],
  stated: readonly StatedPrice[],
  multipliers: readonly MultiplierRow[],
): ReadonlyMap<Meter, readonly PriceRow[]> {
  const prices = new Map<Meter, readonly PriceRow[]>();
  const inForce = rows.filter((row) => holdsOn(row.valid_from, row.valid_to, day));
  for (const [meter, group] of Map.groupBy(inForce, (row) => row.meter)) prices.set(meter, pickBelief(group));

  const holding = stated
    .filter((override) => holdsOn(override.from, override.to, day))
    .toSorted((a, b) => compareText(a.from ?? '', b.from ?? ''));
  for (const override of [...holding.filter(isAtAllHours), ...holding.filter((one) => !isAtAllHours(one))]) {
    for (const [meter, price] of Object.entries(override.meters)) {
      if (!isMeter(meter)) continue;
      const others = (prices.get(meter) ?? []).filter((row) => (row.utc_hours ?? null) !== override.utc_hours);
      const row = statedRow(provider, model, meter, price, override);
      prices.set(meter, isAtAllHours(override) ? [row] : [...others, row]);
    }
  }

  const byMeter = Map.groupBy(multipliers, (row) => row.meter);
  for (const [target, candidates] of byMeter) {
    const multiplier = rowInForce(candidates, day);
    const base = multiplier === null ? undefined : prices.get(multiplier.of);
    if (multiplier !== null && base !== undefined && !prices.has(target)) {
      prices.set(
        target,
        base.map((row) => derivedRow(row, multiplier)),
      );
    }
  }
  return prices;
}

/**
 * The latest belief about a meter, with all its thresholds: a catalogue that no longer lists a long-context price has
 * dropped it. Of two learned on one day, the one that came later counts.
 */
function pickBelief(group: readonly PriceRow[]): readonly PriceRow[] {
  const latest = group.reduce((last, { known_at }) => ((known_at ?? '') > last ? (known_at ?? '') : last), '');
  const believed = group.filter((row) => (row.known_at ?? '') === latest);
  const catalogue = believed.at(-1)?.catalogue ?? null;
  return [
    ...new Map(
      believed
        .filter((row) => row.catalogue === catalogue)
        .map((row) => [`${row.above_input_tokens} ${row.utc_hours}`, row] as const),
    ).values(),
  ];
}

function fillGaps(
  meters: ReadonlyMap<Meter, readonly MonthlyPrice[]>,
  months: readonly string[],
): ReadonlyMap<Meter, readonly MonthlyPrice[]> {
  const filled = METER_IDS.flatMap((meter): [Meter, readonly MonthlyPrice[]][] => {
    const points = meters.get(meter);
    if (points === undefined) return [];
    const byMonth = new Map(points.map((point) => [point.month, point]));
    return [[meter, months.map((month) => byMonth.get(month) ?? unknownPrice(month, meter))]];
  });
  return new Map(filled);
}

function unknownPrice(month: string, meter: Meter): MonthlyPrice {
  return { month, meter, unit: METERS[meter].unit, price: null, row: null, above: [] };
}

function isAtAllHours({ utc_hours }: StatedPrice): boolean {
  return utc_hours === null;
}

function statedRow(provider: string, model: string, meter: Meter, price: Decimal, override: StatedPrice): PriceRow {
  return {
    provider,
    model,
    meter,
    unit: METERS[meter].unit,
    price,
    above_input_tokens: null,
    utc_hours: override.utc_hours,
    valid_from: override.from,
    valid_to: override.to,
    known_at: null,
    checked_at: null,
    source: override.source ?? 'stated in the scenario',
    catalogue: null,
    derived_from: null,
  };
}

function derivedRow(row: PriceRow, multiplier: MultiplierRow): PriceRow {
  return {
    ...row,
    meter: multiplier.meter,
    unit: METERS[multiplier.meter].unit,
    price: row.price.times(multiplier.multiplier),
    derived_from: {
      meter: multiplier.of,
      multiplier: multiplier.multiplier,
      source: multiplier.source,
      checked_at: multiplier.checked_at,
      known_at: multiplier.known_at,
      confidence: multiplier.confidence,
    },
  };
}

function toDates(override: StatedPrice): { readonly valid_from: string | null; readonly valid_to: string | null } {
  return { valid_from: override.from, valid_to: override.to };
}

function judgeModel(provider: string, model: PricedModel | undefined): readonly PriceWarning[] {
  if (model === undefined) return [];
  const warnings: PriceWarning[] = [];
  if (model.doubt !== null) {
    warnings.push({
      code: 'price-doubtful',
      provider,
      model: model.id,
      message: `${provider} ${model.id}: ${model.doubt}`,
    });
  }
  if (model.deprecated) {
    const message = `${provider} marks ${model.id} as deprecated: it may be withdrawn within the horizon.`;
    warnings.push({ code: 'model-deprecated', provider, model: model.id, message });
  }
  return warnings;
}

function judgeRows(
  question: PriceQuestion,
  model: string,
  dated: readonly { readonly valid_from: string | null; readonly valid_to: string | null }[],
  meters: ReadonlyMap<Meter, readonly MonthlyPrice[]>,
): readonly PriceWarning[] {
  const { provider, asOf, months } = question;
  const warnings: PriceWarning[] = [];
  const used = [...meters.values()]
    .flat()
    .flatMap((point) => [point.row, ...point.above].flatMap((row) => (row === null ? [] : rowsBehind(row))));
  const learned = used.map((row) => row.known_at ?? '').reduce((latest, next) => (next > latest ? next : latest), '');
  if (learned > asOf) {
    const message = `The prices of ${provider} ${model} were learned on ${learned}, after the as-of date ${asOf}; no earlier ones are at hand.`;
    warnings.push({ code: 'price-known-later', provider, model, message });
  }
  const changes = new Set(dated.flatMap((row) => [row.valid_from ?? [], row.valid_to ?? []].flat()));
  for (const day of changes) {
    if (day.endsWith('-01') || !months.includes(day.slice(0, 7))) continue;
    const message = `${provider} ${model} changes its price on ${day}; the month of ${day.slice(0, 7)} is forecast at the price of its first day.`;
    warnings.push({ code: 'price-changes-mid-month', provider, model, message });
  }
  return warnings;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
