import type { Draft } from './draft.ts';
import { constantOf, isLeftOut, quantityIn } from './draft.ts';
import { machineFields as fields } from './fields.ts';
import type { MachineInput } from './machine-schema.ts';
import { monthIndex } from './months.ts';
import { baseOf } from './quantity-base.ts';
import type { QuantityField } from './quantity-field.ts';
import type { Readable } from './readable.ts';
import type { DepreciationMethod, Machine, Quantity } from './scenario.ts';

type Path = readonly PropertyKey[];
type Sent = Readable<MachineInput>;

export type Acquisition = Pick<
  Machine,
  | 'acquisition'
  | 'on_site'
  | 'bought_month'
  | 'there_before'
  | 'comes_to_its_end'
  | 'least'
  | 'leaves_month'
  | 'sale_value'
  | 'life_months'
  | 'at_end_of_life'
  | 'residual_value'
  | 'value_change_per_year'
  | 'depreciation'
  | 'loan'
  | 'lease'
  | 'rent'
>;

/** How a lot comes, how long it stays, what it is worth then, and who pays: bought, on a loan, leased or rented. */
export function parseAcquisition(draft: Draft, sent: Sent, usual: DepreciationMethod, path: Path): Acquisition {
  const bought = monthNumber(draft, sent.bought) ?? 1;
  if (draft.months !== null && bought > draft.months) {
    const message = `Bought in ${sent.bought}, after the last month of the forecast: this lot plays no part.`;
    draft.warnings.push({ code: 'bought-after-horizon', path: [...path, 'bought'], message });
  }
  const life = quantityIn(draft, sent.life_months, fields.life_months, [...path, 'life_months'], constantOf(36));
  const acquisition = sent.rent !== undefined ? 'rent' : sent.lease !== undefined ? 'lease' : 'purchase';
  const terms: Acquisition = {
    acquisition,
    on_site: acquisition !== 'rent',
    bought_month: bought,
    ...datesOf(draft, sent, bought, life),
    ...parseLeaving(draft, sent, bought, path),
    life_months: life,
    at_end_of_life: sent.at_end_of_life ?? 'rebuy',
    ...parseValue(draft, sent, path),
    depreciation: sent.depreciation ?? usual,
    loan: parseLoan(draft, sent.loan, life, [...path, 'loan']),
    lease: parseLease(draft, sent.lease, [...path, 'lease']),
    rent: parseRent(draft, sent.rent, [...path, 'rent']),
  };
  refuseTwiceAcquired(draft, sent, path);
  checkResaleCurve(draft, terms, path);
  return terms;
}

/** What the dates of a lot decide once and for all, and the least that dates may be changed to without undoing it. */
function datesOf(
  draft: Draft,
  { at_end_of_life: atEnd }: Sent,
  bought: number,
  life: Quantity,
): Pick<Machine, 'there_before' | 'comes_to_its_end' | 'least'> {
  const outlives = life.kind === 'constant' && life.value.plus(bought).gt(draft.months ?? 12);
  return {
    there_before: bought < 1,
    comes_to_its_end: atEnd !== 'keep' && !outlives,
    least: {
      ...(bought >= 1 && { bought_month: '1' }),
      ...(atEnd !== 'keep' && outlives && { life_months: String((draft.months ?? 12) + 1 - bought) }),
    },
  };
}

/** What a purchase has and a lease or rent has not; stating both would charge the machine twice. */
function refuseTwiceAcquired(draft: Draft, sent: Sent, path: Path): void {
  const ways = (['lease', 'rent', 'loan'] as const).filter((key) => !isLeftOut(sent, key));
  const [way, other] = ways;
  if (way === undefined) return;
  if (other !== undefined) {
    const message = `A lot is bought (perhaps on a loan), leased or rented: give ${way} or ${other}, not both.`;
    draft.faults.push({ code: 'conflict', path: [...path, other], message });
  }
  if (way === 'loan') return;
  const prices = [
    'gpu_price',
    'host_price',
    'network_price',
    'rack_price',
    'sold',
    'residual_value',
    'value_change_per_year',
    'depreciation',
  ] as const;
  for (const key of prices) {
    const sentValue = sent[key];
    if (isLeftOut(sent, key) || sentValue === 0 || sentValue === '0') continue;
    const verb = way === 'lease' ? 'leased' : 'rented';
    const message = `A ${verb} lot is paid for by its ${way}: ${key} would charge it twice. Leave ${key} out.`;
    draft.faults.push({ code: 'double-count-purchase', path: [...path, key], message });
  }
}

function parseLeaving(
  draft: Draft,
  sent: Sent,
  bought: number,
  path: Path,
): Pick<Machine, 'leaves_month' | 'sale_value'> {
  const sold = monthNumber(draft, sent.sold?.month);
  const retired = monthNumber(draft, sent.retired);
  if (!isLeftOut(sent, 'sold') && !isLeftOut(sent, 'retired')) {
    const message = 'A lot is sold or retired on a date, not both.';
    draft.faults.push({ code: 'conflict', path: [...path, 'retired'], message });
  }
  const leaves = sold ?? retired ?? 0;
  const at = sold === undefined ? [...path, 'retired'] : [...path, 'sold', 'month'];
  if (leaves !== 0 || sold !== undefined || retired !== undefined) checkLeaving(draft, sent, leaves, bought, at);
  const value = sent.sold?.value;
  return {
    leaves_month: leaves,
    sale_value:
      retired !== undefined
        ? constantOf(0)
        : value === undefined
          ? null
          : quantityIn(draft, value, fields.sale_value, [...path, 'sold', 'value'], constantOf(0)),
  };
}

function checkLeaving(draft: Draft, sent: Sent, leaves: number, bought: number, path: Path): void {
  const life = quantityIn({ ...draft, faults: [] }, sent.life_months, fields.life_months, path, constantOf(36));
  const end = bought + baseOf(life, 1).toNumber();
  if (leaves <= Math.max(bought, 1)) {
    const message = 'Machines leave after the month they were bought in, and after the first month of the forecast.';
    draft.faults.push({ code: 'out-of-range', path, message });
  } else if (sent.at_end_of_life === 'retire' && leaves >= end) {
    const message = 'By then the lot has been retired at the end of its life: leave this out, or let it be kept.';
    draft.faults.push({ code: 'conflict', path, message });
  }
}

function parseValue(draft: Draft, sent: Sent, path: Path): Pick<Machine, 'residual_value' | 'value_change_per_year'> {
  const read = (key: 'residual_value' | 'value_change_per_year', fallback: Quantity) =>
    quantityIn(draft, sent[key], fields[key], [...path, key], fallback);
  if (isLeftOut(sent, 'value_change_per_year'))
    return { residual_value: read('residual_value', constantOf('0.1')), value_change_per_year: null };
  if (!isLeftOut(sent, 'residual_value')) {
    const message = 'Give the residual value, or how the resale value changes per year, not both.';
    draft.faults.push({ code: 'conflict', path: [...path, 'value_change_per_year'], message });
  }
  return { residual_value: constantOf(0), value_change_per_year: read('value_change_per_year', constantOf(0)) };
}

/** A value that falls by the same share every month never reaches 0. */
function checkResaleCurve(
  draft: Draft,
  { depreciation, residual_value: residual, value_change_per_year: change }: Acquisition,
  path: Path,
): void {
  if (depreciation !== 'resale-value' || change !== null) return;
  if (residual.kind === 'range' || !baseOf(residual, 1).isZero()) return;
  const message =
    'Depreciation by resale value needs a value above 0 to reach: give residual_value or value_change_per_year.';
  draft.faults.push({ code: 'conflict', path: [...path, 'residual_value'], message });
}

function parseLoan(draft: Draft, sent: Sent['loan'], life: Quantity, path: Path): Machine['loan'] {
  if (sent === undefined) return null;
  const read = reader(draft, path);
  const months = read(sent.months, fields.loan_months, 'months', constantOf(1));
  if (baseOf(months, 1).gt(baseOf(life, 1))) {
    const message = `A loan of ${baseOf(months, 1).toFixed()} months outlasts the machine (life_months ${baseOf(life, 1).toFixed()}): shorten it.`;
    draft.faults.push({ code: 'out-of-range', path: [...path, 'months'], message });
  }
  return {
    share: read(sent.share, fields.loan_share, 'share', constantOf(1)),
    rate: read(sent.rate, fields.loan_rate, 'rate', constantOf(0)),
    months,
  };
}

function parseLease(draft: Draft, sent: Sent['lease'], path: Path): Machine['lease'] {
  if (sent === undefined) return null;
  const read = reader(draft, path);
  return {
    per_month: read(sent.per_month, fields.lease_per_month, 'per_month', constantOf(0)),
    upfront: read(sent.upfront, fields.lease_upfront, 'upfront', constantOf(0)),
    buyout: read(sent.buyout, fields.lease_buyout, 'buyout', constantOf(0)),
  };
}

function parseRent(draft: Draft, sent: Sent['rent'], path: Path): Machine['rent'] {
  if (sent === undefined) return null;
  return {
    per_gpu_hour: reader(draft, path)(sent.per_gpu_hour, fields.rent_per_gpu_hour, 'per_gpu_hour', constantOf(0)),
    hours: sent.hours ?? 'run_through',
  };
}

function reader(draft: Draft, path: Path) {
  return (value: unknown, field: QuantityField, key: string, fallback: Quantity): Quantity =>
    quantityIn(draft, value, field, [...path, key], fallback);
}

/** The number of a month, 1 for the scenario's first; undefined where it or the start cannot be read. */
export function monthNumber(draft: Draft, month: string | undefined): number | undefined {
  return month === undefined || draft.start === null ? undefined : monthIndex(month) - monthIndex(draft.start) + 1;
}
