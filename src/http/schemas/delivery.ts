import { z } from 'zod';

const instant = z.iso.datetime();

/** What became of a notice at one receiver. */
export const deliveryState = {
  state: z.enum(['waiting', 'delivered', 'failed']),
  next_at: instant.nullable(),
  delivered_at: instant.nullable(),
  attempts: z.array(
    z.object({
      attempt: z.int(),
      at: instant,
      outcome: z.enum(['delivered', 'later', 'gone', 'refused']),
      status: z.int().nullable(),
      reason: z.string().nullable(),
    }),
  ),
};

export const deliverySchema = z
  .object({
    id: z.string(),
    notice: z.object({ id: z.string(), type: z.string(), data: z.unknown() }),
    created_at: instant,
    ...deliveryState,
  })
  .meta({ id: 'Delivery' });
