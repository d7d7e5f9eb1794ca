import { pauseSchedule } from '../../db/schedules.ts';
import type { Db, ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';

/** Pauses a schedule whose zone this system no longer knows, and tells it: the others must not wait for it. Other errors are thrown. */
export async function pauseUnreadable(
  app: App,
  trx: Db,
  { id, version }: Pick<ScheduleRow, 'id' | 'version'>,
  error: unknown,
): Promise<void> {
  if (!(error instanceof RangeError)) throw error;
  await pauseSchedule(trx, id, nowText(app));
  await app.announce(trx, {
    id: `${id}-paused-${version}`,
    type: 'schedule.failed',
    data: { schedule: id, reason: `It was paused: ${error.message}` },
  });
}
