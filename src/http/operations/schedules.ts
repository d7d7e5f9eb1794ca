import { z } from 'zod';
import { isPeriod } from '../../core/schedule/periods.ts';
import { scenarioId } from '../../services/forecasts/scenarios.ts';
import { findPeriods, runSchedule } from '../../services/schedules/schedule-runs.ts';
import type { ScheduleView } from '../../services/schedules/schedules.ts';
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  findSchedules,
  getNextRuns,
  getSchedule,
  previewRuns,
  scheduleEtag,
  scheduleId,
} from '../../services/schedules/schedules.ts';
import type { Answer } from '../operation.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { nowcastSchema } from '../schemas/nowcast.ts';
import { idOf, optionalText, pageOf, paging } from '../schemas/parameters.ts';
import { runSchema } from '../schemas/run.ts';

const tag = 'Schedules';
const instant = z.iso.datetime();
const params = idOf(scheduleId, 'schedule');

const timing = {
  day: z
    .union([z.int().min(1).max(31), z.literal('last')], 'a day from 1 to 28, or "last"')
    .optional()
    .describe('Day of the month; 3 unless given, because bills settle late'),
  time: z.string('a time such as 06:00').max(20).optional().describe('On the clocks of the zone; 06:00 unless given'),
  cron: z
    .string('a cron expression')
    .max(200)
    .optional()
    .describe('Instead of day and time: minute, hour, day of the month, month, day of the week'),
  time_zone: z.string('an IANA time zone').max(60).optional().describe('IANA zone; DEFAULT_TZ unless given'),
};
const terms = {
  name: z
    .string('a name')
    .min(1, 'a name of 1 to 120 characters')
    .max(120, 'a name of 1 to 120 characters')
    .regex(/^\P{C}*$/u, 'text without control characters'),
  scenario_id: z.string().regex(scenarioId, 'an id like sc_…').describe('Its forecast is frozen before each month'),
  ...timing,
  paused: z.boolean('true or false').optional(),
  sources: z
    .array(z.string().regex(/^[a-z]+_[0-9a-z]{1,40}$/, 'an id'))
    .max(20, 'at most 20')
    .optional()
    .describe('Bill sources that are pulled; none: bills that were imported'),
  alert_above: z
    .string()
    .regex(/^\d{1,2}(\.\d{1,6})?$/, 'a share such as 0.10')
    .nullable()
    .optional()
    .describe('Difference from the forecast, as a share, that counts as exceeded; 0.10 unless given, null: none does'),
};
export const scheduleRequest = z.strictObject(terms);
const change = z.strictObject({
  ...terms,
  name: terms.name.optional(),
  scenario_id: terms.scenario_id.optional(),
});
export const timingRequest = z.strictObject(timing);
const runRequest = z.strictObject({
  period: z.string().refine(isPeriod, 'a month as YYYY-MM').optional().describe('Unless given, the last that ended'),
});

const scheduledRun = z
  .object({ period: z.string(), at: instant, local: z.string().describe('The same on the clocks of the zone') })
  .meta({ id: 'ScheduledRun' });
const schedule = z
  .object({
    id: z.string(),
    name: z.string(),
    version: z.int(),
    scenario_id: z.string(),
    day: z.union([z.int(), z.literal('last')]).exactOptional(),
    time: z.string().exactOptional(),
    cron: z.string().exactOptional(),
    time_zone: z.string(),
    paused: z.boolean(),
    sources: z.array(z.string()),
    alert_above: z.string().nullable(),
    next: scheduledRun,
    next_freeze: scheduledRun,
    created_at: instant,
    updated_at: instant,
  })
  .meta({ id: 'Schedule' });
const period = z
  .object({
    period: z.string(),
    status: z
      .enum(['open', 'due', 'provisional', 'locked', 'failed', 'missed'])
      .describe('open: not due yet; provisional: may be restated; locked: two pulls a day apart agreed'),
    due_at: instant.nullable(),
    backfilled: z.boolean(),
    pulls: z.int(),
    pulled_at: instant.nullable(),
    next_pull_at: instant.nullable(),
    run_id: z.string().nullable(),
    result: z.unknown(),
    forecast_id: z.string().nullable().describe('The forecast that was frozen before the month'),
    freeze_status: z.enum(['due', 'frozen', 'failed', 'missed']).nullable(),
    frozen_at: instant.nullable(),
    nowcast: nowcastSchema
      .nullable()
      .describe('Where the month under way will probably end; null before its first look'),
    looked_at: instant.nullable(),
    next_look_at: instant.nullable().describe('null: no look comes any more'),
  })
  .meta({ id: 'SchedulePeriod' });
const runs = z.object({ data: z.array(scheduledRun) });

const example = {
  name: 'Monthly bills',
  scenario_id: 'sc_00sample',
  day: 3,
  time: '06:00',
  time_zone: 'Europe/Berlin',
};
const count = z
  .string()
  .regex(/^\d{1,2}$/, 'a whole number from 1 to 60')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 60, 'from 1 to 60')
  .default(12)
  .meta({
    description: 'How many, 1 to 60',
    override: { type: 'integer', minimum: 1, maximum: 60, default: 12 },
  });

export const scheduleOperations = [
  operation({
    id: 'createSchedule',
    method: 'post',
    path: '/v1/schedules',
    tag,
    summary: 'Compare the bills of each month with their forecast, without being asked',
    description:
      'Each calendar month has one result. Its forecast is frozen on the last day before it; its bills are pulled at the first firing after it, again each day while they are restated, and locked when two pulls a day apart agree. While a month is under way it is looked at once a day: whoever wants to is warned where it will most likely end more than alert_above above its forecast.',
    scope: 'schedules',
    rate: 'write',
    makes: true,
    body: { check: scheduleRequest, schema: scheduleRequest, yaml: false, example },
    answers: { 201: { description: 'The schedule', schema: schedule, headers: ['ETag', 'Location'] } },
    refusals: ['validation-failed', 'limit-exceeded', 'conflict', 'out-of-space'],
    handle: async ({ app }, { body, objectId }) => {
      const made = await createSchedule(app, `sch_${objectId}`, body);
      return { ...answerSchedule(201, made), headers: { Location: `/v1/schedules/${made.id}` } };
    },
  }),
  operation({
    id: 'previewSchedule',
    method: 'post',
    path: '/v1/schedules/preview',
    tag,
    summary: 'The next runs of times that are not saved yet, each with the month it covers',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({ count }),
    body: {
      check: timingRequest,
      schema: timingRequest,
      yaml: false,
      example: { day: 'last', time: '22:00', time_zone: 'UTC' },
    },
    answers: { 200: { description: 'The next runs', schema: runs } },
    refusals: ['validation-failed'],
    handle: ({ app }, { body, query }) => ({ status: 200, body: { data: previewRuns(app, body, query.count) } }),
  }),
  operation({
    id: 'listSchedules',
    method: 'get',
    path: '/v1/schedules',
    tag,
    summary: 'List schedules, newest first',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({ ...paging, scenario_id: optionalText('Only those of this scenario') }),
    answers: { 200: { description: 'A page', schema: pageOf(schedule), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/schedules', query, await findSchedules(app, query)),
  }),
  operation({
    id: 'getSchedule',
    method: 'get',
    path: '/v1/schedules/{id}',
    tag,
    summary: 'Read a schedule',
    scope: 'read',
    rate: 'read',
    params,
    answers: { 200: { description: 'The schedule', schema: schedule, headers: ['ETag'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => answerSchedule(200, await getSchedule(app, id)),
  }),
  operation({
    id: 'changeSchedule',
    method: 'patch',
    path: '/v1/schedules/{id}',
    tag,
    summary: 'Change what is named, pause or go on',
    description: 'Send the ETag you read in If-Match. What passes while a schedule is paused is not made up for.',
    scope: 'schedules',
    rate: 'write',
    changes: true,
    params,
    body: { check: change, schema: change, yaml: false, example: { paused: true } },
    answers: { 200: { description: 'The schedule', schema: schedule, headers: ['ETag'] } },
    refusals: ['validation-failed', 'not-found', 'conflict', 'version-mismatch', 'if-match-required'],
    handle: async ({ app }, { params: { id }, body, isExpected }) =>
      answerSchedule(
        200,
        await changeSchedule(app, id, body as Parameters<typeof changeSchedule>[2], (version) =>
          isExpected(scheduleEtag({ id, version })),
        ),
      ),
  }),
  operation({
    id: 'deleteSchedule',
    method: 'delete',
    path: '/v1/schedules/{id}',
    tag,
    summary: 'Delete a schedule',
    description: 'Its results and runs stay. Send the ETag you read in If-Match.',
    scope: 'schedules',
    rate: 'write',
    changes: true,
    params,
    answers: { 204: { description: 'Deleted' } },
    refusals: ['not-found', 'version-mismatch', 'if-match-required'],
    handle: async ({ app }, { params: { id }, isExpected }) => {
      await deleteSchedule(app, id, (version) => isExpected(scheduleEtag({ id, version })));
      return { status: 204 };
    },
  }),
  operation({
    id: 'listNextRuns',
    method: 'get',
    path: '/v1/schedules/{id}/next',
    tag,
    summary: 'The next runs, each with the month it covers',
    scope: 'read',
    rate: 'read',
    params,
    query: z.strictObject({ count }),
    answers: { 200: { description: 'The next runs', schema: runs } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id }, query }) => ({
      status: 200,
      body: { data: await getNextRuns(app, id, query.count) },
    }),
  }),
  operation({
    id: 'listSchedulePeriods',
    method: 'get',
    path: '/v1/schedules/{id}/periods',
    tag,
    summary: 'List the results of a schedule, newest month first',
    scope: 'read',
    rate: 'read',
    params,
    query: z.strictObject(paging),
    answers: { 200: { description: 'A page', schema: pageOf(period), headers: ['Link'] } },
    refusals: ['not-found', 'bad-cursor'],
    handle: async ({ app }, { params: { id }, query }) =>
      answerPage(`/v1/schedules/${id}/periods`, query, await findPeriods(app, id, query)),
  }),
  operation({
    id: 'runSchedule',
    method: 'post',
    path: '/v1/schedules/{id}/run',
    tag,
    summary: 'Run a month now',
    description:
      'Also one that was missed or has failed, and once more one that is still provisional. A month that is under way or locked answers 409 with its run.',
    scope: 'schedules',
    rate: 'write',
    makes: true,
    params,
    body: { check: runRequest, schema: runRequest, yaml: false, optional: true, example: { period: '2026-10' } },
    answers: { 202: { description: 'The run, queued', schema: runSchema, headers: ['Location'] } },
    refusals: ['validation-failed', 'not-found', 'run-exists'],
    handle: async ({ app }, { params: { id }, body, objectId }) => {
      const run = await runSchedule(app, id, body.period ?? null, `run_${objectId}`);
      return { status: 202, body: run, headers: { Location: `/v1/runs/${run.id}` } };
    },
  }),
];

function answerSchedule(status: number, made: ScheduleView): Answer {
  return { status, body: made, etag: scheduleEtag(made) };
}
