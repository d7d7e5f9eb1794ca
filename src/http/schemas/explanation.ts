import { z } from 'zod';
import type { ExplainedFigure, Explanation } from '../../core/forecast/explain.ts';

/** How one number came about, from outside. The types make sure that it is what the core gives. */

const figure = {
  path: z.string(),
  label: z.string(),
  value: z.string().describe('Decimal text, or an error such as #DIV/0!'),
  unit: z.string(),
  range: z.string().exactOptional().describe('An uncertain input as it was understood'),
  source: z.string().exactOptional(),
  mean_of: z
    .array(
      z.object({
        share: z.string(),
        value: z.string(),
        source: z.string(),
        details: z.record(z.string(), z.string()),
      }),
    )
    .exactOptional()
    .describe('The figures it is a mean of, such as a price by the hour, by their shares of the requests'),
  details: z.record(z.string(), z.string()).exactOptional().describe('Provider, model matched, valid from …'),
};
const explained: z.ZodType<ExplainedFigure> = z.object(figure).meta({ id: 'ExplainedFigure' });

export const explanationSchema: z.ZodType<Explanation> = z
  .object({
    ...figure,
    month: z.string().nullable(),
    formula: z.object({ names: z.string(), figures: z.string() }).nullable(),
    note: z.string().exactOptional(),
    reads: z.array(explained).describe('What the formula reads'),
    rests_on: z.array(explained).describe('The inputs it rests on in the end'),
  })
  .meta({ id: 'Explanation' });
