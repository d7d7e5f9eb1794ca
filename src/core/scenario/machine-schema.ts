import { z } from 'zod';
import { machineFields as fields } from './fields.ts';
import { id, month, quantity, text } from './schema-parts.ts';

const throughputInput = z.strictObject({
  input_tokens_per_s: quantity(fields.input_tokens_per_s, 'Input tokens per second, over all users').optional(),
  output_tokens_per_s: quantity(fields.output_tokens_per_s, 'Output tokens per second, over all users').optional(),
  total_tokens_per_s: quantity(
    fields.total_tokens_per_s,
    'Tokens of both classes per second, over all users, instead of the two',
  ).optional(),
});

/** A lot of equal machines as it may be sent. */
export const machineInput = z
  .strictObject({
    id: id('Name of the lot in paths'),
    count: quantity(fields.count, 'Machines in the lot; 1 when left out').optional(),
    gpu: text(60, 'A GPU of the hardware catalogue, or custom'),
    gpus: quantity(fields.gpus, 'GPUs per machine; 1 when left out').optional(),
    gpu_price: quantity(fields.gpu_price, 'Price per GPU; left out: the catalogue, in USD').optional(),
    host_price: quantity(fields.host_price, 'Price of the rest of a machine; 0 when left out').optional(),
    idle_watts: quantity(fields.idle_watts, 'Power of a whole machine doing nothing').optional(),
    load_watts: quantity(fields.load_watts, 'Power of a whole machine under load').optional(),
    throughput: throughputInput.describe('Speed of one machine with all its GPUs, serving many users at once'),
    utilization: quantity(
      fields.utilization,
      'Measured utilisation, which drives power only; left out: from demand',
    ).optional(),
    utilization_cap: quantity(fields.utilization_cap, 'Highest utilisation aimed at; 70% when left out').optional(),
    bought: month('Month of the purchase; month 1 when left out').optional(),
    life_months: quantity(fields.life_months, 'Months a machine is used; 36 when left out').optional(),
    at_end_of_life: z
      .enum(['rebuy', 'keep', 'retire'])
      .optional()
      .describe('What happens after its life: bought again at the same price (rebuy, when left out), kept, or retired'),
    residual_value: quantity(
      fields.residual_value,
      'Value at the end of life, of the price; 10% when left out',
    ).optional(),
    failure_rate_per_year: quantity(
      fields.failure_rate_per_year,
      'Failures per GPU and year; 4% when left out',
    ).optional(),
  })
  .meta({ id: 'Machine', description: 'A lot of equal machines bought together' });

export type MachineInput = z.input<typeof machineInput>;
