import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, missing, quantityIn, refuseDuplicates } from './draft.ts';
import { scenarioFields as fields } from './fields.ts';
import type { Readable } from './readable.ts';
import type { Scenario, TariffPeriod } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';

type Sent = Readable<ScenarioInput>;
type Energy = Scenario['energy'];

/** Electricity has to be priced where there are machines on the premises, unless a colocation rate may hold it. */
export function parseEnergy(draft: Draft, sent: Sent): Energy {
  const energy = sent.energy ?? {};
  const wasRefused = !isLeftOut(sent, 'energy') && sent.energy === undefined;
  const isPriced = !isLeftOut(energy, 'price_per_kwh') || !isLeftOut(energy, 'time_of_use') || wasRefused;
  if (needsPower(sent) && !isPriced) tellUnpriced(draft, sent);
  if (!isLeftOut(energy, 'price_per_kwh') && !isLeftOut(energy, 'time_of_use')) {
    const message = 'Give one price per kWh, or prices by time of use, not both.';
    draft.faults.push({ code: 'conflict', path: ['energy', 'time_of_use'], message });
  }
  const read = (key: 'price_per_kwh' | 'demand_charge_per_kw' | 'pue' | 'grid_intensity', fallback: number) =>
    quantityIn(draft, energy[key], fields[key], ['energy', key], constantOf(fallback));
  return {
    price_per_kwh: isLeftOut(energy, 'price_per_kwh') ? null : read('price_per_kwh', 0),
    time_of_use: parsePeriods(draft, energy.time_of_use),
    is_billed: isPriced,
    demand_charge_per_kw: read('demand_charge_per_kw', 0),
    pue: read('pue', 1),
    grid_intensity: read('grid_intensity', 0),
  };
}

/** The space, and whether its rate holds the electricity: never both for the same kilowatt-hour. */
export function parseColocation(draft: Draft, sent: Sent): Scenario['colocation'] {
  const given = sent.colocation ?? {};
  const energy = sent.energy ?? {};
  const priced = !isLeftOut(energy, 'price_per_kwh') || !isLeftOut(energy, 'time_of_use');
  const rate = quantityIn(
    draft,
    given.per_kw_month,
    fields.per_kw_month,
    ['colocation', 'per_kw_month'],
    constantOf(0),
  );
  const isRented = rate.kind !== 'constant' || !rate.value.isZero();
  if (isRented && priced && isLeftOut(given, 'power')) {
    const message =
      'Both the colocation rate and electricity are charged: right only where the rate is for space and a contracted feed. Say colocation.power: metered, or included where the rate holds the electricity.';
    draft.warnings.push({ code: 'double-count-power', path: ['colocation', 'power'], message });
  }
  if (isRented && given.power === 'metered' && !priced) {
    missing(
      draft,
      ['energy', 'price_per_kwh'],
      'the price of electricity per kWh, because colocation.power is metered',
    );
  }
  return {
    per_kw_month: rate,
    contracted_kw: isLeftOut(given, 'contracted_kw')
      ? null
      : quantityIn(draft, given.contracted_kw, fields.contracted_kw, ['colocation', 'contracted_kw'], constantOf(0)),
    power: given.power ?? (isRented && !priced ? 'included' : 'metered'),
  };
}

/** Warns of a PUE beside a colocation rate, unless the rate is said to be for contracted power with the energy metered beside it. */
export function warnOfPue(draft: Draft, sent: Sent, { local, energy: { pue }, colocation }: Scenario): void {
  const lots = (local?.machines ?? []).filter(({ on_site: onSite }) => onSite);
  const stay = lots.filter(({ housing }) => housing.in_colocation && housing.moved_into_colocation === 0);
  const isOne = pue.kind === 'constant' && pue.value.equals(1);
  if (isLeftOut(sent.energy ?? {}, 'pue') || isOne || stay.length === 0) return;
  const included = colocation.power === 'included';
  if (included ? stay.length < lots.length : !isLeftOut(sent.colocation ?? {}, 'power')) return;
  const message = included
    ? 'The colocation rate holds the power of every lot, and with it the cooling: energy.pue counts in carbon alone.'
    : 'Machines in colocation pay for their energy times energy.pue: right only where the centre bills cooling on top of its rate. Say `power: metered` if it does; else leave energy.pue out.';
  draft.warnings.push({ code: 'double-count-pue', path: ['energy', 'pue'], message });
}

/** Rented GPUs bring their own power. */
function needsPower(sent: Sent): boolean {
  if (isLeftOut(sent, 'local')) return false;
  const machines = sent.local?.machines;
  return machines === undefined || machines.some((machine) => machine === undefined || isLeftOut(machine, 'rent'));
}

function tellUnpriced(draft: Draft, sent: Sent): void {
  const path = ['energy', 'price_per_kwh'];
  if (sent.colocation?.per_kw_month === undefined) {
    const expected =
      'the price of electricity per kWh, such as 0.19; or colocation.per_kw_month where the rent includes it';
    missing(draft, path, expected);
    return;
  }
  const message =
    'No price of electricity: it is taken to be within the colocation rate. Where it is billed apart, state it.';
  draft.warnings.push({ code: 'energy-in-colocation', path, message });
}

function parsePeriods(draft: Draft, sent: NonNullable<Sent['energy']>['time_of_use']): readonly TariffPeriod[] {
  const path = ['energy', 'time_of_use'];
  if (sent === undefined) return [];
  refuseDuplicates(
    draft,
    sent.map((period) => period?.id),
    path,
  );
  const periods = sent.flatMap((period, i): TariffPeriod[] => {
    if (period === undefined) return [];
    const hours = constantIn(period.share_of_hours, fields.share_of_period) ?? new ScenarioDecimal(0);
    const load = constantIn(period.share_of_load, fields.share_of_period) ?? hours;
    const price = quantityIn(
      draft,
      period.price_per_kwh,
      fields.price_per_kwh,
      [...path, i, 'price_per_kwh'],
      constantOf(0),
    );
    return [
      {
        id: period.id ?? '',
        price_per_kwh: price,
        share_of_hours: { kind: 'constant', value: hours },
        share_of_load: { kind: 'constant', value: load },
      },
    ];
  });
  const states = sent.filter((period) => period !== undefined && !isLeftOut(period, 'share_of_load')).length;
  if (states > 0 && states < sent.length) {
    const message = 'State share_of_load for every period, or for none.';
    draft.faults.push({ code: 'incomplete', path, message });
  }
  for (const key of ['share_of_hours', 'share_of_load'] as const) {
    const sum = periods.reduce(
      (total, period) => (period[key].kind === 'constant' ? total.plus(period[key].value) : total),
      new ScenarioDecimal(0),
    );
    if (periods.length === sent.length && !sum.equals(1)) {
      const message = `${key} of the periods adds up to ${sum.times(100).toFixed()}%; expected 100%.`;
      draft.faults.push({ code: 'shares-do-not-add-up', path, message });
      break;
    }
  }
  return periods;
}
