import { z } from 'zod';
import type { BillColumnKind } from '../../core/bills/bill-columns.ts';
import { BILL_COLUMNS } from '../../core/bills/bill-columns.ts';

const money = z.string().describe('Decimal text, in the currency of the bill');
const sums = z.record(z.string(), z.string());
const balance = z
  .enum(['balanced', 'unbalanced', 'not-stated'])
  .describe('Σ BilledCost of each invoice against what is payable; not-stated: nobody said what is');

const invoice = z.object({
  invoice_id: z.string().nullable(),
  billed: money.describe('Lines of this bill'),
  total: money.describe('Lines of the whole file'),
  payable: money.nullable(),
  difference: money.nullable().describe('total − payable'),
});

export const billedModelSchema = z
  .object({ provider: z.string(), billed: z.string(), model: z.string().nullable() })
  .meta({ id: 'BilledModel', description: 'What a billed name means; null is no model of the price book' });

const modelMatch = z.object({
  provider: z.string(),
  billed: z.string().describe('As the bill spells it'),
  model: z.string().nullable().describe('Id in the price book'),
  certainty: z.enum(['exact', 'alias', 'date-suffix', 'display-name', 'stated', 'remembered', 'none']),
  nearest: z.array(z.string()),
  lines: z.int(),
});

const summaryShape = {
  id: z.string(),
  status: z.enum(['provisional', 'locked', 'reversed']),
  counts: z.boolean().describe('False: reversed, or quantities of a month whose money another bill has'),
  kind: z.enum(['billed', 'usage']).describe('usage: quantities without amounts of the provider'),
  provider: z.string(),
  account: z.string().describe('Empty where the file does not tell'),
  period: z.string().describe('YYYY-MM'),
  currency: z.string(),
  lines: z.int(),
  billed: money.describe('Σ BilledCost: the cash view'),
  effective: money.describe('Σ EffectiveCost: the accrual view'),
  balance,
  file: z.object({ name: z.string(), digest: z.string(), bytes: z.int() }),
  created_at: z.iso.datetime(),
};

export const billSummarySchema = z.object(summaryShape).meta({ id: 'BillSummary' });

export const billSchema = z
  .object({
    ...summaryShape,
    categories: sums.describe('Σ BilledCost by ChargeCategory'),
    invoices: z.array(invoice),
    payable: money.nullable().describe('As it was stated when the bill was locked'),
    difference: money.nullable(),
    models: z.array(modelMatch),
    reading: z.unknown().describe('Format, answers and mapping that the file was read with'),
    events: z.array(
      z.object({
        event: z.enum(['locked', 'reversed']),
        reason: z.string().nullable(),
        replaced_by: z.string().nullable(),
        created_at: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'Bill' });

const kinds: Readonly<Record<BillColumnKind, z.ZodType>> = {
  decimal: z.string().nullable(),
  text: z.string().nullable(),
  instant: z.string().nullable(),
  whole: z.int(),
  record: z.record(z.string(), z.string()),
};

export const billLineSchema = z
  .object({
    place: z.int(),
    ...Object.fromEntries(Object.entries(BILL_COLUMNS).map(([name, kind]) => [name, kinds[kind]])),
    x_ModelId: z.string().nullable(),
  })
  .meta({ id: 'BillLine', description: 'FOCUS 1.2 names and meanings; columns of our own begin with x_' });

const figures = z.object({ lines: z.int(), billed: z.string().nullable(), quantity: z.string().nullable() }).nullable();

export const billImportSchema = z
  .object({
    stored: z.boolean(),
    dry_run: z.boolean(),
    repeated: z.boolean().describe('Everything in the file was stored before'),
    file: z.object({
      name: z.string(),
      bytes: z.int(),
      digest: z.string(),
      format: z.object({ id: z.string(), label: z.string() }).nullable(),
      records: z.int().nullable(),
      summed: z.boolean().describe('Lines were summed by day, SKU and account'),
    }),
    questions: z.array(z.looseObject({ id: z.string(), column: z.string(), text: z.string() })),
    warnings: z.array(z.object({ code: z.string(), pointer: z.string(), message: z.string() })),
    bills: z.array(
      z.object({
        id: z.string().nullable(),
        action: z.enum(['store', 'replace', 'add', 'repeated', 'undecided']),
        provider: z.string(),
        account: z.string(),
        period: z.string(),
        currency: z.string(),
        kind: z.enum(['billed', 'usage']),
        lines: z.int(),
        billed: money,
        effective: money,
        categories: sums,
        invoices: z.array(invoice),
        balance,
        priced_lines: z.int().describe('Lines whose amount is quantity × list price of that month'),
        unpriced: z.array(
          z.object({
            model: z.string().nullable(),
            meter: z.string().nullable(),
            reason: z.string(),
            lines: z.int(),
          }),
        ),
        overlap: z
          .object({
            bills: z.array(z.object({ id: z.string(), status: z.string(), billed: money })),
            same: z.int(),
            added: z.int(),
            removed: z.int(),
            changed: z.int(),
            restated_days: z.array(z.string()),
            lines: z.array(
              z.object({
                verdict: z.enum(['added', 'removed', 'changed']),
                day: z.string(),
                model: z.string().nullable(),
                meter: z.string().nullable(),
                description: z.string().nullable(),
                stored: figures,
                sent: figures,
              }),
            ),
          })
          .nullable(),
      }),
    ),
    models: z.array(modelMatch),
    left_out: z.array(z.object({ period: z.string(), lines: z.int() })),
  })
  .meta({ id: 'BillImport' });
