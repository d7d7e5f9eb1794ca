import { z } from 'zod';
import { parseData } from '../core/prices/parse-data.ts';
import { readYamlFile } from './data-file.ts';

export const RATINGS = ['Excellent', 'Strong', 'Acceptable', 'Limited', 'Poor'] as const;

/** The ten dimensions of the comparison, in the order it shows them. */
export const DIMENSIONS = [
  'decode_speed',
  'privacy',
  'offline',
  'lock_in',
  'predictable_cost',
  'latency_floor',
  'model_breadth',
  'hardest_tasks',
  'compliance',
  'operator_complexity',
] as const;

const stated = z.strictObject({ rating: z.enum(RATINGS), note: z.string().min(1) });

const tier = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z0-9_-]*$/),
    label: z.string().min(1),
    sheet: z.string().min(1).max(31),
    cost_model: z.enum(['owned-hardware', 'token-api', 'composition']),
    provider: z.string().nullable(),
    credit_fee: z.string().nullable(),
    own_key_fee: z.string().optional(),
    rented: z.string().optional(),
    runs_machines: z.boolean(),
    offline: z.boolean(),
    first_token_ms: z.strictObject({ low: z.number().nullable(), high: z.number() }).nullable(),
    ratings: z
      .strictObject(
        Object.fromEntries(DIMENSIONS.map((id) => [id, stated])) as Record<(typeof DIMENSIONS)[number], typeof stated>,
      )
      .nullable(),
    ratings_reason: z.string().optional(),
  })
  .refine(({ cost_model, provider }) => (cost_model === 'token-api') === (provider !== null), {
    message: 'a token-api tier needs a provider, and no other tier has one',
  })
  .refine(({ ratings, ratings_reason }) => ratings !== null || ratings_reason !== undefined, {
    message: 'ratings may be null only with a ratings_reason',
  });

/** One way to serve the workloads, with its stated rating on the ten dimensions. */
export type Tier = Readonly<z.output<typeof tier>>;

/** The tiers in the order they are compared and shown. Throws InvalidInput with every problem. */
export async function loadTiers(path: string): Promise<readonly Tier[]> {
  return parseData(z.strictObject({ tiers: z.array(tier).min(1) }), await readYamlFile(path), path).tiers;
}
