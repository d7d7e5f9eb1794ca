import { DuckDBInstance } from '@duckdb/node-api';

// What the import of a large file does, as one query: exact sums by day, SKU and account. Prints how many, and their total.
const [path, parquet] = process.argv.slice(2);
const began = performance.now();
const database = await DuckDBInstance.create(':memory:', { memory_limit: '1GB', threads: '1' });
const connection = await database.connect();
const money = (column) => `sum(${column}::decimal(38, 12)) as ${column}`;
const texts = [
  'BillingCurrency',
  'ChargeCategory',
  'ServiceProviderName',
  'ServiceName',
  'SkuId',
  'SubAccountId',
  'ConsumedUnit',
];
if (parquet !== undefined)
  await connection.run(
    `copy (from read_csv('${path}', all_varchar = true)) to '${parquet}' (format parquet, compression zstd)`,
  );
const source = path.endsWith('.parquet') ? `read_parquet('${path}')` : `read_csv('${path}', all_varchar = true)`;
const answer = await connection.runAndReadAll(`
  select count(*)::varchar, sum(BilledCost)::varchar from (
    select ${texts.join(', ')}, ChargePeriodStart::timestamp::date as day, ${money('BilledCost')}, ${money('EffectiveCost')},
      ${money('ListCost')}, ${money('ConsumedQuantity')}, min(ChargePeriodStart), max(ChargePeriodEnd)
    from ${source} group by ${texts.join(', ')}, day)`);
const [sums, total] = answer.getRows()[0];
const { user, system } = process.cpuUsage();
const seconds = (performance.now() - began) / 1000;
console.log(
  JSON.stringify({
    sums: Number(sums),
    total,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1024,
  }),
);
