import type { Decimal } from 'decimal.js';
import type { BridgeCell, RowAnswer } from '../../bills/bridge-rows.ts';
import { bridgeEffects, computeBridgeRows, exactEffects } from '../../bills/bridge-rows.ts';
import type { ComparedLine, RowSpend, TierComparison } from '../../bills/comparison.ts';
import { computeVarianceBridge } from '../../bills/variance-bridge.ts';
import { Exact } from '../../formula/values.ts';
import { absolute, relative } from '../addresses.ts';
import type { Draft } from '../draft.ts';
import { openDraft, putFormula, putHeading, putNumber, putText } from '../draft.ts';
import type { BridgeRowsPlace, TierSheet } from './bridge-steps.ts';
import { putBridge } from './bridge-steps.ts';
import type { ComparisonBook } from './comparison-book.ts';

const zero: Decimal = new Exact(0);

/** One tier: quantities × prices line by line, then unit by unit, then row by row, then the bridge and its chart, all live. */
export function layOutTierSheet(book: ComparisonBook, tier: TierComparison, name: string): TierSheet {
  const draft = openDraft(name, 16);
  draft.next = 26;
  const lines = putLines(draft, book, tier);
  const terms = putTerms(draft, book, tier);
  const groups = putGroups(draft, book, tier, lines, terms);
  const rows = putRows(draft, book, tier, groups, terms);
  return putBridge(draft, book, tier, rows);
}

type Placed<Item> = { readonly row: number; readonly item: Item };

function putLines(
  draft: Draft,
  { formats }: ComparisonBook,
  { lines }: TierComparison,
): readonly Placed<ComparedLine>[] {
  putHeading(draft, 'Lines: quantity × list price × rate', {
    5: 'Forecast',
    6: 'List price',
    7: 'Rate',
    8: 'Actual',
    9: 'List price',
    10: 'Rate',
    11: 'Forecast',
    12: 'New quantity',
    13: 'New price',
    14: 'New rate',
  });
  const placed = sorted(lines).map((line): Placed<ComparedLine> => {
    const row = draft.next++;
    putText(draft, row, 2, line.row, 'label');
    putText(draft, row, 3, nameOf(line), 'text');
    putText(draft, row, 4, line.unit, 'unit');
    const [forecast, actual] = [figuresOf(line.forecast), figuresOf(line.actual)];
    const inputs = [forecast, actual].flatMap(({ volume, price, rate }) => [
      [volume, formats.quantity] as const,
      [price, formats.unitPrice] as const,
      [rate, formats.rate] as const,
    ]);
    for (const [i, [value, format]] of inputs.entries()) putNumber(draft, row, 5 + i, value, 'input', format);
    const at = (column: number): string => relative(column, row);
    const products: readonly (readonly [string, Decimal])[] = [
      [`${at(5)}*${at(6)}*${at(7)}`, forecast.volume.times(forecast.price).times(forecast.rate)],
      [`${at(8)}*${at(6)}*${at(7)}`, actual.volume.times(forecast.price).times(forecast.rate)],
      [`${at(8)}*${at(9)}*${at(7)}`, actual.volume.times(actual.price).times(forecast.rate)],
      [`${at(8)}*${at(9)}*${at(10)}`, actual.volume.times(actual.price).times(actual.rate)],
    ];
    for (const [i, [formula, value]] of products.entries())
      putFormula(draft, row, 11 + i, formula, value, 'calculation', formats.money);
    putText(draft, row, 16, line.notes.join(', '), 'note');
    return { row, item: line };
  });
  draft.next++;
  return placed;
}

function putTerms(
  draft: Draft,
  { formats, currency }: ComparisonBook,
  { spend }: TierComparison,
): readonly Placed<RowSpend>[] {
  putHeading(draft, 'What was billed, fees and exchange rates', {
    5: 'Billed',
    6: 'Fee: forecast',
    7: 'Fee: actual',
    8: 'Rate: forecast',
    9: 'Rate: actual',
    10: `In ${currency}`,
  });
  const placed = spend.map((item): Placed<RowSpend> => {
    const row = draft.next++;
    const { billed, forecast, actual } = item;
    putText(draft, row, 2, item.row, 'label');
    putText(draft, row, 3, item.provider, 'text');
    putText(draft, row, 4, item.currency, 'unit');
    const values = [
      [billed, formats.money],
      [forecast.fee, formats.percent],
      [actual.fee, formats.percent],
      [forecast.exchange_rate, formats.rate],
      [actual.exchange_rate, formats.rate],
    ] as const;
    for (const [i, [value, format]] of values.entries())
      putNumber(draft, row, 5 + i, new Exact(value), 'input', format);
    const formula = `${relative(5, row)}*(1+${relative(7, row)})*${relative(9, row)}`;
    putFormula(draft, row, 10, formula, invoiceOf(item), 'calculation', formats.money);
    return { row, item };
  });
  draft.next++;
  return placed;
}

type Group = { readonly row: string; readonly provider: string; readonly lines: readonly Placed<ComparedLine>[] };

/** One unit of one provider for one row: tokens and searches have no common mean price. */
function putGroups(
  draft: Draft,
  { formats }: ComparisonBook,
  _tier: TierComparison,
  lines: readonly Placed<ComparedLine>[],
  terms: readonly Placed<RowSpend>[],
): readonly Placed<Group>[] {
  putHeading(draft, 'Effects, unit by unit', {
    5: 'Forecast',
    6: 'Actual',
    7: 'At list × rate',
    8: 'Volume',
    9: 'Mix',
    10: 'List prices',
    11: 'Rates',
    12: 'Fees',
    13: 'Exchange rate',
    14: 'Lines: forecast',
    15: 'Lines: actual',
  });
  const groups = Map.groupBy(lines, ({ item }) => JSON.stringify([item.row, item.provider, item.unit]));
  const placed = [...groups.values()].map((members): Placed<Group> => {
    const [first] = members as [Placed<ComparedLine>];
    const last = members.at(-1) as Placed<ComparedLine>;
    const own = terms.find(({ item }) => item.row === first.item.row && item.provider === first.item.provider);
    const row = draft.next++;
    putText(draft, row, 2, first.item.row, 'label');
    putText(draft, row, 3, first.item.provider, 'text');
    putText(draft, row, 4, first.item.unit, 'unit');
    const sum = (column: number): string => `SUM(${relative(column, first.row)}:${relative(column, last.row)})`;
    const term = (column: number): string => absolute(column, own?.row ?? 0);
    const factor = `(1+${term(6)})*${term(8)}`;
    const [planned, used, spent] = [relative(5, row), relative(6, row), relative(7, row)];
    const { bridge, volumes } = groupEffects(members, own?.item);
    const step = (effect: string): Decimal => bridge.effects.find((one) => one.effect === effect)?.amount ?? zero;
    const residual = step('residual').negated();
    const cells: readonly (readonly [string, Decimal, string])[] = [
      [sum(5), volumes.forecast, formats.quantity],
      [sum(8), volumes.actual, formats.quantity],
      [sum(11), volumes.spent, formats.money],
      [`IF(${planned}=0,0,(${used}-${planned})/${planned}*${spent})*${factor}`, step('volume'), formats.money],
      [`(${sum(12)}-IF(${planned}=0,${spent},${spent}*${used}/${planned}))*${factor}`, step('mix'), formats.money],
      [`(${sum(13)}-${sum(12)})*${factor}`, step('list_price'), formats.money],
      [`(${sum(14)}-${sum(13)})*${factor}`, step('rate'), formats.money],
      [`${sum(14)}*(${term(7)}-${term(6)})*${term(8)}`, step('fees'), formats.money],
      [`${sum(14)}*(1+${term(7)})*(${term(9)}-${term(8)})`, step('exchange_rate'), formats.money],
      [`${spent}*${factor}`, bridge.forecast, formats.money],
      [`${sum(14)}*(1+${term(7)})*${term(9)}`, residual, formats.money],
    ];
    for (const [i, [formula, value, format]] of cells.entries())
      putFormula(draft, row, 5 + i, formula, value, 'calculation', format);
    return { row, item: { row: first.item.row, provider: first.item.provider, lines: members } };
  });
  draft.next++;
  return placed;
}

function putRows(
  draft: Draft,
  book: ComparisonBook,
  tier: TierComparison,
  groups: readonly Placed<Group>[],
  terms: readonly Placed<RowSpend>[],
): BridgeRowsPlace {
  const { formats, minorUnits } = book;
  const usage = tier.rows.filter(({ id }) => !id.startsWith('fixed.'));
  const cells = usage.map(({ id }) => cellsOf(tier, id));
  const bases = usage.map(({ base }) => new Exact(base));
  const answers = computeBridgeRows(
    usage.map((_, i) => ({ base: bases[i] ?? zero, cells: cells[i] ?? [] })),
    minorUnits,
  );
  const captions = {
    5: 'Base',
    6: 'Volume',
    7: 'Mix',
    8: 'List prices',
    9: 'Rates',
    10: 'Fees',
    11: 'Exchange rate',
    12: 'Fixed',
    13: 'Not explained',
    14: 'Bill',
  };
  putHeading(draft, "By row, before rounding (fixed: rounding of the forecast's lines)", captions);
  const exactFrom = draft.next;
  usage.forEach(({ id, label }, i) => {
    const row = draft.next++;
    const own = groups.filter(({ item }) => item.row === id);
    const billed = terms.filter(({ item }) => item.row === id);
    const add = (column: number, list: readonly Placed<unknown>[]): string =>
      list.length === 0 ? '0' : list.map((one) => relative(column, one.row)).join('+');
    const exact = exactEffects(bases[i] ?? zero, cells[i] ?? []);
    putText(draft, row, 2, label, 'label');
    putNumber(draft, row, 5, bases[i] ?? zero, 'input', formats.money);
    const formulas = [
      ...[8, 9, 10, 11, 12, 13].map((column) => add(column, own)),
      `${add(14, own)}-${relative(5, row)}`,
      `${add(10, billed)}-(${add(15, own)})`,
    ];
    bridgeEffects.forEach((effect, e) => {
      putFormula(draft, row, 6 + e, formulas[e] as string, exact[effect], 'calculation', formats.money);
    });
    const end = bridgeEffects.reduce((sum, effect) => sum.plus(exact[effect]), bases[i] ?? zero);
    const formula = `SUM(${relative(5, row)}:${relative(13, row)})`;
    putFormula(draft, row, 14, formula, end, 'calculation', formats.money);
  });
  draft.next++;

  putHeading(draft, 'By row: whole cents, every row and column adds up', captions);
  const from = draft.next;
  usage.forEach(({ label }, i) => {
    const row = draft.next++;
    const exactRow = exactFrom + i;
    const answer = answers[i] as RowAnswer;
    putText(draft, row, 2, label, 'line');
    putFormula(draft, row, 5, relative(5, exactRow), bases[i] ?? zero, 'calculation', formats.money);
    bridgeEffects.forEach((effect, e) => {
      const upTo =
        effect === 'residual'
          ? relative(14, row)
          : `ROUND(SUM(${relative(5, exactRow)}:${relative(6 + e, exactRow)}),${minorUnits})`;
      const formula = `ROUND(${upTo}-SUM(${relative(5, row)}:${relative(5 + e, row)}),${minorUnits})`;
      putFormula(draft, row, 6 + e, formula, answer.effects[effect], 'calculation', formats.money);
    });
    const ends = `ROUND(SUM(${absolute(14, exactFrom)}:${relative(14, exactRow)}),${minorUnits})`;
    const before = i === 0 ? '' : `-SUM(${absolute(14, from)}:${relative(14, row - 1)})`;
    putFormula(draft, row, 14, `ROUND(${ends}${before},${minorUnits})`, answer.actual, 'line', formats.money);
  });
  for (const line of tier.fixed) {
    const row = draft.next++;
    putText(draft, row, 2, line.label, 'line');
    putText(draft, row, 3, line.from === 'forecast' ? 'no bill: as forecast' : 'from the bill', 'note');
    putNumber(draft, row, 5, new Exact(line.forecast), 'input', formats.money);
    const effect = new Exact(line.actual).minus(line.forecast);
    const formula = `ROUND(${relative(14, row)}-${relative(5, row)},${minorUnits})`;
    putFormula(draft, row, 12, formula, effect, 'calculation', formats.money);
    putNumber(draft, row, 14, new Exact(line.actual), 'input', formats.money);
  }
  const to = draft.next - 1;
  const total = draft.next++;
  putText(draft, total, 2, 'Total', 'grand-total');
  const sums = [
    tier.forecast.base,
    ...bridgeEffects.map((effect) => tier.bridge.find((step) => step.effect === effect)?.amount ?? '0'),
    tier.actual,
  ];
  for (const [i, value] of sums.entries()) {
    const range = to < from ? '0' : `${relative(5 + i, from)}:${relative(5 + i, to)}`;
    putFormula(
      draft,
      total,
      5 + i,
      `ROUND(SUM(${range}),${minorUnits})`,
      new Exact(value),
      'grand-total',
      formats.money,
    );
  }
  draft.next++;
  return { from, to, total };
}

function cellsOf({ lines, spend }: TierComparison, row: string): readonly BridgeCell[] {
  return spend
    .filter((one) => one.row === row)
    .map(({ provider, billed, forecast, actual }) => ({
      lines: [
        ...Map.groupBy(
          lines.filter((line) => line.row === row && line.provider === provider),
          ({ unit }) => unit,
        ).values(),
      ].map((group) => group.map((line) => ({ forecast: figuresOf(line.forecast), actual: figuresOf(line.actual) }))),
      billed: new Exact(billed),
      forecast: { fee: new Exact(forecast.fee), exchangeRate: new Exact(forecast.exchange_rate) },
      actual: { fee: new Exact(actual.fee), exchangeRate: new Exact(actual.exchange_rate) },
    }));
}

function groupEffects(members: readonly Placed<ComparedLine>[], spend: RowSpend | undefined) {
  const lines = members.map(({ item }) => ({ forecast: figuresOf(item.forecast), actual: figuresOf(item.actual) }));
  const side = (of: RowSpend['forecast'] | undefined) => ({
    fee: new Exact(of?.fee ?? 0),
    exchangeRate: new Exact(of?.exchange_rate ?? 1),
    fixed: zero,
  });
  const add = (values: readonly Decimal[]): Decimal => values.reduce((sum, value) => sum.plus(value), zero);
  return {
    bridge: computeVarianceBridge(lines, { forecast: side(spend?.forecast), actual: side(spend?.actual) }, zero),
    volumes: {
      forecast: add(lines.map(({ forecast }) => forecast.volume)),
      actual: add(lines.map(({ actual }) => actual.volume)),
      spent: add(lines.map(({ forecast: { volume, price, rate } }) => volume.times(price).times(rate))),
    },
  };
}

function figuresOf({ quantity, price, rate }: ComparedLine['forecast']) {
  return { volume: new Exact(quantity), price: new Exact(price), rate: new Exact(rate) };
}

function invoiceOf({ billed, actual }: RowSpend): Decimal {
  return new Exact(billed).times(new Exact(actual.fee).plus(1)).times(actual.exchange_rate);
}

/** Lines of one group stand together, so that a range holds them. */
function sorted(lines: readonly ComparedLine[]): readonly ComparedLine[] {
  return [...Map.groupBy(lines, ({ row, provider, unit }) => JSON.stringify([row, provider, unit])).values()].flat();
}

function nameOf({ provider, model, meter }: ComparedLine): string {
  return [provider, model, meter].filter((part) => part !== null).join(' · ');
}
