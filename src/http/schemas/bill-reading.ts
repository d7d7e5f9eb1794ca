import { z } from 'zod';

/** How the file of a bill is read, where it does not tell. */

const plain = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{C}*$/u, 'text without control characters');

export const answers = z.record(z.string().max(60), plain(200));
export const models = z.record(z.string().max(200), plain(200).nullable());
export const mapping = z.record(
  z.string().max(200),
  z.union([
    z.strictObject({ column: z.string().max(500), scale: z.string().max(40).exactOptional() }),
    z.strictObject({ value: plain(500) }),
  ]),
);

const mostEntries = 500;
const few = <Schema extends z.ZodType<object>>(schema: Schema) =>
  schema.refine((value) => Object.keys(value).length <= mostEntries, `at most ${mostEntries} entries`);

/** The same for every file of a source, which is read without anybody being asked. */
export const readingSchema = z
  .strictObject({
    format: plain(60).min(1).exactOptional().describe('Id of the format, where it shall not be found by the columns'),
    answers: few(answers)
      .exactOptional()
      .describe('Answers to what can be read in two ways: {"date-order": "day-first"}'),
    mapping: few(mapping).exactOptional().describe('What each FOCUS column is read from, of files of no known format'),
    models: few(models).exactOptional().describe('What billed names of models mean; null is none of the price book'),
  })
  .meta({ id: 'BillSourceReading' });
