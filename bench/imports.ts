import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Measured = {
  readonly sums: number;
  readonly total: string;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
};

const duckdb = join(import.meta.dirname, 'duckdb');

/**
 * Reads a generated bill of so many lines with the importer and with DuckDB on one thread, each in a process of its own (the
 * importer with a heap of 256 MB, as in the service), as CSV and as Parquet, and compares their sums to the last digit.
 */
export async function timeImports(lines: number): Promise<readonly (readonly string[])[]> {
  installDuckDb();
  const folder = mkdtempSync(join(tmpdir(), 'infercast-bench-'));
  const csv = join(folder, 'bill.csv');
  const parquet = join(folder, 'bill.parquet');
  try {
    await generateBill(csv, lines);
    run([join(duckdb, 'sum.mjs'), csv, parquet]);
    const rows = [
      ['file', 'MB', 'importer s', 'CPU s', 'lines/s', 'peak MB', 'DuckDB s', 'CPU s', 'peak MB', 'CPU ratio', 'sums'],
    ];
    for (const path of [csv, parquet]) {
      const ours = run([
        '--max-old-space-size=256',
        join(import.meta.dirname, 'import-bill.ts'),
        path,
        join(folder, 'lines'),
      ]);
      const theirs = run([join(duckdb, 'sum.mjs'), path]);
      const same = ours.total === theirs.total.replace(/\.?0+$/, '') && ours.sums === theirs.sums;
      rows.push([
        path === csv ? 'CSV' : 'Parquet (zstd)',
        (statSync(path).size / 1e6).toFixed(0),
        ours.seconds.toFixed(1),
        ours.cpuSeconds.toFixed(1),
        Math.round(lines / ours.seconds).toLocaleString('en'),
        ours.peakMb.toFixed(0),
        theirs.seconds.toFixed(1),
        theirs.cpuSeconds.toFixed(1),
        theirs.peakMb.toFixed(0),
        (ours.cpuSeconds / theirs.cpuSeconds).toFixed(1),
        same ? `${ours.sums}, equal` : `DIFFERENT: ${ours.sums} ${ours.total}, ${theirs.sums} ${theirs.total}`,
      ]);
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A month of FOCUS lines by the hour: 20 SKUs, 30 accounts, costs of ten decimals. */
async function generateBill(path: string, lines: number): Promise<void> {
  const columns = [
    'BilledCost',
    'EffectiveCost',
    'ListCost',
    'BillingCurrency',
    'BillingPeriodStart',
    'BillingPeriodEnd',
    'ChargeCategory',
    'ChargePeriodStart',
    'ChargePeriodEnd',
    'ConsumedQuantity',
    'ConsumedUnit',
    'ServiceProviderName',
    'ServiceName',
    'SkuId',
    'SubAccountId',
  ];
  const file = createWriteStream(path, { highWaterMark: 1024 * 1024 });
  let state = 20_261_122;
  const dice = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % below;
  };
  const two = (number: number): string => String(number).padStart(2, '0');
  let text = `${columns.join(',')}\n`;
  for (let i = 0; i < lines; i++) {
    const hour = Math.floor((i * 30 * 24) / lines);
    const at = `2026-09-${two(1 + Math.floor(hour / 24))}T${two(hour % 24)}`;
    const [tokens, sku] = [100 + dice(100_000), dice(20)];
    const cost = ((tokens * (sku + 1)) / 1e7).toFixed(10);
    text += `${cost},${cost},${cost},USD,2026-09-01T00:00:00Z,2026-10-01T00:00:00Z,Usage,${at}:00:00Z,${at}:59:59Z,${tokens},Tokens,Example,Inference,sku-${sku},acc-${dice(30)}\n`;
    if (text.length < 1_000_000) continue;
    if (!file.write(text)) await once(file, 'drain');
    text = '';
  }
  file.end(text);
  await once(file, 'finish');
}

function run(given: readonly string[]): Measured {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...given], {
    encoding: 'utf8',
    cwd: duckdb,
  });
  if (status !== 0) throw new Error(stderr.slice(-2000));
  return JSON.parse(stdout) as Measured;
}

/** DuckDB takes 70 MB and serves the benchmark alone: it is installed with its first run. */
function installDuckDb(): void {
  if (existsSync(join(duckdb, 'node_modules'))) return;
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: duckdb,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('DuckDB could not be installed.');
}
