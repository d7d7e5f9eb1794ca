import { z } from 'zod';
import { dimensions } from './dimensions.ts';

const decimalText = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => /^-?\d{1,15}(\.\d{1,18})?$/.test(text), { message: 'expected a plain decimal number' });
const dimension = z.enum(dimensions);
const names = z.union([z.string(), z.array(z.string())]).optional();

const inputFile = z.strictObject({
  id: z.string(),
  label: z.string(),
  unit: z.string(),
  per: dimension.optional(),
  sheet: z.enum(['Inputs', 'Hardware', 'Prices']).optional(),
  value: decimalText.optional(),
  shock: z.enum(['normal', 'uniform']).optional(),
  base: decimalText.optional(),
  built_in: z.enum(['month_number', 'hours_in_month', 'minor_units']).optional(),
  from: z.string().optional(),
  by_tier: z.boolean().optional(),
  term: z.string().optional(),
  given: z.string().optional(),
  is: z.record(z.string(), z.string()).optional(),
  of: z.enum(['priced-model']).optional(),
  price: z.string().optional(),
  price_apart: z.string().optional(),
  price_threshold: z.enum(['from', 'until']).optional(),
  price_change: z.enum(['chance', 'multiplier', 'rise_chance', 'rise_multiplier']).optional(),
  allowance: z.string().optional(),
  allowance_applies: z.string().optional(),
  surcharge: z.string().optional(),
  migration: z.enum(['active', 'price_ratio', 'token_ratio']).optional(),
  fee: z.string().optional(),
  part: z.enum(['rate', 'minimum', 'allowance']).optional(),
  rent: z.literal(true).optional(),
  exchange_rate: z.string().optional(),
  tier_total: z.enum(['bill', 'full', 'cash']).optional(),
  default: decimalText.optional(),
  prior: z
    .union([
      z.strictObject({ range: z.tuple([decimalText, decimalText]) }),
      z.strictObject({ share: z.tuple([decimalText, decimalText, decimalText]) }),
      z.strictObject({ volatility: decimalText }),
    ])
    .optional(),
  driver: z.strictObject({ path: z.string(), label: z.string() }).optional(),
  omit_zero: z.boolean().optional(),
  only_if: names,
  source: z.string().optional(),
  note: z.string().optional(),
});

const rowFile = z.strictObject({
  id: z.string(),
  label: z.string(),
  unit: z.string(),
  per: dimension.optional(),
  formula: z.string(),
  perimeter: z.enum(['bill', 'full']).optional(),
  behaviour: z.enum(['fixed', 'usage']).optional(),
  cash: z.enum(['never', 'only']).optional(),
  only_if: names,
  source: z.string().optional(),
  note: z.string().optional(),
  report: z.boolean().optional(),
  charged_as: z.string().optional(),
});

const exampleFile = z.strictObject({
  name: z.string(),
  month: z.int().min(1).default(1),
  given: z.record(z.string(), z.union([decimalText, z.array(decimalText)])),
  expect: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)),
});

/** A cost model as its file has it, before formulas are read. */
export const modelFile = z.strictObject({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  uses: z.array(z.string()).default([]),
  includes: z.array(z.string()).default([]),
  inputs: z.array(inputFile).default([]),
  rows: z.array(rowFile).max(500).default([]),
  spills: z
    .array(
      z.strictObject({
        to: z.string(),
        share: z.string(),
        line: z.string(),
        label: z.string(),
        perimeter: z.enum(['bill', 'full']).default('bill'),
        only_if: z.string(),
        given: z.record(z.string(), z.string()).default({}),
      }),
    )
    .default([]),
  levers: z.array(z.enum(['cap', 'commitment'])).default([]),
  alerts: z
    .array(
      z.strictObject({
        code: z.string(),
        row: z.string(),
        above: decimalText,
        pointer: z.string(),
        message: z.string(),
      }),
    )
    .default([]),
  examples: z.array(exampleFile).default([]),
});

export type InputFile = z.output<typeof inputFile>;
