import { z } from 'zod';
import { runStates } from '../../services/runs.ts';

const instant = z.iso.datetime();

const run = {
  id: z.string(),
  kind: z
    .string()
    .describe('forecast, freeze-forecast, nowcast, compare-period, pull-bills, keep-days, pull-prices, check-prices'),
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
    .object({
      code: z.string(),
      message: z.string(),
      errors: z.array(z.object({ pointer: z.string(), code: z.string(), message: z.string() })).exactOptional(),
    })
    .nullable()
    .describe('Why the last attempt failed'),
  cancel_requested: z.boolean(),
  created_at: instant,
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
};

export const runSchema = z.object(run).meta({ id: 'Run' });
export const runDetailsSchema = z
  .object({ ...run, log: z.array(z.object({ at: instant, attempt: z.int(), message: z.string() })) })
  .meta({ id: 'RunWithLog' });
