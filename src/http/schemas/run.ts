import { z } from 'zod';
import { runStates } from '../../services/runs/run-states.ts';

const instant = z.iso.datetime();

const run = {
  id: z.string(),
  kind: z
    .string()
    .describe(
      'forecast, comparison, freeze-forecast, nowcast, compare-period, pull-bills, import-bills, keep-days, pull-prices, check-prices',
    ),
  state: z.enum(runStates),
  trigger: z
    .enum(['request', 'schedule', 'backfill', 'repeat', 'manual'])
    .describe('backfill: made up for later; repeat: a provisional result pulled again'),
  schedule_id: z.string().nullable(),
  period: z.string().nullable().describe('The month it covers, YYYY-MM'),
  attempt: z.int(),
  progress: z.object({ done: z.number(), total: z.number().nullable(), unit: z.string() }).nullable(),
  result: z.unknown().describe('What it brought: addresses and headline figures; null until it has succeeded'),
  error: z
    .looseObject({
      code: z.string(),
      message: z.string(),
      errors: z
        .array(
          z.object({
            pointer: z.string(),
            code: z.string(),
            detail: z.string(),
            limit: z.string().exactOptional(),
            suggestions: z.array(z.string()).exactOptional(),
          }),
        )
        .exactOptional(),
    })
    .nullable()
    .describe('Why the last attempt failed; entries and further members as in a problem'),
  cancel_requested: z.boolean(),
  created_at: instant,
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
};

export const runSchema = z.object(run).meta({ id: 'Run' });
export const runDetailsSchema = z
  .object({ ...run, log: z.array(z.object({ at: instant, attempt: z.int(), message: z.string() })) })
  .meta({ id: 'RunWithLog' });
