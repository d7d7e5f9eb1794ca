import type { Report } from './report.ts';

/** Number formats of one workbook, its currency's decimals filled in. */
export type Formats = {
  readonly money: string;
  readonly unitPrice: string;
  readonly percent: string;
  readonly percentInput: string;
  readonly month: string;
  readonly monthNumber: string;
  readonly count: string;
  readonly number: string;
  /** By the unit of a row, and by its id where the unit `1` leaves open what it is. */
  readonly of: (unit: string, id: string) => string;
};

export function formatsOf(report: Report, minorUnits: number): Formats {
  const { formats } = report;
  const money = formats.money
    .replaceAll('{decimals}', minorUnits === 0 ? '' : `.${'0'.repeat(minorUnits)}`)
    .replaceAll('{pad}', '?'.repeat(minorUnits));
  return {
    money,
    unitPrice: formats.unit_price,
    percent: formats.percent,
    percentInput: formats.percent_input,
    month: formats.month,
    monthNumber: formats.month_number,
    count: formats.count,
    number: formats.number,
    of: (unit, id) => {
      if (unit === '1' && report.fine_percent_ids.includes(id)) return formats.percent_fine;
      if (unit === '1' && endsIn(id, report.percent_endings)) return formats.percent;
      if (unit === '1' && endsIn(id, report.whole_endings)) return formats.count;
      if (unit === 'money' || unit === 'money/machines') return money;
      if (unit.startsWith('money/') || unit.startsWith('USD/')) return formats.unit_price;
      if (report.counted_units.includes(unit)) return formats.count;
      if (report.fine_units.includes(unit)) return formats.fine;
      return report.quantity_units.includes(unit) ? formats.quantity : formats.number;
    },
  };
}

function endsIn(id: string, endings: readonly string[]): boolean {
  return endings.some((ending) => id.endsWith(ending));
}

/** A unit for people: the currency's code for `money`, nothing for a bare number. */
export function unitText(unit: string, currency: string): string {
  return unit === '1' ? '' : unit.replaceAll('money', currency);
}
