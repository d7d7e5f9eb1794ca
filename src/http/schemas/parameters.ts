import { z } from 'zod';

/** Parameters that several operations take. Text from an address never holds control characters. */

const plain = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{C}*$/u, 'text without control characters');
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.optional().transform((value) => value ?? null);

export const paging = {
  cursor: optional(z.string().max(200, 'a cursor from next_cursor')).meta({
    description: '`next_cursor` of the page before',
  }),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'a whole number from 1 to 200')
    .transform(Number)
    .refine((value) => value >= 1 && value <= 200, 'from 1 to 200')
    .default(50)
    .meta({
      description: 'Most entries of a page, 1 to 200',
      override: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    }),
};

export const optionalText = (description: string) => optional(plain(200)).meta({ description });
export const requiredText = (description: string) => plain(200).meta({ description });
export const optionalDay = (description: string) => optional(z.iso.date('a day as YYYY-MM-DD')).meta({ description });
export const optionalMonth = (description: string) =>
  optional(z.string().regex(/^[12]\d{3}-(0[1-9]|1[0-2])$/, 'a month as YYYY-MM')).meta({ description });

/** A switch that is off when it is left out. */
export const yesOrNo = (description: string) =>
  z
    .enum(['true', 'false'])
    .optional()
    .transform((value) => value === 'true')
    .describe(description);

/** A JSON value in a parameter, null where it is left out. */
export const jsonText = <Schema extends z.ZodType>(schema: Schema, description: string) =>
  optional(
    z
      .string()
      .max(3_500, 'JSON of at most 3,500 characters')
      .transform((text, context): unknown => {
        try {
          return JSON.parse(text);
        } catch {
          context.addIssue('JSON text');
          return z.NEVER;
        }
      })
      .pipe(schema),
  ).meta({ description, override: { type: 'string' } });

export const optionalInstant = (description: string) =>
  optional(z.iso.datetime({ offset: true, error: 'an instant like 2026-11-22T12:00:00Z' })).meta({ description });

export const idOf = (form: RegExp, what: string) =>
  z.object({
    id: z
      .string()
      .regex(form)
      .meta({ description: `Id of the ${what}` }),
  });

/** A page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ data: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() });
