import { z } from 'zod';
import { findHardware, findModels, findPrices, getPriceHistory } from '../../services/catalogues.ts';
import { operation } from '../operation.ts';
import { answerPage } from '../page-answer.ts';
import { optionalDay, optionalText, pageOf, paging, requiredText } from '../schemas/parameters.ts';

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
    valid_from: z.string().nullable(),
    valid_to: z.string().nullable(),
    known_at: z.string().nullable(),
    checked_at: z.string().nullable(),
    source: z.string(),
    stale: z.boolean().describe('Not vouched for within PRICE_STALE_DAYS'),
  })
  .meta({ id: 'Price' });

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
    handle: ({ app }, { query }) => answerPage('/v1/prices', query, findPrices(app, query)),
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
    handle: ({ app }, { query: { provider, model } }) => ({ status: 200, body: getPriceHistory(app, provider, model) }),
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
