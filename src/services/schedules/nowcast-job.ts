import { z } from 'zod';
import { isPeriod } from '../../core/schedule/periods.ts';
import { updateNowcast } from '../../db/schedule-looks.ts';
import { findPeriod } from '../../db/schedule-periods.ts';
import type { Db, RunRow, ScheduleRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import type { NowcastFigures } from '../notices/notice-view.ts';
import type { Hooks, Job } from '../runs/run-execution.ts';
import { cancelled, reasonOf } from '../runs/run-execution.ts';
import type { MonthNowcast, PeriodWork } from './period-work.ts';
import { requireAnySchedule } from './schedule-jobs.ts';

export const nowcastKind = 'nowcast';

const nowcastInput = z.object({ schedule_id: z.string(), period: z.string().refine(isPeriod) });

export const nowcastHooks: Hooks = {
  // The next day looks again: of a source that stays away somebody is told once a month.
  failed: async (app, trx, run, error) => {
    if (error === cancelled) return;
    const { schedule_id, period } = nowcastInput.parse(JSON.parse(run.input));
    const next_try_at = (await findPeriod(trx, { schedule_id, period }))?.next_look_at ?? null;
    await app.announce(trx, {
      id: `${schedule_id}-${period}-nowcast-failed`,
      type: 'schedule.failed',
      data: { schedule: schedule_id, run: run.id, period, what: nowcastKind, reason: reasonOf(error), next_try_at },
    });
  },
};

/** Looks at a month under way, keeps where it will probably end, and warns of what will end above its forecast. */
export function nowcastJob(work: PeriodWork): Job {
  return {
    ...nowcastHooks,
    work: async (app, input, context) => {
      const { schedule_id, period } = nowcastInput.parse(input);
      const schedule = await requireAnySchedule(app.db, schedule_id);
      const looked_at = nowText(app);
      const row = await findPeriod(app.db, { schedule_id, period });
      const nowcast = await work.look(app, { schedule, period, forecast_id: row?.forecast_id ?? null }, context);
      return {
        result: nowcast,
        commit: async (trx) => {
          const seen = { schedule_id, period, nowcast: JSON.stringify(nowcast), looked_at, now: nowText(app) };
          // A month that has ended since is told by its comparison.
          if (await updateNowcast(trx, seen)) await warn(app, trx, { run: context.run, schedule, nowcast });
        },
      };
    },
  };
}

type Look = { readonly run: RunRow; readonly schedule: ScheduleRow; readonly nowcast: MonthNowcast };

/** Once for each tier and month: what is told again each day is read by nobody. */
async function warn(app: App, trx: Db, { run, schedule, nowcast }: Look): Promise<void> {
  const { period, scenario, currency, alert_above, forecast_id, tiers } = nowcast;
  if (alert_above === null || currency === null) return;
  const amount = (text: string): NowcastFigures['so_far'] => ({ amount: text, currency });
  for (const { tier, label, through, so_far, run_rate, p10, p50, p90, forecast, probability_over, warns } of tiers) {
    if (!warns || probability_over === null) continue;
    const figures: NowcastFigures = {
      scenario: scenario ?? '',
      period,
      tier: label,
      through,
      so_far: amount(so_far),
      run_rate: amount(run_rate),
      ends: { p10: amount(p10), p50: amount(p50), p90: amount(p90) },
      forecast: amount(forecast),
      alert_above,
      probability: probability_over,
    };
    await app.announce(trx, {
      id: `${schedule.id}-${period}-nowcast-${tier}`,
      type: 'nowcast.warning',
      data: {
        schedule: schedule.id,
        run: run.id,
        ...figures,
        forecast_id,
        report_url: `/schedules#${schedule.id}`,
        xlsx_url: `/v1/forecasts/${forecast_id}.xlsx`,
      },
    });
  }
}
