import { Decimal } from 'decimal.js';
import type { Comparison, TierComparison } from '../../bills/comparison.ts';
import { answerOf } from '../../bills/comparison-markdown.ts';
import { minorUnitsOf } from '../../forecast/plan.ts';
import { absolute, onSheet, relative } from '../addresses.ts';
import type { Draft } from '../draft.ts';
import { openDraft, putFormula, putHeading, putNumber, putText } from '../draft.ts';
import type { Sheet, Workbook } from '../sheet.ts';
import type { TierSheet } from './bridge-steps.ts';
import type { ComparisonBook } from './comparison-book.ts';
import type { ComparisonReport } from './comparison-report.ts';
import { layOutTierSheet } from './tier-sheet.ts';

/**
 * Lays out a comparison as a workbook: what forecast and bills say as inputs, every step of the bridge a live formula with
 * the service's value cached, checks at the end. Pure, and the same for the same comparison.
 */
export function layOutComparison(comparison: Comparison, report: ComparisonReport): Workbook {
  const book = bookOf(comparison, report);
  const names = sheetNames(comparison.tiers);
  const tiers = comparison.tiers.map((tier, i) => layOutTierSheet(book, tier, names[i] as string));
  const summary = layOutSummary(book, comparison, tiers, report);
  const bills = layOutBills(comparison, book);
  const others = [summary, ...tiers.map(({ draft }) => draft), bills];
  const { draft: checks, master } = layOutChecks(book, tiers, others, report);
  const { id = '', scenario, period, forecast, created_at = '' } = comparison;
  const subtitle = `${scenario.name} · ${period} · ${comparison.status} · ${comparison.currency} · forecast ${forecast.id}, as of ${forecast.as_of}`;
  return {
    title: `${scenario.name}: ${period}`,
    subject: report.title,
    keywords: `infercast ${forecast.engine}, ${forecast.id}`,
    date: created_at === '' ? forecast.as_of : created_at.slice(0, 10),
    footer: `${id} · ${period}`,
    sheets: [...others, checks].map((draft): Sheet => {
      const kind = kindOf(draft.name);
      const plan = report.sheets[kind];
      const tier = tiers.find((one) => one.draft === draft)?.tier;
      putText(draft, 1, 1, plan.title.replace('{tier}', tier?.label ?? ''), 'title');
      putText(draft, 2, 1, subtitle, 'subtitle');
      const own = draft.name === 'Checks' ? master.slice('Checks!'.length) : master;
      putFormula(draft, 3, 1, `"Checks: "&${own}`, 'Checks: OK', 'check');
      return {
        name: draft.name,
        tab: report.tabs[plan.tab] ?? report.colours.total,
        cells: draft.cells.toSorted((a, b) => a.row - b.row || a.column - b.column),
        widths: plan.widths,
        monthColumns: 0,
        monthWidth: 12,
        frozen: { columns: 0, rows: 3 },
        detailRows: draft.detailRows,
        charts: draft.charts,
        pagesWide: 1,
        portrait: false,
      };
    }),
    names: {},
  };
}

type SheetKind = keyof ComparisonReport['sheets'];

function kindOf(name: string): SheetKind {
  return name === 'Summary' || name === 'Bills' || name === 'Checks' ? name : 'tier';
}

function bookOf({ currency }: Comparison, { formats, colours }: ComparisonReport): ComparisonBook {
  const minorUnits = minorUnitsOf(currency);
  const money = formats.money
    .replaceAll('{decimals}', minorUnits === 0 ? '' : `.${'0'.repeat(minorUnits)}`)
    .replaceAll('{pad}', '?'.repeat(minorUnits));
  return {
    currency,
    minorUnits,
    formats: {
      money,
      unitPrice: formats.unit_price,
      quantity: formats.quantity,
      rate: formats.rate,
      percent: formats.percent,
    },
    colours,
  };
}

/** Labels as names of sheets: at most 31 characters, none of `:\/?*[]'`, each once. */
function sheetNames(tiers: readonly TierComparison[]): readonly string[] {
  const taken = new Set(['summary', 'bills', 'checks', 'history']);
  return tiers.map(({ id, label }) => {
    const plain =
      label
        .replaceAll(/[^\p{L}\p{N} ._-]/gu, ' ')
        .trim()
        .slice(0, 31) || id.slice(0, 31);
    let name = plain;
    for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${plain.slice(0, 27)} ${i}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

function layOutSummary(
  { formats, currency }: ComparisonBook,
  comparison: Comparison,
  tiers: readonly TierSheet[],
  { notes }: ComparisonReport,
): Draft {
  const draft = openDraft('Summary', 9);
  draft.next = 5;
  putHeading(draft, 'The answer');
  for (const { tier } of tiers) {
    putText(draft, draft.next++, 2, `${tier.label}: ${answerOf(tier, currency)}`, 'sentence');
    if (tier.place !== null) putText(draft, draft.next++, 2, `It lies ${tier.place.says}.`, 'text');
    for (const { says } of tier.flags) putText(draft, draft.next++, 2, `Flag: ${says}`, 'text');
    if (tier.record !== null) putText(draft, draft.next++, 2, tier.record.says, 'text');
  }
  draft.next++;
  putHeading(draft, 'Forecast and bill', {
    3: 'Forecast (P50)',
    4: 'Bill',
    5: 'Difference',
    6: '÷ forecast',
    7: 'Within tolerance',
    8: 'P10 §',
    9: 'P90 §',
  });
  for (const { tier, forecast, actual } of tiers) {
    const row = draft.next++;
    const at = (column: number): string => relative(column, row);
    const [planned, billed] = [new Decimal(tier.forecast.p50), new Decimal(tier.actual)];
    putText(draft, row, 2, tier.label, 'line');
    putFormula(draft, row, 3, forecast, planned, 'calculation', formats.money);
    putFormula(draft, row, 4, actual, billed, 'calculation', formats.money);
    putFormula(draft, row, 5, `${at(4)}-${at(3)}`, billed.minus(planned), 'calculation', formats.money);
    const share = planned.gt(0) ? billed.minus(planned).div(planned) : '';
    putFormula(draft, row, 6, `IF(${at(3)}>0,${at(5)}/${at(3)},"")`, share, 'calculation', formats.percent);
    const hit = planned.gt(0) && billed.minus(planned).abs().lte(planned.times(tier.tolerance));
    const formula = `IF(${at(3)}>0,IF(ROUND(ABS(${at(5)})-${tier.tolerance}*${at(3)},6)<=0,"yes","no"),"")`;
    putFormula(draft, row, 7, formula, planned.gt(0) ? (hit ? 'yes' : 'no') : '', 'calculation');
    putNumber(draft, row, 8, new Decimal(tier.forecast.p10), 'static', formats.money);
    putNumber(draft, row, 9, new Decimal(tier.forecast.p90), 'static', formats.money);
  }
  draft.next++;
  for (const { tier, steps } of tiers) {
    putHeading(draft, `${tier.label}: why`, { 3: currency });
    for (const { label, address, value } of steps) {
      const row = draft.next++;
      putText(draft, row, 2, label, 'label');
      putFormula(draft, row, 3, address, value, 'calculation', formats.money);
    }
    draft.next++;
  }
  const said = [...comparison.warnings, ...tiers.flatMap(({ tier }) => tier.notes)];
  if (said.length > 0) {
    putHeading(draft, 'Notes');
    for (const message of new Set(said.map((one) => one.message))) putText(draft, draft.next++, 2, message, 'text');
    draft.next++;
  }
  putHeading(draft, 'How to read it');
  for (const text of notes) putText(draft, draft.next++, 2, text, 'text');
  return draft;
}

function layOutBills({ bills, unforeseen, tiers }: Comparison, { formats }: ComparisonBook): Draft {
  const draft = openDraft('Bills', 8);
  draft.next = 5;
  putHeading(draft, 'Bills of the month', {
    3: 'Provider',
    4: 'Account',
    5: 'Currency',
    6: 'Status',
    7: 'Kind',
    8: 'Money counts',
  });
  for (const bill of bills) {
    const row = draft.next++;
    const cells = [
      bill.id,
      bill.provider,
      bill.account,
      bill.currency,
      bill.status,
      bill.kind,
      bill.counts ? 'yes' : 'no',
    ];
    for (const [i, text] of cells.entries()) putText(draft, row, 2 + i, text, 'text');
  }
  draft.next++;
  const leftOut = new Map(tiers.flatMap((tier) => tier.left_out).map((one) => [JSON.stringify(one), one]));
  if (leftOut.size > 0) {
    putHeading(draft, 'On the invoice, and not compared', { 5: 'Currency', 6: 'Tax', 7: 'Credits', 8: 'Prepayments' });
    for (const { provider, currency, tax, credits, prepayments } of leftOut.values()) {
      const row = draft.next++;
      putText(draft, row, 2, provider, 'text');
      putText(draft, row, 5, currency, 'text');
      for (const [i, amount] of [tax, credits, prepayments].entries())
        putNumber(draft, row, 6 + i, new Decimal(amount), 'static', formats.money);
    }
    draft.next++;
  }
  if (unforeseen.length > 0) {
    putHeading(draft, 'Billed by providers that no tier compared uses', { 5: 'Currency', 6: 'Amount' });
    for (const { provider, model, currency, amount } of unforeseen) {
      const row = draft.next++;
      for (const [i, text] of [provider, '', model ?? '', currency].entries()) putText(draft, row, 2 + i, text, 'text');
      putNumber(draft, row, 6, new Decimal(amount), 'static', formats.money);
    }
  }
  return draft;
}

function layOutChecks(
  { minorUnits }: ComparisonBook,
  tiers: readonly TierSheet[],
  others: readonly Draft[],
  { checks }: ComparisonReport,
): { readonly draft: Draft; readonly master: string } {
  const draft = openDraft('Checks', 7);
  draft.next = 5;
  putHeading(draft, 'Checks', { 4: 'Measured', 5: 'Allowed', 6: 'Fails', 7: 'Result' });
  const first = draft.next;
  const half = new Decimal(10).pow(-minorUnits).div(2);
  const zero = new Decimal(0);
  const put = (title: string, says: string, formula: string, allowed: Decimal): void => {
    const row = draft.next++;
    putText(draft, row, 2, title, 'label');
    putText(draft, row, 3, says, 'note');
    putFormula(draft, row, 4, formula, zero, 'calculation', '0.0########');
    putNumber(draft, row, 5, allowed, 'calculation', '0.0########');
    putFormula(draft, row, 6, `IF(ISERROR(D${row}),1,IF(D${row}>E${row},1,0))`, zero, 'calculation', '0');
    putFormula(draft, row, 7, `IF(F${row}=0,"OK","ERROR")`, 'OK', 'calculation');
  };
  for (const { tier, checks: own } of tiers) {
    put(`${checks.bridge.title}: ${tier.label}`, checks.bridge.says, own.bridge, half);
    put(`${checks.rows.title}: ${tier.label}`, checks.rows.says, own.rows, half);
    put(`${checks.service.title}: ${tier.label}`, checks.service.says, own.service, half);
  }
  for (const { name, next } of others) {
    const range = onSheet(name, `A4:P${next}`, null);
    put(`${checks.errors.title}: ${name}`, checks.errors.says, `SUMPRODUCT(--ISERROR(${range}))`, zero);
  }
  const last = draft.next - 1;
  draft.next++;
  const row = draft.next++;
  putText(draft, row, 2, checks.master.title, 'total');
  putText(draft, row, 3, checks.master.says, 'note');
  putFormula(draft, row, 6, `SUM(F${first}:F${last})`, zero, 'total', '0');
  putFormula(draft, row, 7, `IF(F${row}=0,"OK","ERROR: "&F${row}&" checks")`, 'OK', 'total');
  return { draft, master: onSheet('Checks', absolute(7, row), null) };
}
