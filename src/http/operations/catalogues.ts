import { z } from 'zod';
import { findHardware, findModels, findPrices, getPriceHistory } from '../../services/catalogues.ts';
import { learnPrices } from '../../services/prices/learn-prices.ts';
import { pullableLists, pullPricesNow } from '../../services/prices/price-plan.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { optionalDay, optionalText, pageOf, paging, requiredText, yesOrNo } from '../schemas/parameters.ts';
import { runSchema } from '../schemas/run.ts';

const tag = 'Catalogues';
const cacheControl = 'public, max-age=300';
const price = z
  .looseObject({
    provider: z.string(),
    model: z.string(),
    meter: z.string(),
    unit: z.string(),
    price: z.string().describe('Decimal text, in `unit`'),
    above_input_tokens: z.int().nullable().describe('Prices whole requests whose input is larger than this'),
    utc_hours: z
      .string()
      .nullable()
      .describe('Hours of the week in which it holds, such as 01:00-04:00 mon-fri; null: all'),
    valid_from: z.string().nullable(),
    valid_to: z.string().nullable(),
    known_at: z.string().nullable(),
    checked_at: z.string().nullable(),
    source: z.string(),
    stale: z.boolean().describe('Not vouched for within PRICE_STALE_DAYS'),
  })
  .meta({ id: 'Price' });

const importReport = z
  .looseObject({
    id: z.string().nullable(),
    format: z.string(),
    catalogue: z.string(),
    known_at: z.string().describe('Forecasts with an earlier as_of do not see these prices'),
    dry_run: z.boolean(),
    repeated: z.boolean(),
    counts: z.object({ new: z.int(), same: z.int(), differs: z.int(), quarantined: z.int() }),
    differences: z.array(z.looseObject({ verdict: z.enum(['new', 'same', 'differs', 'outlier']) })),
    left_out: z.array(z.string()),
  })
  .meta({ id: 'PriceImport' });

export const catalogueOperations = [
  operation({
    id: 'listPrices',
    method: 'get',
    path: '/v1/prices',
    tag,
    summary: 'List the price book',
    scope: 'read',
    rate: 'read',
    cacheControl,
    query: z.strictObject({
      ...paging,
      provider: optionalText('Only this provider'),
      model: optionalText('Part of a model id, any case'),
      meter: optionalText('Only this meter'),
      on: optionalDay('Only prices in force on this day'),
    }),
    answers: { 200: { description: 'A page', schema: pageOf(price), headers: ['Link'] } },
    refusals: ['bad-cursor'],
    handle: async ({ app }, { query }) => answerPage('/v1/prices', query, await findPrices(app, query)),
  }),
  operation({
    id: 'getPriceHistory',
    method: 'get',
    path: '/v1/prices/history',
    tag,
    summary: 'Every price a model has had and will have',
    scope: 'read',
    rate: 'read',
    cacheControl,
    query: z.strictObject({ provider: requiredText('Provider'), model: requiredText('Exact model id or alias') }),
    answers: {
      200: {
        description: 'Oldest first within each meter',
        schema: z.object({ model: z.string(), data: z.array(price) }),
      },
    },
    refusals: ['not-found'],
    handle: async ({ app }, { query: { provider, model } }) => ({
      status: 200,
      body: await getPriceHistory(app, provider, model),
    }),
  }),
  operation({
    id: 'importPrices',
    method: 'post',
    path: '/v1/prices/import',
    tag,
    summary: 'Learn prices from a list: they hold for forecasts from today on',
    description:
      'Takes a CSV (provider, model, meter, price, above_input_tokens, utc_hours, valid_from, valid_to, source), LiteLLM’s price file, OpenRouter’s /api/v1/models, models.dev’s api.json or a price file of this project, and tells which by what stands in it. Rows are appended; nothing that was known is changed.',
    scope: 'write',
    rate: 'write',
    makes: true,
    query: z.strictObject({
      dry_run: yesOrNo('true: only say what would be learned'),
      accept_outliers: yesOrNo('true: take prices that are more than ten times another, or less than a tenth, too'),
    }),
    body: {
      schema: z.unknown(),
      yaml: false,
      text: { mediaTypes: ['text/csv', 'application/json'], limitBytes: 8 * 1_048_576 },
      example: {
        data: [{ id: 'meta-llama/llama-3.1-8b-instruct', pricing: { prompt: '0.00000002', completion: '0.00000003' } }],
      },
    },
    answers: {
      200: { description: 'A dry run, or the same list again', schema: importReport },
      201: { description: 'What was learned', schema: importReport },
    },
    refusals: ['validation-failed', 'out-of-space'],
    handle: async ({ app }, { query, body, objectId }) => {
      const report = await learnPrices(app, `pi_${objectId}`, {
        text: String(body),
        dryRun: query.dry_run,
        acceptOutliers: query.accept_outliers,
      });
      return { status: report.dry_run || report.repeated ? 200 : 201, body: report };
    },
  }),
  operation({
    id: 'pullPrices',
    method: 'post',
    path: '/v1/prices/pull',
    tag,
    summary: 'Fetch published lists of prices now and learn from them',
    description:
      'Those of PRICE_PULL, which are fetched each day by themselves, unless one is named. Learns like an import; what a list only says again is not stored again. Nothing is fetched with OFFLINE=true.',
    scope: 'write',
    rate: 'write',
    makes: true,
    query: z.strictObject({
      list: z
        .enum(pullableLists, `one of ${pullableLists.join(', ')}`)
        .optional()
        .transform((value) => value ?? null)
        .meta({ description: 'Only this list, set or not' }),
    }),
    answers: { 202: { description: 'The run, queued', schema: runSchema, headers: ['Location'] } },
    refusals: ['validation-failed', 'conflict', 'run-exists', 'limit-exceeded'],
    handle: async ({ app }, { query, objectId }) => {
      const run = await pullPricesNow(app, query.list, `run_${objectId}`);
      return { status: 202, body: run, headers: { Location: `/v1/runs/${run.id}` } };
    },
  }),
  operation({
    id: 'listHardware',
    method: 'get',
    path: '/v1/hardware',
    tag,
    summary: 'List GPUs and machines, each figure with its source and date',
    scope: 'read',
    rate: 'read',
    cacheControl,
    query: z.strictObject(paging),
    answers: {
      200: {
        description: 'A page',
        schema: pageOf(z.looseObject({ id: z.string(), label: z.string() })),
        headers: ['Link'],
      },
    },
    refusals: ['bad-cursor'],
    handle: ({ app }, { query }) => answerPage('/v1/hardware', query, findHardware(app, query)),
  }),
  operation({
    id: 'listModels',
    method: 'get',
    path: '/v1/models',
    tag,
    summary: 'List the models with a price, and the open-weight models a machine can serve',
    scope: 'read',
    rate: 'read',
    cacheControl,
    query: z.strictObject({
      ...paging,
      provider: optionalText('Only those priced by this provider'),
      q: optionalText('Part of the id'),
    }),
    answers: {
      200: {
        description: 'A page',
        schema: pageOf(z.looseObject({ kind: z.enum(['priced', 'open-weight']), id: z.string() })),
        headers: ['Link'],
      },
    },
    refusals: ['bad-cursor'],
    handle: ({ app }, { query }) => answerPage('/v1/models', query, findModels(app, query)),
  }),
];
