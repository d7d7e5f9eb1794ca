import { fixedClock } from '../../src/clock.ts';
import { listRuns } from '../../src/db/runs.ts';
import { makeJobs } from '../../src/services/jobs.ts';
import { executeRun } from '../../src/services/runs/run-execution.ts';
import { monthWork } from '../../src/services/schedules/month-work.ts';
import { planSchedules } from '../../src/services/schedules/schedule-plan.ts';
import type { PeriodView } from '../../src/services/schedules/schedule-runs.ts';
import type { TestService } from '../helpers/app.ts';
import { defaultSettings, startTestService } from '../helpers/app.ts';
import type { FakeProvider } from '../helpers/fake-provider.ts';
import { linkPages, startFakeProvider } from '../helpers/fake-provider.ts';
import { costDay, openaiKey, steadyScenario } from '../helpers/openai-month.ts';

const scenario = steadyScenario({ name: 'Support <b>assistant</b>' });

/** A service that has gone through two months, and is in the third. */
export type MonthService = {
  readonly service: TestService;
  readonly scheduleId: string;
  readonly scenarioId: string;
  /** A month of the schedule, YYYY-MM. */
  readonly month: (period: string) => Promise<PeriodView>;
  /** Does every run that waits, as a worker would. */
  readonly work: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * September failed, as it had no bills; October is locked at 22 · 0.75 + 5.5 · 4.50 = 41.25 USD; November is under way, with
 * 2.00 USD billed on each of its first ten days; it is 11 November 2026, 12:00 UTC.
 */
export async function startMonthService(): Promise<MonthService> {
  const provider: FakeProvider = await startFakeProvider({ header: 'authorization', value: `Bearer ${openaiKey}` });
  const { outside } = defaultSettings;
  const service = await startTestService({
    settings: { outside: { ...outside, origins: { ...outside.origins, openai: provider.origin } } },
  });
  const jobs = makeJobs(monthWork);
  const post = async (path: string, json: unknown): Promise<string> => {
    const response = await service.fetch(path, { json });
    if (response.status !== 201) throw new Error(await response.text());
    return ((await response.json()) as { id: string }).id;
  };
  const serve = (days: readonly unknown[]): void => {
    const empty = { object: 'bucket', start_time: 1_790_812_800, end_time: 1_790_899_200, results: [] };
    provider.pages.set('/v1/organization/costs', linkPages(days.length === 0 ? [[empty]] : days.map((each) => [each])));
    provider.pages.set('/v1/organization/usage/completions', linkPages([[empty]]));
  };
  const work = async (): Promise<void> => {
    const queued = { schedule_id: null, period: null, kind: null, before: null, limit: 100, state: 'queued' } as const;
    for (const { id } of await listRuns(service.app.db, queued))
      await executeRun(service.app, jobs, id, { isLast: true, signal: new AbortController().signal });
  };
  const pass = async (instant: string): Promise<void> => {
    service.setClock(fixedClock(new Date(instant)));
    await planSchedules(service.app);
    await work();
  };

  service.setClock(fixedClock(new Date('2026-09-20T12:00:00Z')));
  const scenarioId = await post('/v1/scenarios', scenario);
  const source = await post('/v1/bill-sources', { name: 'OpenAI, our key', kind: 'openai', credential: openaiKey });
  const terms = { scenario_id: scenarioId, sources: [source], time_zone: 'Europe/Berlin', alert_above: '0.05' };
  const scheduleId = await post('/v1/schedules', { name: 'Monthly <i>bills</i>', ...terms });
  await pass('2026-09-30T06:00:00Z');
  serve([]);
  await pass('2026-10-03T06:00:00Z');
  serve([costDay('2026-10-03', 10, 2.5), costDay('2026-10-10', 10, 2.5), costDay('2026-10-31', 2, 0.5)]);
  await pass('2026-10-31T12:00:00Z');
  await pass('2026-11-03T06:00:00Z');
  await pass('2026-11-04T06:00:00Z');
  const firstDays = Array.from({ length: 10 }, (_, i) => `2026-11-${String(i + 1).padStart(2, '0')}`);
  // 1 million in at 0.75 and 1.25 USD of output.
  serve(firstDays.map((date) => costDay(date, 1, 1.25 / 4.5)));
  await pass('2026-11-11T12:00:00Z');
  return {
    service,
    scheduleId,
    scenarioId,
    month: async (period) => {
      const response = await service.fetch(`/v1/schedules/${scheduleId}/periods`);
      const { data } = (await response.json()) as { data: PeriodView[] };
      const found = data.find((each) => each.period === period);
      if (found === undefined) throw new Error(`${period} is no month of the schedule`);
      return found;
    },
    work,
    close: async () => {
      await service.close();
      await provider.close();
    },
  };
}
