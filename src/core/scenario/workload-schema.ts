import { z } from 'zod';
import { workloadFields as fields } from './fields.ts';
import { constant, id, quantity, quantityFields, text, utcHours } from './schema-parts.ts';

const tokenTotals = (description: string) =>
  z
    .array(constant(fields.token_total, 'Tokens').nullable())
    .min(1)
    .max(10_000)
    .optional()
    .describe(`${description}, one number for each value; null is a gap`);

const historyInput = z
  .strictObject({
    unit: z.enum(['day', 'week', 'month']).describe('How far apart the values are'),
    values: z
      .array(
        z
          .union([
            constant(fields.requests_per_month, 'Requests'),
            z.strictObject({
              one_off: constant(fields.requests_per_month, 'Requests of a step that will not come again'),
            }),
          ])
          .register(quantityFields, { ...fields.requests_per_month, byMonth: false })
          .nullable(),
      )
      .min(1)
      .max(10_000)
      .describe(
        'Requests at equal steps, oldest first, up to the month before the first; null is a gap, {one_off: 41k} a step that will not come again',
      ),
    input_tokens: tokenTotals('Input tokens of all requests of each step, cache reads and writes included'),
    output_tokens: tokenTotals('Output tokens of all requests of each step, reasoning included'),
    cached_input_tokens: tokenTotals('Input tokens read from cache in each step'),
  })
  .describe('Measured requests, which replace a guess; with token totals, what a request takes is learned as well');

const sizeInput = z.strictObject({
  share: constant(fields.share_of_requests, 'Share of the requests'),
  input: constant(fields.tokens_of_size, 'Input tokens of such a request'),
  output: constant(fields.tokens_of_size, 'Output tokens of such a request'),
});

const learned = 'left out: learned from the history, else a stated prior';

const spikesInput = z.strictObject({
  chance_per_month: quantity(fields.chance_per_month, `Chance that a spike starts in a month; ${learned}`).optional(),
  multiplier: quantity(fields.multiplier, `Size of a spike, times the month; ${learned}`).optional(),
  carry_over: quantity(fields.carry_over, `Share of the excess left in the next month; ${learned}`).optional(),
});

const busyHoursInput = z.strictObject({
  utc_hours: utcHours('Busy hours of the week'),
  share: constant(
    fields.share_in_hours,
    'Share of the requests that falls into them; the rest is spread over the others',
  ),
});

const cacheStorageInput = z.strictObject({
  tokens: quantity(fields.input_tokens, 'Tokens kept in the cache of a provider that charges for keeping them'),
  hours_per_day: quantity(fields.hours_per_day, 'Hours of the day they are kept; 24 when left out').optional(),
});

const needsInput = z.strictObject({
  offline: z.boolean().optional().describe('It has to run without a network: rules out every cloud'),
  sensitive_data: z
    .union([z.boolean(), z.literal('must_stay')])
    .optional()
    .describe('Its data is sensitive: true counts in the comparison, must_stay rules out every cloud'),
  hardest_tasks_share: constant(
    fields.hardest_tasks_share,
    'Share of tasks only the strongest models solve',
  ).optional(),
  max_first_token_ms: constant(fields.max_first_token_ms, 'Longest wait for the first token, in ms').optional(),
});

/** A stream of requests as it may be sent. */
export const workloadInput = z
  .strictObject({
    id: id('Name of the workload in paths'),
    requests_per_month: z
      .union([quantity(fields.requests_per_month, 'Requests in month 1'), z.strictObject({ history: historyInput })])
      .register(quantityFields, fields.requests_per_month)
      .optional()
      .describe('Requests in month 1, or {history: {unit, values}}'),
    input_tokens: z
      .union([
        quantity(fields.input_tokens, 'Input tokens per request'),
        z.strictObject({
          mean: constant(fields.mean_tokens, 'Mean input tokens per request'),
          p95: constant(fields.mean_tokens, '95 % of the requests have fewer; at most 3.868 × mean'),
        }),
      ])
      .register(quantityFields, fields.input_tokens)
      .optional()
      .describe('Input tokens per request, cache reads and writes included; or {mean, p95}'),
    output_tokens: quantity(fields.output_tokens, 'Output tokens per request, reasoning included').optional(),
    reasoning_tokens: quantity(fields.reasoning_tokens, 'How many of the output tokens are reasoning').optional(),
    sizes: z
      .array(sizeInput)
      .min(1)
      .max(50)
      .optional()
      .describe(
        'Request sizes with their shares of the requests (100 % together), instead of input_tokens and output_tokens',
      ),
    tokens_per_month: z
      .strictObject({
        input: quantity(fields.input_tokens, 'Input tokens in month 1'),
        output: quantity(fields.output_tokens, 'Output tokens in month 1'),
      })
      .optional()
      .describe('Tokens in month 1 instead of requests × tokens; rules per request then need requests_per_month too'),
    cached_input_share: quantity(fields.cached_input_share, 'Share of input_tokens read from cache').optional(),
    cache_write_share: quantity(fields.cache_write_share, 'Share of input_tokens written to cache').optional(),
    cache_ttl: z.enum(['5m', '1h']).optional().describe('How long a cache write lasts; 5m when left out'),
    batch_share: quantity(fields.batch_share, 'Share of requests sent as batch').optional(),
    flex_share: quantity(fields.flex_share, 'Share of requests sent as flex: cheaper and slower').optional(),
    priority_share: quantity(
      fields.priority_share,
      'Share of requests sent with priority: dearer and faster',
    ).optional(),
    web_searches_per_request: quantity(
      fields.web_searches_per_request,
      'Web searches per request that the provider bills; 0 when left out',
    ).optional(),
    effective_price_volatility: quantity(
      fields.effective_price_volatility,
      'Log standard deviation by which the price paid moves at constant list prices, as cache and output shares move (5% to 11% from week to week on one platform); 0 when left out',
    ).optional(),
    growth_per_month: quantity(fields.growth_per_month, 'Growth from month to month').optional(),
    volatility: quantity(
      fields.volatility,
      'Log standard deviation of the first month; left out: learned from history, else a wide prior',
    ).optional(),
    spikes: z
      .union([z.literal('none'), spikesInput])
      .optional()
      .describe('Rare months far above the others, or none; left out: a stated prior'),
    busy_hours: busyHoursInput
      .optional()
      .describe('When the requests come, for prices by time of day; left out: evenly over the week'),
    cache_storage: cacheStorageInput.optional().describe('Tokens kept in a cache by the hour; left out: none'),
    peak_hour_ratio: quantity(fields.peak_hour_ratio, 'Busiest hour ÷ mean hour; 1.9 when left out').optional(),
    needs: needsInput.optional().describe('What a tier must offer to be considered'),
    model: z.record(z.string().max(60), text(200, 'Model id')).optional().describe('Model id asked for, by tier id'),
    quantization: text(40, 'Quantization of the local model').optional(),
  })
  .meta({ id: 'Workload', description: 'A stream of requests' });

export type WorkloadInput = z.input<typeof workloadInput>;
