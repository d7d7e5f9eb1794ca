import type { ForecastPlan } from '../forecast/plan.ts';
import { minorUnitsOf } from '../forecast/plan.ts';
import type { Forecast } from '../forecast/result.ts';
import type { ExactTable } from '../model/evaluate.ts';
import type { Program } from '../model/program.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { layOutBands } from './bands-sheet.ts';
import type { Book, ShownTier } from './book.ts';
import { layOutChecks } from './checks-sheet.ts';
import { layOutCompare } from './compare-sheet.ts';
import type { Draft } from './draft.ts';
import { formatsOf } from './formats.ts';
import { putHead } from './head.ts';
import { layOutInputs, settingsOf } from './input-sheets.ts';
import { layOutModels } from './model-sheets.ts';
import { placeProgram } from './places.ts';
import { layOutPredictability } from './predictability-sheet.ts';
import type { Report, SheetKind } from './report.ts';
import { sheetPlan } from './report.ts';
import type { Sheet, Workbook } from './sheet.ts';
import { layOutSources } from './sources-sheet.ts';
import { layOutSummary } from './summary-sheet.ts';

/** A forecast with the exact base case it came from. */
export type WorkbookQuestion = {
  readonly forecast: Forecast;
  readonly scenario: Scenario;
  readonly plan: ForecastPlan;
  readonly program: Program;
  readonly exact: ExactTable;
  /** Name of a tier's sheet, as `Local`. */
  readonly sheetOf: (tier: string) => string;
  readonly report: Report;
};

/** The workbook, and where each row of the program stands in it. */
export type LaidOut = { readonly workbook: Workbook; readonly book: Book };

/**
 * Lays out the third reading of a forecast: inputs apart, every working cell a live formula with its exact value, checks at
 * the end. Pure, and the same for the same forecast.
 */
export function layOutWorkbook(question: WorkbookQuestion): LaidOut {
  const book = bookOf(question);
  const { report, forecast, scenario } = book;
  const inputs = layOutInputs(book);
  const models = layOutModels(book);
  const compared = layOutCompare(book);
  const bands = layOutBands(book);
  const others = [compared.draft, bands.draft, layOutPredictability(book)];
  const summary = layOutSummary(book, compared);
  const sources = layOutSources(book);
  const drafts = [summary, ...inputs.map(({ draft }) => draft), ...models, ...others];
  const checks = layOutChecks(book, inputs, { compared, bands, drafts: [...drafts, sources] });
  const sheets = [...drafts, checks.draft, sources].map((draft): Sheet => {
    const kind = kindOf(draft, book);
    const plan = sheetPlan(report, kind);
    const hasMonths = kind !== 'Summary' && kind !== 'Checks' && kind !== 'Sources';
    const tier = book.tiers.find(({ sheet }) => sheet === draft.name);
    putHead(draft, plan.title.replace('{tier}', tier?.label ?? ''), book, checks, hasMonths);
    return {
      name: draft.name,
      tab: report.tabs[plan.tab] as string,
      cells: draft.cells.toSorted((a, b) => a.row - b.row || a.column - b.column),
      widths: plan.widths,
      monthColumns: hasMonths ? book.months : 0,
      monthWidth: report.month_width,
      frozen: hasMonths ? { columns: 9, rows: 6 } : { columns: 0, rows: 3 },
      detailRows: draft.detailRows,
      charts: draft.charts,
      pagesWide: hasMonths ? Math.max(1, Math.ceil(book.months / report.months_per_page)) : 1,
      portrait: plan.portrait,
    };
  });
  const workbook = {
    title: scenario.name,
    subject: report.title,
    keywords: `infercast ${forecast.engine}, ${forecast.inputs_digest}`,
    date: forecast.as_of,
    footer: `${forecast.id ?? forecast.inputs_digest.slice(0, 23)} · ${forecast.as_of}`,
    sheets,
    names: { checks_total: checks.failures },
  };
  return { workbook, book };
}

function bookOf({ forecast, scenario, plan, program, exact, sheetOf, report }: WorkbookQuestion): Book {
  const tiers = program.tiers.flatMap((tier, i): readonly ShownTier[] => {
    const computed = forecast.tiers.find(({ id }) => id === tier.id);
    if (computed === undefined || computed.months === null) return [];
    const colour = report.series_colours[i % report.series_colours.length] as string;
    return [{ id: tier.id, label: tier.label, sheet: sheetOf(tier.id), program: tier, forecast: computed, colour }];
  });
  const placed = placeProgram(program, report, new Map(tiers.map(({ id, sheet }) => [id, sheet])));
  return {
    forecast,
    scenario,
    plan,
    program,
    exact,
    report,
    formats: formatsOf(report, minorUnitsOf(scenario.currency)),
    placed,
    tiers,
    months: plan.months.length,
    settings: settingsOf(program, placed),
  };
}

function kindOf({ name }: Draft, { report }: Book): SheetKind {
  return report.sheets.find(({ id }) => id === name)?.id ?? 'tier';
}
