import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../../src/clock.ts';
import { listRuns } from '../../../src/db/runs.ts';
import { createScenario, deleteScenario } from '../../../src/services/forecasts/scenarios.ts';
import { makeJobs } from '../../../src/services/jobs.ts';
import { deliverDue } from '../../../src/services/notices/deliveries.ts';
import { planPrices } from '../../../src/services/prices/price-plan.ts';
import { importPrices } from '../../../src/services/prices/prices.ts';
import { executeRun } from '../../../src/services/runs/run-execution.ts';
import { monthWork } from '../../../src/services/schedules/month-work.ts';
import { createSchedule } from '../../../src/services/schedules/schedules.ts';
import type { TestService } from '../../helpers/app.ts';
import { defaultSettings, smallScenario, startTestService } from '../../helpers/app.ts';
import type { Mailbox } from '../../helpers/mailbox.ts';
import { startMailbox } from '../../helpers/mailbox.ts';

let service: TestService;
let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox();
  const mail = { smtpUrl: mailbox.url, from: 'infercast@example.com', to: ['controller@example.com'] };
  service = await startTestService({ announces: true, settings: { outside: { ...defaultSettings.outside, mail } } });
});
afterAll(async () => {
  await service.close();
  await mailbox.close();
});

const runs = async (state: 'queued' | null = null) =>
  listRuns(service.app.db, {
    schedule_id: null,
    period: null,
    kind: 'check-prices',
    state,
    before: null,
    limit: 100,
  });

/** What a worker does at an instant: plans what is due, then works. */
async function tick(instant: string): Promise<number> {
  service.setClock(fixedClock(new Date(instant)));
  const started = await planPrices(service.app);
  for (const { id } of await runs('queued')) {
    const options = { isLast: true, signal: new AbortController().signal };
    await executeRun(service.app, makeJobs(monthWork), id, options);
  }
  return started;
}

const told = () => service.announced.filter(({ type }) => type === 'price.stale').map(({ data }) => data);

describe('prices that schedules use', () => {
  test('are looked at by nobody where there is no schedule', async () => {
    expect(await tick('2026-10-23T12:00:00Z')).toBe(0);
    await createScenario(service.app, 'sc_chat', smallScenario());
    await createSchedule(service.app, 'sch_chat', { name: 'Monthly bills', scenario_id: 'sc_chat' });
    await createSchedule(service.app, 'sch_idle', { name: 'Resting', scenario_id: 'sc_chat', paused: true });
  });

  test('are looked at once a day from 06:00, however many look; 30 days old they are fresh', async () => {
    expect(await tick('2026-10-23T05:59:59Z')).toBe(0);
    service.setClock(fixedClock(new Date('2026-10-23T06:00:00Z')));
    const started = await Promise.all([planPrices(service.app), planPrices(service.app)]);
    expect(started.toSorted()).toEqual([0, 1]);
    expect(await tick('2026-10-23T23:00:00Z')).toBe(0);
    expect((await runs()).map(({ state, key }) => [state, key])).toEqual([['succeeded', 'check-prices:2026-10-23']]);
    expect(told()).toEqual([]);
  });

  test('are told on the day after, all at once, with who uses them, how old they are and where they came from', async () => {
    expect(await tick('2026-10-24T06:00:00Z')).toBe(1);
    expect(told()).toEqual([
      {
        as_of: '2026-10-24',
        stale_after_days: 30,
        schedules: [{ id: 'sch_chat', name: 'Monthly bills', scenario_id: 'sc_chat', scenario: 'Small' }],
        more_schedules: 0,
        prices: [
          ['anthropic', 'claude-haiku-4-5'],
          ['openai', 'gpt-5.4-mini'],
        ].map(([provider, model]) => ({
          provider,
          model,
          checked_at: '2026-09-23',
          days: 31,
          source: expect.stringMatching(/^https:/),
          catalogue: expect.stringContaining('genai-prices'),
          schedules: ['sch_chat'],
        })),
        more_prices: 0,
        command: 'infercast prices pull',
      },
    ]);
    await deliverDue(service.app);
    const [mail] = mailbox.got;
    expect(mail?.subject).toBe('[infercast] The prices of 2 models in use were last checked more than 30 days ago');
    expect(mail?.text).toContain('Monthly bills (Small)');
    expect(mail?.text).toMatch(/openai gpt-5\.4-mini +23 September 2026, 31 days ago · https:/);
    expect(mail?.text).toContain('infercast prices pull fetches a published list (openrouter, litellm, models-dev)');
  });

  test('are never told again for the same day of their last check', async () => {
    await tick('2026-10-25T06:00:00Z');
    await tick('2026-12-25T06:00:00Z');
    expect(told()).toHaveLength(1);
  });

  test('are told anew when what was vouched for since goes stale too, and only that', async () => {
    service.setClock(fixedClock(new Date('2026-12-26T05:00:00Z')));
    const { data } = (await (await service.fetch('/v1/prices/history?provider=openai&model=gpt-5.4-mini')).json()) as {
      data: { meter: string; price: string }[];
    };
    const lines = data.map(({ meter, price }) => `openai,gpt-5.4-mini,${meter},${price}`);
    const text = `provider,model,meter,price\n${lines.join('\n')}\n`;
    await importPrices(service.app, 'pi_again', { text, dryRun: false, acceptOutliers: false });
    await tick('2027-01-25T06:00:00Z');
    expect(told()).toHaveLength(1);
    await tick('2027-01-26T06:00:00Z');
    expect(told().slice(1)).toMatchObject([
      { prices: [{ model: 'gpt-5.4-mini', checked_at: '2026-12-26', days: 31 }] },
    ]);
  });

  test('of a scenario that cannot be forecast any more are not known, and the run says why', async () => {
    await deleteScenario(service.app, 'sc_chat', () => true);
    await tick('2027-01-27T06:00:00Z');
    const [run] = await runs();
    const { log } = (await (await service.fetch(`/v1/runs/${run?.id}`)).json()) as { log: { message: string }[] };
    expect(log[0]?.message).toBe(
      'Nothing is known of the prices of "Monthly bills" (sch_chat): There is no scenario sc_chat.',
    );
    expect(run?.state).toBe('succeeded');
  });
});
