import { z } from 'zod';
import { InvalidInput, pointerTo } from '../problem.ts';

const colour = z.string().regex(/^[0-9A-F]{6}$/, 'a colour is RRGGBB in capitals');
const text = z.string().min(1);
const sheetKinds = [
  'Summary',
  'Inputs',
  'Prices',
  'Hardware',
  'Volume',
  'tier',
  'Compare',
  'Bands',
  'Predictability',
  'Checks',
  'Sources',
] as const;

const sheet = z.strictObject({
  id: z.enum(sheetKinds),
  title: text,
  purpose: text,
  tab: text,
  portrait: z.boolean().default(false),
  widths: z.record(z.string().regex(/^[A-Z]{1,2}$/), z.number().min(1).max(120)).default({}),
});

const check = z.strictObject({ title: text, says: text });

const report = z
  .strictObject({
    title: text,
    tabs: z.record(z.string(), colour),
    month_width: z.number().min(5).max(30),
    /** Months that a printed page holds across; a longer horizon takes more pages. */
    months_per_page: z.int().min(1),
    sheets: z.array(sheet).length(sheetKinds.length),
    /** Excel number formats; `{decimals}` and `{pad}` follow the currency. */
    formats: z.strictObject({
      money: text,
      unit_price: text,
      count: text,
      quantity: text,
      number: text,
      fine: text,
      percent: text,
      percent_fine: text,
      percent_input: text,
      month: text,
      month_number: text,
    }),
    /** Units that are counted in whole numbers, units that may be far below 1, and units with one decimal. */
    counted_units: z.array(text),
    fine_units: z.array(text),
    quantity_units: z.array(text),
    /** Units whose months may be added up; others are levels, prices or ratios. */
    additive_units: z.array(text),
    level_ids: z.array(text),
    /** How ids of rows and inputs of the unit 1 end that read as whole numbers, and as percentages. */
    whole_endings: z.array(text),
    percent_endings: z.array(text),
    fine_percent_ids: z.array(text),
    /** Groups of the sheet Inputs; an input belongs to the first whose prefix its key begins with, else to the last. */
    input_groups: z.array(z.strictObject({ title: text, prefixes: z.array(text) })).min(1),
    series_colours: z.array(colour).min(8),
    fan_colours: z.strictObject({ outer: colour, inner: colour, middle: colour, base: colour }),
    reasons: z.record(z.string(), text),
    checks: z.strictObject({
      lines: check,
      months: check,
      shares: check,
      sizes: check,
      tokens: check,
      percentiles: check,
      errors: check,
      service: check,
      break_even: check,
      inputs: check,
      master: check,
    }),
    notes: z.array(text),
    colour_key: z.array(
      z.strictObject({ style: z.enum(['input', 'calculation', 'link', 'static', 'total']), says: text }),
    ),
  })
  .superRefine(({ sheets, tabs }, context) => {
    for (const [i, kind] of sheetKinds.entries())
      if (sheets[i]?.id !== kind)
        context.addIssue({ code: 'custom', path: ['sheets', i, 'id'], message: `sheet ${i + 1} is ${kind}` });
    for (const [i, { tab }] of sheets.entries())
      if (tabs[tab] === undefined)
        context.addIssue({ code: 'custom', path: ['sheets', i, 'tab'], message: `there is no tab colour "${tab}"` });
  });

/** How the workbook of a forecast is laid out: data, in `reports/forecast.yaml`. */
export type Report = Readonly<z.output<typeof report>>;
export type SheetKind = (typeof sheetKinds)[number];
export type SheetPlan = Report['sheets'][number];

/** Reads a report definition. Throws InvalidInput with every problem. */
export function parseReport(raw: unknown): Report {
  const result = report.safeParse(raw);
  if (result.success) return result.data;
  throw new InvalidInput(
    result.error.issues.map(({ path, message }) => ({ code: 'invalid-report', pointer: pointerTo(path), message })),
  );
}

export function sheetPlan(of: Report, kind: SheetKind): SheetPlan {
  return of.sheets.find(({ id }) => id === kind) as SheetPlan;
}
