import { z } from 'zod';
import type { Problem } from '../../core/problem.ts';
import { isPeriod } from '../../core/schedule/periods.ts';
import type { App } from '../../services/app.ts';
import type { ScheduleFields } from '../../services/page/schedule-form.ts';
import { findScheduleForm } from '../../services/page/schedule-form.ts';
import { findSchedulesPage } from '../../services/page/schedules-page.ts';
import { Refusal } from '../../services/refusal.ts';
import type { RunView } from '../../services/runs/runs.ts';
import { lookNow } from '../../services/schedules/look-plan.ts';
import { runSchedule } from '../../services/schedules/schedule-runs.ts';
import { changeSchedule, createSchedule, previewRuns, scheduleId } from '../../services/schedules/schedules.ts';
import type { FormFields } from '../form-body.ts';
import { fieldOf, formBody } from '../form-body.ts';
import type { Answer, Call } from '../operation.ts';
import { operation } from '../operation.ts';
import { scheduleRequest, timingRequest } from '../operations/schedules.ts';
import { answerWithPage, goTo, html } from '../page-templates.ts';
import { checkAgainst } from '../request-schema.ts';
import { idOf } from '../schemas/parameters.ts';
import { percentShare } from './percent-share.ts';

const tag = 'Page';
const params = idOf(scheduleId, 'schedule');
const page = { 200: { description: 'The page', mediaType: html } };
const done = { 303: { description: 'Where the page is that shows what was done' } };
const shownRuns = 12;

export const schedulePages = [
  operation({
    id: 'showSchedules',
    method: 'get',
    path: '/schedules',
    tag,
    summary: 'Schedules with their last months as a page',
    scope: 'read',
    rate: 'read',
    answers: page,
    refusals: [],
    handle: async ({ app }, call) => answerWithPage(call, 'schedules', await findSchedulesPage(app)),
  }),
  operation({
    id: 'showScheduleForm',
    method: 'get',
    path: '/schedules/new',
    tag,
    summary: 'The form for a new schedule',
    scope: 'read',
    rate: 'read',
    query: z.strictObject({ scenario_id: z.string().max(60).optional() }),
    answers: page,
    refusals: [],
    handle: async ({ app }, call) => {
      const { scenario_id = '' } = call.query;
      const fields = { ...usualFields, time_zone: app.settings.timeZone, scenario_id };
      return answerWithPage(call, 'schedule-form', await findScheduleForm(app, fields));
    },
  }),
  operation({
    id: 'sendScheduleForm',
    method: 'post',
    path: '/schedules/new',
    tag,
    summary: 'Show the next runs of what stands in the form, or save it',
    scope: 'schedules',
    rate: 'write',
    body: formBody,
    answers: { ...page, ...done },
    refusals: ['out-of-space'],
    handle: ({ app }, call) => (call.body.has('preview') ? previewForm(app, call) : saveForm(app, call)),
  }),
  operation({
    id: 'sendPauseForm',
    method: 'post',
    path: '/schedules/{id}/pause',
    tag,
    summary: 'Pause a schedule, or let it go on',
    scope: 'schedules',
    rate: 'write',
    params,
    body: formBody,
    answers: done,
    refusals: ['not-found', 'version-mismatch'],
    handle: async ({ app }, { params: { id }, body }) => {
      // Pausing one that was changed meanwhile is what was meant.
      await changeSchedule(app, id, { paused: fieldOf(body, 'paused') === 'true' }, () => true);
      return goTo(`/schedules#${id}`);
    },
  }),
  operation({
    id: 'sendRunForm',
    method: 'post',
    path: '/schedules/{id}/run',
    tag,
    summary: 'Run a month of a schedule now',
    scope: 'schedules',
    rate: 'write',
    params,
    body: formBody,
    answers: done,
    refusals: ['not-found', 'validation-failed'],
    handle: async ({ app }, { params: { id }, body, objectId }) => {
      const period = fieldOf(body, 'period') ?? null;
      if (period !== null && !isPeriod(period)) throw new Refusal('validation-failed', 'The month is one as YYYY-MM.');
      return goToRun(() => runSchedule(app, id, period, `run_${objectId}`));
    },
  }),
  operation({
    id: 'sendLookForm',
    method: 'post',
    path: '/schedules/{id}/nowcast',
    tag,
    summary: 'Look now at where the month under way will end',
    scope: 'schedules',
    rate: 'write',
    params,
    body: formBody,
    answers: done,
    refusals: ['not-found', 'limit-exceeded'],
    handle: ({ app }, { params: { id }, objectId }) => goToRun(() => lookNow(app, id, `run_${objectId}`)),
  }),
];

/** The page of the run that was started, or of the one that is under way already: a button pressed twice is no mistake. */
async function goToRun(start: () => Promise<RunView>): Promise<Answer> {
  try {
    return goTo(`/runs/${(await start()).id}`);
  } catch (error) {
    const existing = error instanceof Refusal && error.code === 'run-exists' ? error.members.existing : undefined;
    if (typeof existing !== 'string') throw error;
    return goTo(existing.replace(/^\/v1/, ''));
  }
}

const usualFields: ScheduleFields = {
  name: 'Monthly bills',
  scenario_id: '',
  day: '3',
  time: '06:00',
  cron: '',
  time_zone: 'UTC',
  sources: [],
  alert_above: '10',
};

type FormCall = Call<unknown, unknown, FormFields>;

async function previewForm(app: App, call: FormCall): Promise<Answer> {
  const fields = fieldsOf(app, call.body);
  return answerForm(app, call, fields, async () => {
    const checked = checkAgainst(timingRequest, timingOf(fields));
    if (!checked.ok) throw new Refusal('validation-failed', 'The times are wrong.', { errors: checked.problems });
    const next = previewRuns(app, checked.value, shownRuns);
    return answerWithPage(call, 'schedule-form', await findScheduleForm(app, fields, { next }));
  });
}

async function saveForm(app: App, call: FormCall): Promise<Answer> {
  const fields = fieldsOf(app, call.body);
  return answerForm(app, call, fields, async () => {
    const { name, scenario_id, sources, alert_above } = fields;
    const alert = percentShare(alert_above);
    const input = { name, scenario_id, sources, ...timingOf(fields), alert_above: alert.ok ? alert.share : null };
    const checked = checkAgainst(scheduleRequest, input);
    if (!checked.ok || !alert.ok) {
      const problems = [
        ...(checked.ok ? findTimingProblems(app, fields) : checked.problems),
        ...(alert.ok ? [] : [alert.problem('/alert_above')]),
      ];
      throw new Refusal('validation-failed', 'Some fields are wrong.', { errors: problems });
    }
    const made = await createSchedule(app, `sch_${call.objectId}`, checked.value);
    return goTo(`/schedules#${made.id}`);
  });
}

/** What storing would find wrong with the times: all that is wrong is said at once. */
function findTimingProblems(app: App, fields: ScheduleFields): readonly Problem[] {
  const checked = checkAgainst(timingRequest, timingOf(fields));
  if (!checked.ok) return checked.problems;
  try {
    previewRuns(app, checked.value, 1);
    return [];
  } catch (error) {
    if (error instanceof Refusal) return error.errors;
    throw error;
  }
}

/** The form once more, with every problem beside its field, where what stands in it is refused. */
async function answerForm(
  app: App,
  call: FormCall,
  fields: ScheduleFields,
  act: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    const isOfForm =
      error instanceof Refusal && ['validation-failed', 'conflict', 'limit-exceeded'].includes(error.code);
    if (!isOfForm) throw error;
    const problems =
      error.errors.length > 0 ? error.errors : [{ code: error.code, pointer: '', message: error.message }];
    return answerWithPage(call, 'schedule-form', await findScheduleForm(app, fields, { problems }), 422);
  }
}

function fieldsOf(app: App, form: FormFields): ScheduleFields {
  const text = (name: string): string => fieldOf(form, name) ?? '';
  return {
    name: text('name'),
    scenario_id: text('scenario_id'),
    day: text('day'),
    time: text('time'),
    cron: text('cron'),
    time_zone: fieldOf(form, 'time_zone') ?? app.settings.timeZone,
    sources: form.get('sources') ?? [],
    alert_above: text('alert_above'),
  };
}

/** An expression wins over day and time, which always stand in the form. */
function timingOf({ day, time, cron, time_zone }: ScheduleFields) {
  if (cron !== '') return { cron, time_zone };
  return { day: /^\d{1,2}$/.test(day) ? Number(day) : day, time, time_zone };
}
