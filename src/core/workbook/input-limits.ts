import type { InputDefinition } from '../model/definition.ts';
import type { ResolvedInput } from '../model/program.ts';
import { machineFields, scenarioFields, termFields, workloadFields } from '../scenario/fields.ts';
import type { QuantityField } from '../scenario/quantity-field.ts';
import type { InputLimits } from './sheet.ts';

/** What an input takes, as the scenario it came from does, or less of it; undefined where any number goes. */
export function findInputLimits(
  { origin, per, id }: InputDefinition,
  { least }: Pick<ResolvedInput, 'least'>,
): InputLimits | undefined {
  const field = fieldOf(origin, per, id);
  if (field === undefined && least === undefined) return undefined;
  return { least: least ?? field?.min ?? null, most: field?.max ?? null };
}

function fieldOf(
  origin: InputDefinition['origin'],
  per: InputDefinition['per'],
  id: string,
): Pick<QuantityField, 'min' | 'max'> | undefined {
  switch (origin.kind) {
    case 'given':
    case 'is':
    case 'price-apart':
      return { min: '0', max: '1' };
    case 'allowance':
      return origin.part === 'applies' ? { min: '0', max: '1' } : termFields.free_volume;
    case 'price':
      return scenarioFields.unit_price;
    case 'fee':
      return origin.part === 'rate' ? { min: '0', max: '1' } : undefined;
    case 'price-change':
      return origin.part === 'chance' ? termFields.share : termFields.ratio;
    case 'migration':
      return origin.part === 'active' ? { min: '0', max: '1' } : termFields.ratio;
    case 'rent':
      return termFields.price_per_hour;
    case 'exchange-rate':
      return scenarioFields.exchange_rate;
    case 'value':
      return id === 'share' ? scenarioFields.local_share : undefined;
    case 'scenario':
    case 'term': {
      if (origin.path === 'operations.hours_per_month') return scenarioFields.operator_hours;
      const fields: Readonly<Record<string, QuantityField>> =
        per === 'workload' ? workloadFields : per === 'machine' ? machineFields : per === null ? scenarioFields : {};
      const key = origin.path.slice(origin.path.lastIndexOf('.') + 1);
      return Object.hasOwn(fields, key) ? fields[key] : undefined;
    }
    case 'tier-total':
    case 'built-in':
    case 'shock':
    case 'price-threshold':
    case 'surcharge':
      return undefined;
  }
}
