import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fixedClock } from '../../src/clock.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

function send(text: string, query = '', type = 'text/csv'): Promise<Response> {
  return service.fetch(`/v1/prices/import${query}`, { method: 'POST', body: text, headers: { 'Content-Type': type } });
}

const header = 'provider,model,meter,price,valid_from';

async function estimate(as_of: string): Promise<string> {
  const scenario = smallScenario({ as_of, start: '2027-01', price_changes: 'none' });
  return (await service.fetch('/v1/estimates', { json: scenario })).text();
}

async function billOf(text: string): Promise<string> {
  return JSON.parse(text).tiers[0].total.bill.base as string;
}

describe('importing prices', () => {
  test('a price learned today with a past first day changes a forecast of today and leaves yesterday’s identical', async () => {
    const [yesterday, today] = [await estimate('2026-11-21'), await estimate('2026-11-22')];
    const stored = await service.fetch('/v1/forecasts', {
      json: { scenario: smallScenario({ as_of: '2026-11-22', start: '2027-01', price_changes: 'none' }) },
    });
    const { id } = (await stored.json()) as { id: string };

    const learned = await send(`${header}\nopenai,gpt-5.4-mini,input,1.50,2026-10-01\n`);
    expect(learned.status).toBe(201);
    expect(service.announced).toMatchObject([{ type: 'price.changed', data: { changed: 1, quarantined: 0 } }]);
    expect(await learned.json()).toMatchObject({
      known_at: '2026-11-22',
      counts: { new: 0, same: 0, differs: 1, quarantined: 0 },
      differences: [{ verdict: 'differs', model: 'gpt-5.4-mini', believed: '0.75', proposed: '1.5', ratio: '2' }],
    });

    expect(await estimate('2026-11-21')).toBe(yesterday);
    const now = await estimate('2026-11-22');
    expect(now).not.toBe(today);
    // Median requests of 250k to 400k, 1,200 input tokens each, 0.75 dearer per million, three months.
    const extra = 3 * Math.sqrt(250_000 * 400_000) * 1200 * 1e-6 * 0.75;
    expect(Number(await billOf(now)) - Number(await billOf(today))).toBeCloseTo(extra, 0);

    // The stored forecast keeps the prices it was made with.
    const rerun = await service.fetch(`/v1/forecasts/${id}/rerun`, { method: 'POST', json: {} });
    expect(await rerun.json()).toMatchObject({ identical: true });
    const explained = await service.fetch(`/v1/forecasts/${id}/explain?path=prices.openai.chat.input`);
    expect(await explained.json()).toMatchObject({ value: '0.75', details: { known_at: '2026-09-23' } });
  });

  test('the price book shows both beliefs, each with the day it was learned', async () => {
    const history = await service.fetch('/v1/prices/history?provider=openai&model=gpt-5.4-mini');
    const { data } = (await history.json()) as { data: { meter: string; price: string; known_at: string }[] };
    expect(data.filter(({ meter }) => meter === 'input').map(({ price, known_at }) => [price, known_at])).toEqual([
      ['0.75', '2026-09-23'],
      ['1.5', '2026-11-22'],
    ]);
  });

  test('a dry run tells the same and stores nothing', async () => {
    const text = `${header}\nanthropic,claude-haiku-4-5,output,4.00,\n`;
    const dry = await send(text, '?dry_run=true');
    expect(dry.status).toBe(200);
    expect(await dry.json()).toMatchObject({ id: null, dry_run: true, counts: { differs: 1 } });
    const again = await send(text);
    expect(again.status).toBe(201);
  });

  test('the same list on the same day teaches nothing new', async () => {
    const text = `${header}\nanthropic,claude-haiku-4-5,output,4.50,\n`;
    const first = (await (await send(text)).json()) as { id: string };
    const second = await send(text);
    expect(second.status).toBe(200);
    expect(await second.json()).toMatchObject({ id: first.id, repeated: true });
  });

  test('a price of more than ten times another is kept apart until it is accepted', async () => {
    const before = await estimate('2026-11-22');
    const text = `${header}\nanthropic,claude-haiku-4-5,input,11,\n`;
    expect(await (await send(text)).json()).toMatchObject({
      counts: { quarantined: 1 },
      differences: [{ verdict: 'outlier', believed: '1', proposed: '11' }],
    });
    expect(await estimate('2026-11-22')).toBe(before);
    expect((await send(text, '?accept_outliers=true')).status).toBe(201);
    expect(await estimate('2026-11-22')).not.toBe(before);
  });

  test('a list of OpenRouter is known by what stands in it, and tells where it differs from the book', async () => {
    const text = readFileSync('test/fixtures/prices/openrouter-models.json', 'utf8');
    const report = await (await send(text, '?dry_run=true', 'application/json')).json();
    expect(report).toMatchObject({
      format: 'openrouter',
      left_out: [expect.stringContaining('not known here'), expect.anything()],
    });
  });

  test('a wrong list is refused with every line', async () => {
    const refused = await send(`${header}\nopenai,x,inputs,free,soon\n`);
    expect(refused.status).toBe(422);
    const { errors } = (await refused.json()) as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/2/meter', '/2/price', '/2/valid_from']);
    expect((await send('x', '', 'text/plain')).status).toBe(415);
  });

  test('what was learned tomorrow confirms the price, so that it is no longer stale', async () => {
    service.setClock(fixedClock(new Date('2026-11-23T12:00:00.000Z')));
    await send(`${header}\ngoogle,gemini-2.5-pro,input,1.25,\ngoogle,gemini-2.5-pro,output,10,\n`);
    const list = await service.fetch('/v1/prices?provider=google&model=gemini-2.5-pro&meter=output');
    const { data } = (await list.json()) as {
      data: { known_at: string; stale: boolean; model: string; above_input_tokens: number | null }[];
    };
    const own = data.filter(({ model, above_input_tokens: above }) => model === 'gemini-2.5-pro' && above === null);
    expect(own.map(({ known_at, stale }) => [known_at, stale])).toEqual([
      ['2026-09-23', true],
      ['2026-11-23', false],
    ]);
  });
});
