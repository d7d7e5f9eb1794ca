import { z } from 'zod';
import { scenarioFields as fields, machineFields, termFields as terms } from './fields.ts';
import type { Readable } from './readable.ts';
import { constant, month, quantity, text } from './schema-parts.ts';

export const operationsInput = z.strictObject({
  hours_per_month: quantity(
    fields.operator_hours,
    'Hours people spend on running it in a month; 0 when left out',
  ).optional(),
  hourly_rate: quantity(fields.hourly_rate, 'What an hour costs; 75 when left out').optional(),
});

const endpointInput = z.strictObject({
  name: text(100, 'Provider behind the router'),
  share: constant(terms.share, 'Share of the tokens it serves').optional(),
  tokens_per_s: constant(terms.tokens_per_s, 'Output tokens per second, for choose: fastest').optional(),
  input: constant(fields.unit_price, 'USD per 1M tokens'),
  cached_input: constant(fields.unit_price, 'USD per 1M tokens').optional(),
  output: constant(fields.unit_price, 'USD per 1M tokens'),
});

const fallbackInput = z.strictObject({
  model: text(200, 'Model id at the router, as the workloads name it'),
  to: text(200, 'Model id that requests fail over to'),
  provider: text(60, 'Provider of that model in the price book; left out: the router').optional(),
  share: constant(terms.fallback_share, 'Share of the requests that fail over'),
});

const routingInput = z.strictObject({
  over_list: quantity(terms.over_list, 'What routing pays above the list price, a share of it').optional(),
  mixes: z
    .array(
      z.strictObject({
        model: text(200, 'Model id at the router'),
        choose: z
          .enum(['shares', 'cheapest', 'fastest'])
          .optional()
          .describe('How the router picks; shares when left out'),
        endpoints: z.array(endpointInput).min(1).max(30).describe('Who serves it, at which prices'),
      }),
    )
    .max(20)
    .optional()
    .describe('Prices of the providers that serve a model behind the router, with their shares'),
  fallbacks: z
    .array(fallbackInput)
    .max(20)
    .optional()
    .describe('Models that requests fail over to, with the share that does, billed at the prices of those models'),
});

const throughputInput = z.strictObject({
  input_tokens_per_s: quantity(machineFields.input_tokens_per_s, 'Input tokens per second, over all users').optional(),
  output_tokens_per_s: quantity(
    machineFields.output_tokens_per_s,
    'Output tokens per second, over all users',
  ).optional(),
  total_tokens_per_s: quantity(
    machineFields.total_tokens_per_s,
    'Tokens of both classes per second, instead of the two',
  ).optional(),
});

const rentedFields = {
  price_per_hour: quantity(
    terms.price_per_hour,
    'USD for a GPU (or a unit) and hour; left out: the price book',
  ).optional(),
  throughput: throughputInput
    .optional()
    .describe('Speed of one replica (or unit); left out: it is taken to serve everything'),
  utilization_cap: quantity(
    machineFields.utilization_cap,
    'Highest utilisation aimed at; 70% when left out',
  ).optional(),
};

const dedicatedInput = z.strictObject({
  gpu: text(60, 'GPU in the price book, such as h100'),
  count: quantity(machineFields.gpus, 'GPUs of one replica; 1 when left out').optional(),
  replicas: quantity(machineFields.count, 'Replicas, at most, where they scale; 1 when left out').optional(),
  autoscale: z
    .strictObject({ at_least: constant(terms.replicas, 'Replicas that always run; 0 when left out').optional() })
    .optional()
    .describe('Replicas run only as long as the demand needs them'),
  plan: z.enum(['on-demand', 'reserved']).optional().describe('Which price of the book; on-demand when left out'),
  ...rentedFields,
});

const provisionedInput = z.strictObject({
  units: quantity(machineFields.count, 'Units of throughput bought'),
  tokens_per_minute: quantity(
    terms.tokens_per_minute,
    'Tokens per minute of one unit, instead of throughput',
  ).optional(),
  ...rentedFields,
});

/** What may be agreed with the provider of a tier. Money is in the scenario's currency. */
const termInputs = {
  data_residency: text(40, 'Region the data stays in, such as us, where that costs more').optional(),
  credit_purchase: quantity(
    terms.credit_purchase,
    'Credits bought at a time; left out: enough that the least fee of a purchase plays no part',
  ).optional(),
  own_key_share: quantity(terms.share, 'Share of the requests sent with a key of your own at the provider').optional(),
  free_allowance: quantity(terms.amount, 'Usage that is free every month').optional(),
  free_per_month: z
    .strictObject({
      input: quantity(terms.free_volume, 'Input tokens').optional(),
      cached_input: quantity(terms.free_volume, 'Input tokens read from cache').optional(),
      output: quantity(terms.free_volume, 'Output tokens').optional(),
      requests: quantity(terms.free_volume, 'Requests, of what is charged per request').optional(),
      web_searches: quantity(terms.free_volume, 'Web searches').optional(),
    })
    .optional()
    .describe(
      'Volume that is free every month, by meter, at standard service; meters left out keep what the price book has',
    ),
  credits: z
    .strictObject({
      amount: constant(terms.amount, 'Credits granted at the start'),
      until: month('Last month they can be used; left out: no end').optional(),
    })
    .optional()
    .describe('Credits that pay for usage until they are used up or expire'),
  commitment: z
    .strictObject({
      per_month: constant(terms.amount, 'Spend committed to per month'),
      until: month('Last month of the commitment; left out: no end').optional(),
    })
    .optional()
    .describe('Spend that is paid whether used or not'),
  rate_limits: z
    .strictObject({
      requests_per_minute: quantity(terms.requests_per_minute, 'Requests per minute allowed').optional(),
      tokens_per_minute: quantity(terms.tokens_per_minute, 'Tokens per minute allowed, input and output').optional(),
    })
    .optional()
    .describe('Limits held against the busiest hour'),
  routing: routingInput.optional().describe('How a router spreads requests over providers of different prices'),
  dedicated: dedicatedInput.optional().describe('GPUs rented by the hour; what does not fit is billed by the token'),
  provisioned: provisionedInput
    .optional()
    .describe(
      'Throughput reserved by the hour; what does not fit is billed by the token, and so are batch and flex, which it does not serve',
    ),
};

export const tierInput = z.union([
  text(60, 'Tier id'),
  z.strictObject({
    id: text(60, 'Tier id'),
    label: text(120, 'Name shown instead of the usual one').optional(),
    operations: operationsInput
      .optional()
      .describe('Operator hours of this tier; left out: `operations` for tiers with machines, else none'),
    ...termInputs,
  }),
]);

/** The object form of a tier, as far as it could be read. */
export type SentTerms = Readable<Exclude<z.input<typeof tierInput>, string>>;

export const priceChangesInput = z.union([
  z.literal('none'),
  z.strictObject({
    chance_per_month: quantity(terms.share, 'Chance that the list price of a model changes unannounced in a month'),
    multiplier: quantity(terms.ratio, 'New price ÷ old price'),
    rises: z
      .strictObject({
        chance_per_month: quantity(terms.share, 'Chance of such a rise in a month, beside the other changes'),
        multiplier: quantity(terms.ratio, 'New price ÷ old price'),
      })
      .optional()
      .describe('Rises, where the changes above are cuts; left out: none'),
  }),
]);

export const migrationInput = z.strictObject({
  provider: text(60, 'Provider in the price book'),
  model: text(200, 'Model id that is left, as the workloads name it'),
  at: month('First month at the successor'),
  to: text(200, 'Model id of the successor; left out: only the ratios are known').optional(),
  price_ratio: quantity(terms.ratio, 'Price after ÷ price before, on top of list prices; 1 when left out').optional(),
  token_ratio: quantity(terms.ratio, 'Tokens for the same text after ÷ before; 1 when left out').optional(),
});
