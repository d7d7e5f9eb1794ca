import { lookNow } from '../../services/schedules/look-plan.ts';
import { scheduleId } from '../../services/schedules/schedules.ts';
import { operation } from '../operation.ts';
import { idOf } from '../schemas/parameters.ts';
import { runSchema } from '../schemas/run.ts';

export const lookOperations = [
  operation({
    id: 'lookAtSchedule',
    method: 'post',
    path: '/v1/schedules/{id}/nowcast',
    tag: 'Schedules',
    summary: 'Look now at where the month under way will end',
    description:
      'A schedule does so once a day from the 4th on. What the look sees is shown with the period; it stores no bills. While a look of this day is under way, answers 409 with its run.',
    scope: 'schedules',
    rate: 'write',
    makes: true,
    params: idOf(scheduleId, 'schedule'),
    answers: { 202: { description: 'The run, queued', schema: runSchema, headers: ['Location'] } },
    refusals: ['not-found', 'run-exists', 'limit-exceeded'],
    handle: async ({ app }, { params: { id }, objectId }) => {
      const run = await lookNow(app, id, `run_${objectId}`);
      return { status: 202, body: run, headers: { Location: `/v1/runs/${run.id}` } };
    },
  }),
];
