import type { Decimal } from 'decimal.js';
import { Exact } from '../formula/values.ts';
import type { SpendItem } from './actual-spend.ts';
import type { ForecastLine } from './forecast-lines.ts';

/** A line that no meter makes: what was forecast, and what was billed or, where no bill says it, the forecast again. */
export type FixedFigures = {
  readonly id: string;
  readonly label: string;
  readonly perimeter: 'bill' | 'full';
  readonly forecast: Decimal;
  readonly actual: Decimal;
  readonly from: 'bill' | 'forecast';
  readonly unit: string | null;
  readonly forecastQuantity: Decimal | null;
  readonly actualQuantity: Decimal | null;
};

/**
 * Depreciation, rent, power, people, commitments and credits beside what bills say of them. Power and hours are known by
 * their unit (kWh, h) or their name; credits and commitments by what they are. A line of one's own that no bill mentions
 * takes its forecast amount; one that a provider would have billed was not billed, and is 0.
 * @param inScenarioCurrency turns an amount of a bill into the scenario's currency
 */
export function matchFixed(
  lines: readonly ForecastLine[],
  items: readonly SpendItem[],
  inScenarioCurrency: (amount: Decimal, currency: string) => Decimal,
): readonly FixedFigures[] {
  const taken = new Set<SpendItem>();
  const known = lines.map((line): FixedFigures => {
    const own = items.filter((item) => !taken.has(item) && belongsTo(item, line));
    for (const item of own) taken.add(item);
    const actual = own.reduce<Decimal>((sum, item) => sum.plus(inScenarioCurrency(item.amount, item.currency)), none);
    const isBilled = own.length > 0 || line.provider !== null;
    return {
      id: line.id,
      label: line.label,
      perimeter: line.perimeter,
      forecast: line.amount,
      actual: isBilled ? actual : line.amount,
      from: isBilled ? 'bill' : 'forecast',
      unit: line.measured?.unit ?? null,
      forecastQuantity: line.measured?.quantity ?? null,
      actualQuantity: own.reduce<Decimal | null>(
        (sum, { quantity }) => (quantity === null ? sum : quantity.plus(sum ?? 0)),
        null,
      ),
    };
  });
  const runsMachines = lines.some(({ provider }) => provider === null);
  const others = items.filter(
    (item) => !taken.has(item) && (item.kind === 'local' ? runsMachines && item.unit !== 'h' : item.kind !== 'credit'),
  );
  return [
    ...known,
    ...others.map(
      (item): FixedFigures => ({
        id: `billed.${item.kind}.${item.label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`,
        label: item.label === '' ? item.kind : item.label,
        perimeter: 'bill',
        forecast: none,
        actual: inScenarioCurrency(item.amount, item.currency),
        from: 'bill',
        unit: item.unit,
        forecastQuantity: null,
        actualQuantity: item.quantity,
      }),
    ),
  ];
}

const none: Decimal = new Exact(0);

function belongsTo(item: SpendItem, line: ForecastLine): boolean {
  if (item.kind === 'local') {
    if (line.provider !== null) return false;
    const name = item.label.toLowerCase();
    const isNamed = name === line.label.toLowerCase() || name.replaceAll(' ', '_') === line.id.split('.').at(-1);
    return isNamed || (item.unit !== null && item.unit === line.measured?.unit);
  }
  if (line.provider !== item.provider) return false;
  if (item.kind === 'fee' || line.kind === 'fee') return item.kind === line.kind;
  return item.kind === 'credit' ? line.amount.lt(0) : !line.amount.lt(0);
}
