import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { operations } from '../../src/http/operations.ts';
import { problemTypes } from '../../src/http/problems.ts';
import type { TestService } from '../helpers/app.ts';
import { defaultSettings, smallScenario, startTestService } from '../helpers/app.ts';

type Media = { schema?: object; example?: unknown };
type Described = {
  operationId: string;
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media> }>;
};
type Document = { paths: Record<string, Record<string, Described>>; components: object };

const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../openapi.json'), 'utf8')) as Document;
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
(formats as unknown as (ajv: Ajv2020) => void)(ajv);

let service: TestService;
let scenarioId = '';
let passingId = '';
let forecastId = '';
let comparisonId = '';
let lockedBillId = '';
let reversedBillId = '';
let sentSoFar = 0;
/** What the operations on schedules, runs, sources and webhooks work on, by the beginning of their paths. */
const made: Record<string, string> = {};
beforeAll(async () => {
  // Nothing listens there: a mail that is not taken is described too.
  const mail = { smtpUrl: 'smtp://127.0.0.1:9', from: 'a@example.com', to: ['b@example.com'] };
  service = await startTestService({ settings: { outside: { ...defaultSettings.outside, mail } } });
  const scenario = await service.fetch('/v1/scenarios', { json: smallScenario() });
  scenarioId = ((await scenario.json()) as { id: string }).id;
  const passing = await service.fetch('/v1/scenarios', { json: smallScenario({ name: 'Passing' }) });
  passingId = ((await passing.json()) as { id: string }).id;
  const forecast = await service.fetch('/v1/forecasts', { json: { scenario_id: scenarioId } });
  forecastId = ((await forecast.json()) as { id: string }).id;
  // The first month of the small scenario; without bills of it a tier has to be named.
  bodies.createComparison = { forecast_id: forecastId, period: '2026-12', tiers: ['openai'] };
  const comparison = await service.fetch('/v1/comparisons', { json: bodies.createComparison });
  comparisonId = ((await comparison.json()) as { id: string }).id;
  lockedBillId = await storeBill('2026-09');
  reversedBillId = await storeBill('2026-10');
  bodies.createSchedule = { name: 'Monthly bills', scenario_id: scenarioId };
  made['/v1/schedules'] = await make('/v1/schedules', { ...(bodies.createSchedule as object), name: 'Kept' });
  made.deleteSchedule = await make('/v1/schedules', { ...(bodies.createSchedule as object), name: 'Passing' });
  made['/v1/runs'] = await make('/v1/forecasts', { scenario_id: scenarioId }, { Prefer: 'respond-async' });
  made['/v1/bill-sources'] = await make('/v1/bill-sources', { ...sourceOf, name: 'Kept' });
  made.deleteBillSource = await make('/v1/bill-sources', { ...sourceOf, name: 'Passing' });
  made['/v1/webhooks'] = await make('/v1/webhooks', { ...webhookOf, name: 'Kept' });
  made.deleteWebhook = await make('/v1/webhooks', { ...webhookOf, name: 'Passing' });
  await make(`/v1/webhooks/${made['/v1/webhooks']}/test`, undefined);
  await make(`/v1/webhooks/${made['/v1/webhooks']}/test`, undefined);
  const deliveries = await service.fetch(`/v1/webhooks/${made['/v1/webhooks']}/deliveries`);
  const sent = ((await deliveries.json()) as { data: { id: string; notice: { id: string } }[] }).data;
  made.delivery = sent[0]?.id ?? '';
  made['/v1/notices'] = sent[1]?.notice.id ?? '';
});
afterAll(() => service.close());

async function make(path: string, json: unknown, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const sent = {
    ...(json === undefined ? {} : { json }),
    method: 'POST',
    headers: { 'Idempotency-Key': `contract-${++sentSoFar}`, ...headers },
  };
  const response = await service.fetch(path, sent);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`);
  return (JSON.parse(text) as { id: string }).id;
}

/** A bill of 123.45 USD, as the example of locking one has it. */
async function storeBill(month: string): Promise<string> {
  const header =
    'BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceProviderName,BillingAccountId';
  const stored = await service.fetch('/v1/bills', {
    method: 'POST',
    body: `${header}\n123.45,USD,Usage,${month}-01T00:00:00Z,${month}-02T00:00:00Z,ACME,acct\n`,
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': month },
  });
  return ((await stored.json()) as { bills: { id: string }[] }).bills[0]?.id ?? '';
}

/** Fails unless the answer is one the document shows for this operation: status, media type and shape. */
async function expectDescribed(operationId: string, response: Response): Promise<unknown> {
  const { operation } = described.find((each) => each.operation.operationId === operationId) ?? {};
  const answer = operation?.responses[String(response.status)];
  expect({ operationId, status: response.status, described: answer !== undefined }).toMatchObject({ described: true });
  const text = await response.text();
  if (answer?.content === undefined) return expect(text).toBe('');
  const type = (response.headers.get('content-type') ?? '').split(';')[0] ?? '';
  expect(Object.keys(answer.content)).toContain(type);
  if (!type.endsWith('json')) return text;
  const value: unknown = JSON.parse(text);
  const validate = validatorOf(operationId, response.status, answer.content[type]?.schema ?? {});
  expect({ operationId, valid: validate(value), errors: validate.errors }).toMatchObject({ valid: true });
  return value;
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(operationId: string, status: number, schema: object): ValidateFunction {
  const name = `${operationId} ${status}`;
  const known = validators.get(name) ?? ajv.compile({ ...schema, components: document.components });
  validators.set(name, known);
  return known;
}

const sourceOf = { name: 'OpenAI', kind: 'openai', credential: 'sk-admin-0123456789' };
const webhookOf = { name: 'Finance', url: 'https://hooks.example.com/infercast' };
const bodies: Record<string, unknown> = {
  createScenario: smallScenario({ name: 'Another' }),
  validateScenario: smallScenario(),
  replaceScenario: smallScenario({ name: 'Replaced' }),
  createEstimate: smallScenario(),
  createForecast: { scenario: smallScenario() },
  createApiKey: { name: 'Contract', scopes: ['read'] },
  importBills: {
    object: 'page',
    data: [
      {
        object: 'bucket',
        start_time: 1730419200,
        end_time: 1730505600,
        results: [
          {
            object: 'organization.costs.result',
            amount: { value: 0.06, currency: 'usd' },
            line_item: null,
            project_id: null,
          },
        ],
      },
    ],
    has_more: false,
    next_page: null,
  },
  lockBill: { payable: '123.45' },
  reverseBill: { reason: 'contract' },
  rememberBilledModels: { models: [{ provider: 'anthropic', billed: 'Claude', model: null }] },
  previewSchedule: { day: 'last' },
  changeSchedule: { name: 'Kept on' },
  createBillSource: sourceOf,
  testNewBillSource: sourceOf,
  changeBillSource: { name: 'OpenAI, all' },
  createWebhook: webhookOf,
  changeWebhook: { name: 'Controllers' },
  importPrices: { data: [{ id: 'a/b', pricing: { prompt: '0.000001', completion: '0.000002' } }] },
};
const queries: Readonly<Record<string, string>> = {
  importBills: '?dry_run=true',
  getPriceHistory: '?provider=openai&model=gpt-5.4-mini',
  pullPrices: '?list=litellm',
  explainForecast: '?path=openai.output.chat.2026-12',
};

function addressOf(path: string, operationId: string): string {
  const own = operationId === 'deleteScenario' ? passingId : scenarioId;
  const bill = operationId === 'reverseBill' ? reversedBillId : lockedBillId;
  const id = path.startsWith('/v1/bills')
    ? bill
    : path.startsWith('/v1/scenarios')
      ? own
      : path.startsWith('/v1/api-keys')
        ? 'unknown1'
        : path.startsWith('/v1/comparisons')
          ? comparisonId
          : (made[operationId] ?? made[path.split('/').slice(0, 3).join('/')] ?? forecastId);
  const filled = path
    .replace('{id}', id)
    .replace('{delivery}', made.delivery ?? '')
    .replace('{version}', '1')
    .replace('{slug}', 'conflict');
  return filled + (queries[operationId] ?? '');
}

/** Their examples name a scenario, a key or a month that another store has; `bodies` has those of this one. */
const namesWhatIsElsewhere = new Set([
  'replaceScenario',
  'createComparison',
  'createSchedule',
  'runSchedule',
  'changeBillSource',
]);

describe('the OpenAPI document', () => {
  test('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
    expect(result).toMatchObject({ valid: true });
  });

  test('describes every operation there is and no other, each with its scope and its problems', () => {
    expect(described.map(({ operation }) => operation.operationId).sort()).toEqual(
      operations.map(({ id }) => id).sort(),
    );
    for (const { path, operation } of described) {
      expect([path, Object.keys(operation.responses)]).toEqual([path, expect.arrayContaining(['400', '500', '503'])]);
    }
  });

  test('is what the service serves', async () => {
    expect(await (await service.fetch('/v1/openapi.json')).json()).toEqual(document);
  });

  test.each(described.map(({ path, method, operation }) => [operation.operationId, method, path] as const))(
    '%s answers as described',
    async (operationId, method, path) => {
      const json = bodies[operationId];
      const response = await service.fetch(addressOf(path, operationId), {
        ...(json === undefined ? {} : { json }),
        method: method.toUpperCase(),
        headers: { 'If-Match': '*', ...(method === 'post' && { 'Idempotency-Key': operationId }) },
      });
      await expectDescribed(operationId, response);
      // There is no key to revoke on an open service.
      expect(response.ok || operationId === 'revokeApiKey').toBe(true);
    },
  );

  test('names for every example a body that works', async () => {
    for (const { path, method, operation } of described) {
      const example = operation.requestBody?.content['application/json']?.example;
      if (example === undefined || namesWhatIsElsewhere.has(operation.operationId)) continue;
      const response = await service.fetch(addressOf(path, operation.operationId), {
        method: method.toUpperCase(),
        json: example,
        headers: {
          'If-Match': '*',
          ...(method === 'post' && { 'Idempotency-Key': `example-${operation.operationId}` }),
        },
      });
      expect({ operation: operation.operationId, ok: response.ok }).toEqual({
        operation: operation.operationId,
        ok: true,
      });
    }
  });

  test('has a text for every kind of problem', async () => {
    for (const slug of Object.keys(problemTypes)) {
      const response = await service.fetch(`/v1/problems/${slug}`);
      expect(await expectDescribed('getProblemType', response)).toMatchObject({ type: `/v1/problems/${slug}` });
    }
    expect((await service.fetch('/v1/problems/no-such')).status).toBe(404);
  });
});

test('an address that no operation has is not there', async () => {
  for (const path of [
    '/v1',
    '/v1/',
    '/v1/scenario',
    '/V1/scenarios',
    '/v2/scenarios',
    '/v1/bill',
    '/.env',
    '/../package.json',
  ]) {
    const response = await service.fetch(path);
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      path,
      404,
      'application/problem+json; charset=utf-8',
    ]);
  }
});

describe('whatever is sent', () => {
  const hostile = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.constantFrom<unknown>(
      '1e308',
      '-0',
      '0x10',
      '1_000',
      'NaN',
      'Infinity',
      '=1+1',
      '9'.repeat(200),
      '5 to 1',
      '١٢',
      '',
      null,
      [],
      {},
      true,
      1e308,
      -1,
      { __proto__: null, constructor: 1 },
      '\u0000',
      '\ud800',
      '5 to',
      '±',
      '100%%',
      { series: [] },
      { p10: 3, p50: 2, p90: 1 },
    ),
  );
  const paths = fc.constantFrom(
    ['name'],
    ['months'],
    ['start'],
    ['currency'],
    ['as_of'],
    ['tiers'],
    ['tiers', '0'],
    ['workloads'],
    ['workloads', '0', 'id'],
    ['workloads', '0', 'requests_per_month'],
    ['workloads', '0', 'input_tokens'],
    ['workloads', '0', 'model'],
    ['workloads', '0', 'growth_per_month'],
    ['workloads', '0', 'cached_input_share'],
    ['workloads', '0', 'spikes'],
    ['sampling'],
    ['sampling', 'draws'],
    ['sampling', 'seed'],
    ['prices'],
    ['rows'],
    ['hybrid'],
    ['local'],
    ['energy'],
    ['predictability'],
    ['unknown'],
  );
  const mutated = fc.tuple(paths, hostile).map(([path, value]) => {
    const scenario = structuredClone(smallScenario({ sampling: { draws: 100, seed: 1 } }));
    let at = scenario as Record<string, unknown>;
    for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
    at[path.at(-1) ?? ''] = value;
    return scenario;
  });

  test('as a scenario, the answer is a described 2xx or 4xx, never a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (scenario) => {
        const response = await service.fetch('/v1/estimates', { json: scenario });
        expect([scenario, response.status < 500]).toEqual([scenario, true]);
        await expectDescribed('createEstimate', response);
      }),
      { numRuns: 300 },
    );
  });

  test('as any JSON to any operation that takes a body, the answer is a described 2xx or 4xx', async () => {
    const takers = described.filter(({ operation }) => operation.requestBody !== undefined);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...takers), fc.jsonValue(), async ({ path, method, operation }, json) => {
        const response = await service.fetch(addressOf(path, operation.operationId), {
          json,
          method: method.toUpperCase(),
        });
        expect(response.status).toBeLessThan(500);
        await expectDescribed(operation.operationId, response);
      }),
      { numRuns: 300 },
    );
  });

  test('as a query or an id, the answer is a described 2xx or 4xx', async () => {
    const readers = described.filter(({ method }) => method === 'get');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('../..', '%00', "' or 1=1 --", '\u0000', '-1', '9'.repeat(30)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...readers),
        fc.constantFrom('cursor', 'limit', 'q', 'provider', 'path', 'on', 'scenario_id'),
        text,
        async ({ path }, name, value) => {
          const clean = value.toWellFormed();
          const filled = path.replace(/\{\w+\}/g, () => encodeURIComponent(clean.replace(/^\.+$/, 'dots') || 'x'));
          const response = await service.fetch(`${filled}?${new URLSearchParams({ [name]: clean })}`);
          expect([path, name, clean, response.status < 500]).toEqual([path, name, clean, true]);
        },
      ),
      { numRuns: 400 },
    );
  });
});
