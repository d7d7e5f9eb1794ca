import { z } from 'zod';
import { machineFields as fields } from './fields.ts';
import { depreciationMethods } from './scenario.ts';
import { constant, id, month, quantity, text } from './schema-parts.ts';

const speeds = {
  input_tokens_per_s: quantity(fields.input_tokens_per_s, 'Input tokens per second, over all users').optional(),
  output_tokens_per_s: quantity(fields.output_tokens_per_s, 'Output tokens per second, over all users').optional(),
  total_tokens_per_s: quantity(
    fields.total_tokens_per_s,
    'Tokens of both classes per second, over all users, instead of the two',
  ).optional(),
  points: z
    .array(
      z.strictObject({
        batch: constant(fields.batch, 'Requests served at once when it was measured'),
        output_tokens_per_s: constant(fields.output_tokens_per_s, 'Output tokens per second, over all of them'),
      }),
    )
    .min(2)
    .max(50)
    .optional()
    .describe(
      'Two or more measured points, through which tokens/s = batch ÷ (t0 + t1·batch) is laid; instead of output_tokens_per_s',
    ),
  batch: quantity(
    fields.batch,
    'Requests served at once; left out: the largest batch measured, or 32 where nothing was, as far as memory allows',
  ).optional(),
};

const throughputInput = z.strictObject({
  ...speeds,
  workloads: z
    .record(z.string().max(60), z.strictObject(speeds))
    .optional()
    .describe('Speeds of single workloads, by workload id, where they differ from the others'),
});

const saleInput = z.strictObject({
  month: month('First month without the machines'),
  value: quantity(
    fields.sale_value,
    'What they bring, of the purchase price; left out: the market value by value_change_per_year, else the book value',
  ).optional(),
});

const leaseInput = z.strictObject({
  per_month: quantity(fields.lease_per_month, 'Rate per machine and month'),
  upfront: quantity(fields.lease_upfront, 'Paid per machine when the lease begins; 0 when left out').optional(),
  buyout: quantity(
    fields.lease_buyout,
    'Paid per machine at the end where at_end_of_life is keep; 0 when left out',
  ).optional(),
});

const loanInput = z.strictObject({
  share: quantity(fields.loan_share, 'Share of the purchase price that is borrowed; 100% when left out').optional(),
  rate: quantity(fields.loan_rate, 'Interest per year, a twelfth of it a month'),
  months: quantity(fields.loan_months, 'Months of level payments, at most life_months'),
});

const rentInput = z.strictObject({
  per_gpu_hour: quantity(fields.rent_per_gpu_hour, 'Rent per GPU and hour'),
  hours: z
    .enum(['run_through', 'follow_demand'])
    .optional()
    .describe(
      'run_through: every hour, as reserved GPUs are billed (when left out); follow_demand: only the hours that demand needs at utilization_cap',
    ),
});

const maintenanceInput = z.strictObject({
  share_per_year: quantity(fields.maintenance_share, 'Fee per year, of the purchase price').optional(),
  per_machine_year: quantity(fields.maintenance_fee, 'Fee per machine and year').optional(),
  covers_repairs: z
    .boolean()
    .optional()
    .describe('Whether broken GPUs are replaced under the contract; then no failure reserve is charged'),
});

const movedInput = z.strictObject({
  month: month('First month at the new place'),
  to: z.enum(['premises', 'colocation']).optional().describe('Where to; left out: it stays the same kind of place'),
  cost: quantity(fields.move_cost, 'What moving the lot costs, once; 0 when left out').optional(),
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
    network_price: quantity(
      fields.network_price,
      'Network per machine: cards, cables, its share of a switch',
    ).optional(),
    rack_price: quantity(fields.rack_price, 'Rack, power distribution and cooling per machine').optional(),
    spares: quantity(fields.spares, 'Machines of the lot that wait for a failure and serve nothing').optional(),
    idle_watts: quantity(fields.idle_watts, 'Power of a whole machine doing nothing').optional(),
    context_watts: quantity(
      fields.context_watts,
      'Power per GPU that a resident model adds to idle_watts; 0 when left out, right where a model was loaded when it was measured',
    ).optional(),
    load_watts: quantity(fields.load_watts, 'Power of a whole machine under load').optional(),
    power_cap: z
      .strictObject({
        watts: quantity(fields.capped_watts, 'Most a whole machine draws under the cap'),
        speed_lost: quantity(fields.speed_lost, 'Share of the speed that the cap costs; 0 when left out').optional(),
      })
      .optional()
      .describe('A limit on power under load'),
    psu_loss: quantity(
      fields.psu_loss,
      'Share lost in the power supply; 0 when left out, right for watts measured at the wall',
    ).optional(),
    memory_gb: quantity(fields.memory_gb, 'Memory per GPU that a model can use; left out: the catalogue').optional(),
    bandwidth_gb_per_s: quantity(
      fields.bandwidth_gb_per_s,
      'Memory bandwidth per GPU; left out: the catalogue',
    ).optional(),
    tflops: quantity(fields.tflops, 'Dense TFLOP/s per GPU at the precision used; left out: the catalogue').optional(),
    mbu: quantity(fields.mbu, 'Share of the bandwidth that generating reaches; left out: the stated prior').optional(),
    mfu: quantity(fields.mfu, 'Share of the TFLOP/s that reading reaches; left out: the stated prior').optional(),
    throughput: throughputInput
      .optional()
      .describe(
        'Speed of one machine with all its GPUs, serving many users at once; left out: the roofline of the GPU and the model',
      ),
    utilization: quantity(
      fields.utilization,
      'Measured utilisation, which drives power only; left out: from demand',
    ).optional(),
    utilization_cap: quantity(fields.utilization_cap, 'Highest utilisation aimed at; 70% when left out').optional(),
    bought: month('Month of the purchase, or from which it is leased or rented; month 1 when left out').optional(),
    sold: saleInput.optional().describe('Sold before the end of its life'),
    retired: month('First month without the machines, which bring nothing').optional(),
    life_months: quantity(fields.life_months, 'Months a machine is used, or leased; 36 when left out').optional(),
    at_end_of_life: z
      .enum(['rebuy', 'keep', 'retire'])
      .optional()
      .describe('What happens after its life: bought again at the same price (rebuy, when left out), kept, or retired'),
    residual_value: quantity(
      fields.residual_value,
      'Value at the end of life, of the price; 10% when left out',
    ).optional(),
    value_change_per_year: quantity(
      fields.value_change_per_year,
      'Change of the resale value per year, such as -30% to 1%, instead of residual_value',
    ).optional(),
    depreciation: z
      .enum(depreciationMethods)
      .optional()
      .describe('How this purchase is spread over its life; left out: finance.depreciation'),
    loan: loanInput.optional().describe('A loan on the purchase'),
    lease: leaseInput.optional().describe('Leased instead of bought'),
    rent: rentInput.optional().describe('GPUs rented by the hour instead of bought; their power is in the rent'),
    failure_rate_per_year: quantity(
      fields.failure_rate_per_year,
      'Failures per GPU and year; 4% when left out',
    ).optional(),
    downtime_hours: quantity(
      fields.downtime_hours,
      'Hours a machine stands still per failure, served by local.overflow_to meanwhile; 0 when left out',
    ).optional(),
    repair_cost: quantity(fields.repair_cost, 'Cost per failure; left out: the price of a GPU').optional(),
    maintenance: maintenanceInput.optional().describe('A maintenance contract'),
    licences: z
      .strictObject({ per_gpu_year: quantity(fields.licence_per_gpu_year, 'Fee per GPU and year') })
      .optional()
      .describe('Software licences'),
    housed: z
      .enum(['premises', 'colocation'])
      .optional()
      .describe('Where it stands; left out: in colocation where colocation.per_kw_month is stated'),
    moved: movedInput.optional().describe('Moved to another place'),
  })
  .meta({ id: 'Machine', description: 'A lot of equal machines bought, leased or rented together' });

export type MachineInput = z.input<typeof machineInput>;
export type ThroughputInput = z.input<typeof throughputInput>;
