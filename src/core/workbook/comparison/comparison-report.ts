import { z } from 'zod';
import { InvalidInput, pointerTo } from '../../problem.ts';

const text = z.string().min(1);
const colour = z.string().regex(/^[0-9A-F]{6}$/, 'a colour is RRGGBB in capitals');
const sheet = z.strictObject({
  title: text,
  tab: text,
  widths: z.record(z.string().regex(/^[A-Z]{1,2}$/), z.number().min(1).max(120)),
});
const check = z.strictObject({ title: text, says: text });

const report = z.strictObject({
  title: text,
  tabs: z.record(z.string(), colour),
  sheets: z.strictObject({ Summary: sheet, tier: sheet, Bills: sheet, Checks: sheet }),
  /** Excel number formats; `{decimals}` and `{pad}` follow the currency. */
  formats: z.strictObject({ money: text, unit_price: text, quantity: text, rate: text, percent: text }),
  colours: z.strictObject({ total: colour, up: colour, down: colour }),
  checks: z.strictObject({ bridge: check, rows: check, service: check, errors: check, master: check }),
  notes: z.array(text),
});

/** How the workbook of a comparison is laid out: data, in `reports/comparison.yaml`. */
export type ComparisonReport = Readonly<z.output<typeof report>>;

/** Reads a report definition. Throws InvalidInput with every problem. */
export function parseComparisonReport(raw: unknown): ComparisonReport {
  const result = report.safeParse(raw);
  if (result.success) return result.data;
  throw new InvalidInput(
    result.error.issues.map(({ path, message }) => ({ code: 'invalid-report', pointer: pointerTo(path), message })),
  );
}
