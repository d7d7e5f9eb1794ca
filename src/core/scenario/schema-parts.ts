import { z } from 'zod';
import { parseUtcHours, utcHoursInWords } from '../prices/utc-hours.ts';
import { findCurrencyFault } from './currency.ts';
import type { Reading } from './fault.ts';
import { shown } from './fault.ts';
import { parseQuantity } from './quantity.ts';
import type { QuantityField } from './quantity-field.ts';
import { boundsInWords, parseConstant } from './quantity-field.ts';

/** The field behind each schema of a number, for those who explain what is wrong with its shape. */
export const quantityFields = z.registry<QuantityField>();

const varies = z
  .enum(['once', 'monthly'])
  .optional()
  .describe('once: one unknown value for the whole horizon; monthly: a new draw every month');

const numberForm = z.union([z.number(), z.string().max(80)]).meta({
  id: 'Number',
  description: 'A number, or text with a suffix: 1200, 0.5, 250k, 1.2M, 12%',
});

const quantityForm = z
  .union([
    z.number(),
    z.string().max(80),
    z.strictObject({ range: z.string().max(80).describe('5 % and 95 % points, such as 5 to 15'), varies }),
    z.strictObject({ series: z.array(numberForm).min(1).describe('One number for each month of the horizon') }),
    z.strictObject({
      min: numberForm.describe('Lowest value possible'),
      mode: numberForm.describe('Most likely value, and the base'),
      max: numberForm.describe('Highest value possible'),
      varies,
    }),
    z.strictObject({
      p10: numberForm.describe('Below it one time in ten'),
      p50: numberForm.describe('Below it every second time, and the base'),
      p90: numberForm.describe('Above it one time in ten'),
      varies,
    }),
  ])
  .meta({
    id: 'Quantity',
    description:
      'A number (1200, 250k, 12%), a range (5 to 15, 800k..1.2M, 1M ±15%: nine times in ten between the ends), {min, mode, max}, {p10, p50, p90}, {range, varies} or {series: [one number a month]}',
  });

/** A number, a range or a series, with every fault of it as an issue of its own. */
export function quantity(field: QuantityField, description: string) {
  return quantityForm
    .superRefine((value, context) => report(parseQuantity(value, field), context))
    .describe(`${description}; ${boundsInWords(field)}`)
    .register(quantityFields, field);
}

/** A plain number. */
export function constant(field: QuantityField, description: string) {
  return numberForm
    .superRefine((value, context) => report(parseConstant(value, field), context))
    .describe(`${description}; ${boundsInWords(field)}`)
    .register(quantityFields, { ...field, byMonth: false });
}

/** A name people read: no control characters, no lone surrogates, nothing that turns the direction of writing. */
export function text(longest: number, description: string) {
  return z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]*$/u)
    .describe(`${description}; up to ${longest} characters on one line`);
}

/** A short lower-case name that rows, paths and sheets may use. */
export function id(description: string) {
  return z
    .string()
    .max(41)
    .regex(/^[a-z][a-z0-9_]*$/)
    .refine((name) => name !== 'constructor', {
      params: { code: 'reserved-id' },
      error: '"constructor" is reserved: choose another id.',
    })
    .describe(`${description}: a lower-case letter, then letters, digits and _, up to 41 in all`);
}

export function month(description: string) {
  return z
    .string()
    .regex(/^(19[789]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])$/)
    .describe(`${description}, as YYYY-MM from 1970 to 2199`);
}

export function currency(description: string) {
  return z
    .string()
    .regex(/^[A-Z]{3}$/, { abort: true })
    .superRefine((code, context) => {
      const fault = findCurrencyFault(code);
      report({ ok: false, faults: fault === undefined ? [] : [fault] }, context);
    })
    .describe(`${description}, three capital letters of ISO 4217`);
}

function report(reading: Reading<unknown>, context: z.core.$RefinementCtx): void {
  if (reading.ok) return;
  for (const { code, path, message, suggestions, limit } of reading.faults) {
    context.addIssue({ code: 'custom', path: [...path], message, params: { code, suggestions, limit } });
  }
}

/** Hours of the week, in their one spelling where they can be read. */
export function utcHours(description: string) {
  return z
    .string()
    .max(60)
    .refine((text) => parseUtcHours(text) !== null, {
      params: { code: 'not-hours' },
      error: ({ input }) => `${shown(input)} are no hours of the week: expected ${utcHoursInWords}.`,
    })
    .describe(`${description}: ${utcHoursInWords}`);
}

/** A day that exists. */
export function date(description: string, isDate: (text: string) => boolean) {
  return z
    .string()
    .max(40)
    .refine(isDate, {
      params: { code: 'not-a-date' },
      error: ({ input }) => `${shown(input)} is not a day: expected YYYY-MM-DD, such as 2026-11-22.`,
    })
    .describe(`${description}, as YYYY-MM-DD`);
}
