import { z } from 'zod';
import { scenarioFields as fields, llmFields } from './fields.ts';
import { machineInput } from './machine-schema.ts';
import { monthToDateInput } from './month-to-date.ts';
import { isDate } from './months.ts';
import { depreciationMethods } from './scenario.ts';
import { constant, currency, date, id, month, quantity, text, utcHours } from './schema-parts.ts';
import { migrationInput, operationsInput, priceChangesInput, tierInput } from './tier-schema.ts';
import { workloadInput } from './workload-schema.ts';

const peopleInput = operationsInput.extend({
  set_up_hours: quantity(fields.set_up_hours, 'Hours of setting it up, once in month 1; 0 when left out').optional(),
  on_call_per_month: quantity(fields.on_call_per_month, 'Paid for being on call, a month; 0 when left out').optional(),
});

const tariffInput = z.strictObject({
  id: id('Name of the period in paths, such as peak'),
  price_per_kwh: quantity(fields.price_per_kwh, 'Price of electricity per kWh in the period'),
  share_of_hours: constant(fields.share_of_period, 'Share of the hours of a month; 100% together'),
  share_of_load: constant(
    fields.share_of_period,
    'Share of the work done in the period; 100% together; left out: as its share of the hours',
  ).optional(),
});

const llmInput = z.strictObject({
  id: text(200, 'Model id, as workloads[].model names it'),
  parameters_b: constant(llmFields.parameters_b, 'Parameters, in billions'),
  active_parameters_b: constant(
    llmFields.parameters_b,
    'Parameters that one token touches, in billions; left out: all of them',
  ).optional(),
  layers: constant(llmFields.layers, 'Layers'),
  kv_heads: constant(llmFields.kv_heads, 'Key-value heads of a layer'),
  head_dim: constant(llmFields.head_dim, 'Size of a head'),
  bytes_per_parameter: constant(
    llmFields.bytes_per_parameter,
    'Bytes of a parameter as published; 2 when left out; `quantization` of a workload goes before it',
  ).optional(),
});

const meterPrice = constant(fields.unit_price, 'USD per 1M tokens').optional();

const priceInput = z.strictObject({
  provider: text(60, 'Provider in the price book'),
  model: text(200, 'Model id'),
  input: meterPrice,
  cached_input: meterPrice,
  cache_write_5m: meterPrice,
  cache_write_1h: meterPrice,
  output: meterPrice,
  batch_input: meterPrice,
  batch_cached_input: meterPrice,
  batch_cache_write_5m: meterPrice,
  batch_cache_write_1h: meterPrice,
  batch_output: meterPrice,
  flex_input: meterPrice,
  flex_cached_input: meterPrice,
  flex_cache_write_5m: meterPrice,
  flex_cache_write_1h: meterPrice,
  flex_output: meterPrice,
  priority_input: meterPrice,
  priority_cached_input: meterPrice,
  priority_cache_write_5m: meterPrice,
  priority_cache_write_1h: meterPrice,
  priority_output: meterPrice,
  reasoning_output: meterPrice,
  requests: constant(fields.unit_price, 'USD per 1,000 requests').optional(),
  web_searches: constant(fields.unit_price, 'USD per 1,000 searches').optional(),
  cache_storage: constant(fields.unit_price, 'USD per 1M tokens kept for an hour').optional(),
  utc_hours: utcHours('Hours in which the price holds; left out: all').optional(),
  from: date('First day of the price; left out: always', isDate).optional(),
  to: date('First day on which it no longer holds; left out: never ends', isDate).optional(),
});

const rowInput = z.strictObject({
  tier: text(60, 'Tier whose sheet the row joins'),
  id: id('Name of the row in formulas'),
  label: text(120, 'Name people read; left out: from the id').optional(),
  unit: text(40, 'Unit of the row, such as USD, h or Mtok; left out: the currency').optional(),
  perimeter: z
    .enum(['bill', 'full'])
    .optional()
    .describe('Total the row counts in; left out: none, it is a step for other rows'),
  behaviour: z.enum(['fixed', 'usage']).optional().describe('Whether it moves with usage; fixed when left out'),
  formula: z
    .union([z.string().min(1).max(1000), z.number()])
    .describe('Formula in Excel syntax over row names, such as IF(month_number = 1, 5000, 0)'),
});

/**
 * The one schema of what may be sent: it feeds the parser, the JSON Schema of the editors and the OpenAPI document.
 * It says what each field takes by itself; what fields mean to each other, and to the catalogues, is `parseScenario`'s.
 */
export const scenarioInput = z
  .strictObject({
    $schema: z.string().max(500).optional().describe('Where the JSON Schema lies, for editors'),
    name: text(120, 'What the forecast is called'),
    currency: currency('Currency of all money but list prices; USD when left out').optional(),
    start: month('Month 1; left out: the month after as_of').optional(),
    from: month(
      'The month that is forecast next; those before it are closed, histories end with the month before it; left out: start',
    ).optional(),
    months: z.int().min(1).max(120).optional().describe('Months to forecast, 1 to 120; 12 when left out'),
    hours_per_month: z
      .union([z.literal('calendar'), constant(fields.hours_per_month, 'Hours in a month')])
      .optional()
      .describe('One month length for power, capacity and rent; 730 when left out; or calendar'),
    workloads: z.array(workloadInput).min(1).max(50).describe('What is to be served, 1 to 50 streams of requests'),
    local: z
      .strictObject({
        machines: z.array(machineInput).min(1).max(50).describe('Lots of machines'),
        overflow_to: text(60, 'Cloud tier that serves what does not fit; left out: it stays unserved').optional(),
        spare_share: quantity(
          fields.spare_share,
          'Capacity to hold above the need, when the month is named in which another machine is needed; 0 when left out',
        ).optional(),
      })
      .optional()
      .describe('Hardware of your own'),
    operations: peopleInput.optional().describe('People; charged once to each tier that runs machines'),
    energy: z
      .strictObject({
        price_per_kwh: quantity(fields.price_per_kwh, 'Price of electricity per kWh').optional(),
        time_of_use: z
          .array(tariffInput)
          .min(2)
          .max(12)
          .optional()
          .describe('Prices by period of the day or week, instead of price_per_kwh'),
        demand_charge_per_kw: quantity(
          fields.demand_charge_per_kw,
          'Charge per kW of the highest draw of a month; 0 when left out',
        ).optional(),
        grid_intensity: quantity(
          fields.grid_intensity,
          'Grams of CO2e per kWh of the grid; left out: carbon is not shown',
        ).optional(),
        pue: quantity(fields.pue, 'Power usage effectiveness; 1.0 when left out').optional(),
      })
      .optional()
      .describe('Electricity'),
    colocation: z
      .strictObject({
        per_kw_month: quantity(fields.per_kw_month, 'Rent per contracted kW and month; 0 when left out').optional(),
        contracted_kw: quantity(
          fields.contracted_kw,
          'Kilowatts contracted; left out: what the machines there draw under load',
        ).optional(),
        power: z
          .enum(['metered', 'included'])
          .optional()
          .describe('Whether electricity is billed beside the rate (metered) or within it'),
      })
      .optional()
      .describe('Space and power rented'),
    finance: z
      .strictObject({
        cost_of_capital: quantity(fields.cost_of_capital, 'Cost of own capital per year; 0 when left out').optional(),
        depreciation: z
          .enum(depreciationMethods)
          .optional()
          .describe(
            'How a purchase is spread over its life: straight-line (when left out), declining-balance (double rate, straight from half of life), sum-of-years (digits of the months), or resale-value (by the same share every month)',
          ),
      })
      .optional()
      .describe('Money tied up'),
    tiers: z
      .array(tierInput)
      .min(1)
      .max(20)
      .optional()
      .describe('Tiers to compare; left out: all that have what they need'),
    hybrid: z
      .strictObject({
        local_share: quantity(fields.local_share, 'Share of the requests served locally'),
        cloud: text(60, 'Cloud tier that serves the rest'),
      })
      .optional()
      .describe('The mix that the tier hybrid stands for'),
    prices: z
      .array(priceInput)
      .max(200)
      .optional()
      .describe('Negotiated or future prices, in USD per 1M tokens; meters left out keep the list price'),
    price_changes: priceChangesInput
      .optional()
      .describe(
        'List prices that change unannounced, or none; left out: a prior for each provider, none where a workload is stated to be certain',
      ),
    migrations: z.array(migrationInput).max(50).optional().describe('Models that are left for their successor'),
    exchange_rates: z
      .record(z.string().max(10), quantity(fields.exchange_rate, 'Units of `currency` for one unit of this currency'))
      .optional()
      .describe('Units of `currency` for one unit of each other currency; list prices are in USD'),
    llms: z
      .array(llmInput)
      .max(50)
      .optional()
      .describe('Open-weight models that the catalogue does not have, or has otherwise'),
    rows: z.array(rowInput).max(200).optional().describe('Lines of your own'),
    month_to_date: z
      .array(monthToDateInput)
      .max(70)
      .optional()
      .describe('What came so far of month 1, where that is the month under way: gives the rest of the month'),
    comparison: z
      .strictObject({ baseline: text(60, 'Tier the others are compared with').optional() })
      .optional()
      .describe("What the tiers are compared with; left out: the hybrid's cloud"),
    predictability: z
      .strictObject({
        tolerance: constant(fields.tolerance, 'How far a bill may be from its forecast; 10% when left out').optional(),
        confidence: constant(fields.confidence, 'How often that must hold; 80% when left out').optional(),
      })
      .optional()
      .describe('What counts as predictable'),
    sampling: z
      .strictObject({
        draws: z
          .int()
          .min(100)
          .max(20_000)
          .optional()
          .describe('Possible futures computed, 100 to 20,000; 10,000 when left out'),
        seed: z
          .int()
          .min(0)
          .max(4_294_967_295)
          .optional()
          .describe('Which futures: the same seed gives the same; 42 when left out'),
      })
      .optional()
      .describe('How the bands are computed'),
    as_of: date('Prices as known on this day; left out: today', isDate).optional(),
  })
  .meta({
    id: 'Scenario',
    description: 'What infercast forecasts: workloads, hardware, people, energy, tiers and horizon',
  });

export type ScenarioInput = z.input<typeof scenarioInput>;

/** The schema as JSON Schema 2020-12, for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(scenarioInput, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // A described copy of a named schema carries both the reference and what it stands for; the reference is enough.
      if (jsonSchema.$ref !== undefined) delete jsonSchema.anyOf;
    },
  });
}
