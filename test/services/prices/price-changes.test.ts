import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../../src/clock.ts';
import { createScenario } from '../../../src/services/forecasts/scenarios.ts';
import { deliverDue } from '../../../src/services/notices/deliveries.ts';
import type { ChangeFigures } from '../../../src/services/prices/price-change-notice.ts';
import { describePriceChanges, priceChangeView } from '../../../src/services/prices/price-change-notice.ts';
import type { ScheduledPrice } from '../../../src/services/prices/scheduled-prices.ts';
import { createSchedule } from '../../../src/services/schedules/schedules.ts';
import type { TestService } from '../../helpers/app.ts';
import { defaultSettings, smallScenario, startTestService } from '../../helpers/app.ts';
import type { Mailbox } from '../../helpers/mailbox.ts';
import { startMailbox } from '../../helpers/mailbox.ts';
import type { WebhookReceiver } from '../../helpers/webhook-receiver.ts';
import { startReceiver } from '../../helpers/webhook-receiver.ts';

let service: TestService;
let mailbox: Mailbox;
let signed: WebhookReceiver;
let slack: WebhookReceiver;
beforeAll(async () => {
  [mailbox, signed, slack] = await Promise.all([startMailbox(), startReceiver(), startReceiver()]);
  const mail = { smtpUrl: mailbox.url, from: 'infercast@example.com', to: ['controller@example.com'] };
  service = await startTestService({ announces: true, settings: { outside: { ...defaultSettings.outside, mail } } });
  await createScenario(service.app, 'sc_chat', smallScenario());
  await createSchedule(service.app, 'sch_chat', { name: 'Monthly bills', scenario_id: 'sc_chat' });
  await service.fetch('/v1/webhooks', { json: { name: 'Finance', url: signed.url } });
  await service.fetch('/v1/webhooks', { json: { name: 'Team', url: slack.url, form: 'slack' } });
});
afterAll(async () => {
  await service.close();
  await Promise.all([mailbox.close(), signed.close(), slack.close()]);
});

async function learn(day: string, ...lines: readonly string[]): Promise<void> {
  service.setClock(fixedClock(new Date(`${day}T12:00:00Z`)));
  const body = `provider,model,meter,price,valid_from\n${lines.join('\n')}\n`;
  const request = { method: 'POST', body, headers: { 'Content-Type': 'text/csv' } };
  expect((await service.fetch('/v1/prices/import', request)).status).toBe(201);
  await deliverDue(service.app);
}

const told = () => service.announced.filter(({ type }) => type === 'price.changed').map(({ data }) => data);

describe('prices that changed', () => {
  test('are told line by line where a schedule uses the model, in JSON, mail and Slack; of the others how many', async () => {
    await learn(
      '2026-11-22',
      'openai,gpt-5.4-mini,input,0.9,2026-10-01',
      'anthropic,claude-haiku-4-5,output,4,',
      'anthropic,claude-haiku-4-5,input,11,',
      'openai,gpt-5.5,input,4,',
    );
    const { data } = JSON.parse(signed.got[0]?.body ?? '{}') as { data: ChangeFigures };
    expect(data).toMatchObject({
      catalogue: 'negotiated prices',
      changed: 3,
      quarantined: 1,
      schedules: [{ id: 'sch_chat', name: 'Monthly bills', scenario_id: 'sc_chat', scenario: 'Small' }],
      unused: 1,
      more_changes: 0,
    });
    const common = { unit: 'USD/Mtok', above_input_tokens: null, utc_hours: null, schedules: ['sch_chat'] };
    const haiku = { ...common, provider: 'anthropic', model: 'claude-haiku-4-5', from: '2026-11-22' };
    expect(data.changes).toEqual([
      { ...haiku, meter: 'input', old_price: '1', new_price: '11', percent: '10', quarantined: true },
      { ...haiku, meter: 'output', old_price: '5', new_price: '4', percent: '-0.2', quarantined: false },
      {
        ...common,
        provider: 'openai',
        model: 'gpt-5.4-mini',
        meter: 'input',
        old_price: '0.75',
        new_price: '0.9',
        // 0.9 / 0.75 - 1
        percent: '0.2',
        from: '2026-10-01',
        quarantined: false,
      },
    ]);

    const [mail] = mailbox.got;
    expect(mail?.subject).toBe('[infercast] 3 prices that schedules use changed (negotiated prices)');
    expect(mail?.text).toMatch(/^Schedule +Monthly bills \(Small\)$/m);
    expect(mail?.text).toMatch(
      /^ {2}openai gpt-5\.4-mini input +0\.75 → 0\.9 USD\/Mtok \(\+20\.0\u00a0%\), from 1 October 2026$/m,
    );
    expect(mail?.text).toMatch(
      /^ {2}anthropic claude-haiku-4-5 input +1 → 11 USD\/Mtok \(\+1000\.0\u00a0%\), kept apart$/m,
    );
    expect(mail?.text).toContain('1 price more changed of models that no schedule uses.');
    const { text, blocks } = JSON.parse(slack.got[0]?.body ?? '{}') as { text: string; blocks: unknown[] };
    expect(text).toBe('3 prices that schedules use changed (negotiated prices)');
    expect(JSON.stringify(blocks)).toContain('anthropic claude-haiku-4-5 output: 5 → 4 USD/Mtok (−20.0\u00a0%)');
  });

  test('are told once: the same list on the next day is no news, nor is what it was kept apart for', async () => {
    await learn(
      '2026-11-23',
      'openai,gpt-5.4-mini,input,0.9,2026-10-01',
      'anthropic,claude-haiku-4-5,output,4,',
      'anthropic,claude-haiku-4-5,input,11,',
      'openai,gpt-5.5,input,4,',
    );
    expect([told().length, mailbox.got.length]).toEqual([1, 1]);
  });

  test('of models that nobody uses are one line, and no mail', async () => {
    await learn('2026-11-24', 'openai,gpt-5.5,input,3,', 'openai,gpt-5.5,output,20,');
    expect(told().slice(1)).toMatchObject([{ changed: 2, unused: 2, changes: [], schedules: [] }]);
    const { text } = JSON.parse(slack.got[1]?.body ?? '{}') as { text: string };
    expect(text).toBe('2 prices changed of models that no schedule uses (negotiated prices)');
    expect(mailbox.got).toHaveLength(1);
  });

  test('are at most twenty lines and ten schedules, and how many more there are', () => {
    const model = { provider: 'acme', model: 'small' };
    const schedules = Array.from({ length: 12 }, (_, i) => ({
      id: `sch_${i}`,
      name: 'x'.repeat(120),
      scenario_id: `sc_${i}`,
      scenario: 'y'.repeat(120),
    }));
    const used: ScheduledPrice = {
      ...model,
      checked_at: '2026-11-22',
      days: 0,
      source: '',
      catalogue: null,
      stale: false,
      schedules,
    };
    const change = {
      ...model,
      meter: 'input',
      unit: 'USD/Mtok',
      utc_hours: null,
      valid_from: null,
      quarantined: false,
    };
    const changes = Array.from({ length: 25 }, (_, i) => ({
      ...change,
      above_input_tokens: i + 1,
      old_price: '1',
      new_price: '2',
    }));
    const figures = describePriceChanges({ id: 'pi_1', catalogue: 'list', known_at: '2026-11-22', changes }, [used]);
    // 20 of 25 prices, 10 of 12 schedules.
    expect([figures.changes.length, figures.more_changes]).toEqual([20, 5]);
    expect([figures.schedules.length, figures.more_schedules]).toEqual([10, 2]);
    expect(priceChangeView(figures).list?.rows.at(-1)?.label).toBe('and 5 more');
    expect(JSON.stringify(figures).length).toBeLessThan(20_000);
  });
});
