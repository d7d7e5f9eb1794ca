import type { ScheduleView } from '../services/schedules/schedules.ts';
import { outputOf } from './output.ts';
import { scheduleTable } from './schedules.ts';
import type { ServiceOptions } from './service-command.ts';
import { connect, show } from './service-command.ts';

/** `infercast schedules pause ID` */
export async function runSchedulesPause(id: string, options: ServiceOptions): Promise<void> {
  await setPaused(id, true, options);
  outputOf(options).say(`${id} is paused: what passes meanwhile is not made up for.`);
}

/** `infercast schedules resume ID` */
export async function runSchedulesResume(id: string, options: ServiceOptions): Promise<void> {
  const { next } = await setPaused(id, false, options);
  outputOf(options).say(`${id} goes on: ${next.period} is compared at ${next.local.slice(0, 16)}.`);
}

/** `infercast schedules remove ID` */
export async function runSchedulesRemove(id: string, options: ServiceOptions): Promise<void> {
  const { change } = await connect(options);
  await change('DELETE', `/v1/schedules/${encodeURIComponent(id)}`);
  outputOf(options).say(`${id} is removed; its results and runs stay.`);
}

async function setPaused(id: string, paused: boolean, options: ServiceOptions): Promise<ScheduleView> {
  const { change } = await connect(options);
  const changed = (await change('PATCH', `/v1/schedules/${encodeURIComponent(id)}`, { paused })) as ScheduleView;
  show(options, changed, scheduleTable([changed]));
  return changed;
}
