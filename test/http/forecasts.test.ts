import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { engineVersion } from '../../src/compute/calculate.ts';
import { insertForecast } from '../../src/db/forecasts.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

type Forecast = {
  id?: string;
  scenario: { name: string; version?: number };
  tiers: { id: string }[];
  inputs_digest: string;
};

async function forecast(body: unknown): Promise<{ status: number; location: string | null; forecast: Forecast }> {
  const response = await service.fetch('/v1/forecasts', { json: body });
  return {
    status: response.status,
    location: response.headers.get('location'),
    forecast: (await response.json()) as Forecast,
  };
}

describe('an estimate', () => {
  test('is the forecast without id and version, in text that ends with a newline, and is not stored', async () => {
    const response = await service.fetch('/v1/estimates', { json: smallScenario() });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text.endsWith('}\n')).toBe(true);
    const estimate = JSON.parse(text) as Forecast;
    expect(estimate.id).toBeUndefined();
    expect(estimate.scenario).toEqual({ name: 'Small' });
    expect(estimate.tiers.map(({ id }) => id)).toEqual(['openai', 'anthropic']);
    expect(await (await service.fetch('/v1/forecasts')).json()).toMatchObject({ data: [] });
  });

  test('of the same scenario is the same, byte for byte, wrapped or not, as JSON or YAML', async () => {
    const plain = await (await service.fetch('/v1/estimates', { json: smallScenario() })).text();
    const wrapped = await (await service.fetch('/v1/estimates', { json: { scenario: smallScenario() } })).text();
    const yaml = await service.fetch('/v1/estimates', {
      method: 'POST',
      body: JSON.stringify(smallScenario()),
      headers: { 'Content-Type': 'application/yaml' },
    });
    expect(wrapped).toBe(plain);
    expect(await yaml.text()).toBe(plain);
  });
});

describe('a stored forecast', () => {
  test('of a stored scenario names its version and stays as it is when the scenario changes', async () => {
    const made = await service.fetch('/v1/scenarios', { json: smallScenario({ name: 'Kept' }) });
    const { id: scenario_id } = (await made.json()) as { id: string };
    const first = await forecast({ scenario_id });
    expect(first).toMatchObject({ status: 201, forecast: { scenario: { name: 'Kept', version: 1 } } });
    expect(first.location).toBe(`/v1/forecasts/${first.forecast.id}`);
    await service.fetch(`/v1/scenarios/${scenario_id}`, {
      method: 'PUT',
      json: smallScenario({ name: 'Kept', months: 4 }),
      headers: { 'If-Match': '*' },
    });
    const second = await forecast({ scenario_id });
    expect(second.forecast.scenario.version).toBe(2);
    expect(await (await service.fetch(first.location ?? '')).json()).toEqual(first.forecast);
    const list = await service.fetch(`/v1/forecasts?scenario_id=${scenario_id}`);
    expect(((await list.json()) as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual([
      second.forecast.id,
      first.forecast.id,
    ]);
  });

  test('without its id and version is the estimate', async () => {
    const { forecast: stored } = await forecast({ scenario: smallScenario() });
    const { id: _, ...rest } = stored;
    const estimate = await service.fetch('/v1/estimates', { json: smallScenario() });
    expect(`${JSON.stringify(rest)}\n`).toBe(await estimate.text());
  });

  test('recomputes to the last byte', async () => {
    const { forecast: stored } = await forecast({ scenario: smallScenario() });
    const rerun = await service.fetch(`/v1/forecasts/${stored.id}/rerun`, { method: 'POST' });
    expect(await rerun.json()).toEqual({ identical: true, digest: stored.inputs_digest });
  });

  test('that does not recompute says where it differs', async () => {
    const { forecast: stored } = await forecast({ scenario: smallScenario() });
    const row = await service.app.db
      .selectFrom('forecasts')
      .selectAll()
      .where('id', '=', stored.id ?? '')
      .executeTakeFirstOrThrow();
    await insertForecast(service.app.db, {
      ...row,
      id: 'fc_0tampered',
      result: row.result.replace('"Small"', '"Smell"'),
    });
    const rerun = await service.fetch('/v1/forecasts/fc_0tampered/rerun', { method: 'POST' });
    const at = row.result.indexOf('"Small"') + 3;
    expect(await rerun.json()).toEqual({
      identical: false,
      first_difference: {
        at,
        stored: expect.stringContaining('"Smell"'),
        now: expect.stringContaining('"Small"'),
      },
    });
  });

  test('of another engine version is refused with the reason, and stays readable', async () => {
    const { forecast: stored } = await forecast({ scenario: smallScenario() });
    const row = await service.app.db
      .selectFrom('forecasts')
      .selectAll()
      .where('id', '=', stored.id ?? '')
      .executeTakeFirstOrThrow();
    await insertForecast(service.app.db, { ...row, id: 'fc_0older', engine: '0.9.0' });
    const rerun = await service.fetch('/v1/forecasts/fc_0older/rerun', { method: 'POST' });
    expect(rerun.status).toBe(409);
    expect(await rerun.json()).toMatchObject({
      type: '/v1/problems/engine-changed',
      forecast_engine: '0.9.0',
      engine: engineVersion,
    });
    expect((await service.fetch('/v1/forecasts/fc_0older')).status).toBe(200);
  });

  test('cannot be changed or deleted, not even in the database', async () => {
    const { forecast: stored } = await forecast({ scenario: smallScenario() });
    const { db } = service.app;
    const change = db
      .updateTable('forecasts')
      .set({ name: 'other' })
      .where('id', '=', stored.id ?? '')
      .execute();
    await expect(change).rejects.toThrow(/never changed/);
    await expect(
      db
        .deleteFrom('forecasts')
        .where('id', '=', stored.id ?? '')
        .execute(),
    ).rejects.toThrow(/never changed/);
  });

  test('comes as CSV that adds up, under a safe file name', async () => {
    const { forecast: stored } = await forecast({ scenario: smallScenario({ name: 'Käse "x" /../a' }) });
    const csv = await service.fetch(`/v1/forecasts/${stored.id}.csv`);
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toMatch(
      /^attachment; filename="[A-Za-z ._-]+\.csv"; filename\*=UTF-8''[A-Za-z0-9%._-]+$/,
    );
    const [head, ...rows] = (await csv.text())
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(head).toEqual([
      'tier',
      'label',
      'month',
      'perimeter',
      'currency',
      'base',
      'p5',
      'p10',
      'p50',
      'p90',
      'p95',
      'mean',
      'reason',
    ]);
    const base = rows.filter(([tier, , , perimeter]) => tier === 'openai' && perimeter === 'bill');
    expect(base.map(([, , month]) => month).slice(-1)).toEqual(['total']);
    const cents = base.map((row) => Math.round(Number(row[5]) * 100));
    expect(cents.slice(0, 3).reduce((sum, month) => sum + month, 0)).toBe(cents[3]);
  });

  test('explains a number, and says what is not one', async () => {
    const { forecast: stored } = await forecast({ scenario: smallScenario() });
    const unknown = await service.fetch(`/v1/forecasts/${stored.id}/explain?path=openai.no_such_line`);
    expect(unknown.status).toBe(404);
    expect((await service.fetch(`/v1/forecasts/${stored.id}/explain`)).status).toBe(400);
  });

  test.each(['fc_00000000000000000000000000', 'fc_NOPE', 'sc_1', "fc_1' or '1'='1"])('%s is not found', async (id) => {
    for (const path of ['', '.csv', '.xlsx', '/explain?path=a']) {
      expect((await service.fetch(`/v1/forecasts/${encodeURIComponent(id)}${path}`)).status).toBe(404);
    }
  });
});

describe('a forecast request', () => {
  test.each([
    ['neither', {}],
    ['both', { scenario_id: 'sc_1', scenario: smallScenario() }],
  ])('with %s is refused', async (_, body) => {
    const response = await service.fetch('/v1/forecasts', { json: body });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ detail: 'Send either scenario_id or scenario.' }] });
  });

  test('for a scenario that is not there points at its id', async () => {
    const response = await service.fetch('/v1/forecasts', { json: { scenario_id: 'sc_nowhere' } });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '/scenario_id', code: 'unknown-scenario' }] });
  });

  test('with problems in its scenario points into the scenario', async () => {
    const response = await service.fetch('/v1/forecasts', { json: { scenario: smallScenario({ months: 121 }) } });
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '/scenario/months' }] });
  });
});
