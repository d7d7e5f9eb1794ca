import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findProvider } from '@pydantic/genai-prices';
import type { DaysOfHours } from '../src/importers/genai-prices.ts';
import { parseGenaiPrices, printPriceFile } from '../src/importers/genai-prices.ts';

/**
 * Writes `models/prices/<provider>.json` from the installed `@pydantic/genai-prices`; with `--check` it only compares,
 * and exits 1 naming every file that differs.
 */
const PROVIDERS = ['openai', 'anthropic', 'google', 'openrouter', 'together', 'fireworks', 'deepseek', 'aws'];

/** The package does not carry its own date: `npm view @pydantic/genai-prices time` does. */
const PUBLISHED: Readonly<Record<string, string>> = { '0.1.8': '2026-09-23' };

/**
 * The package cannot hold a date, hours and days at once; its comment on DeepSeek's V4 models says that from 2026-08-23
 * weekends (Beijing time) are off-peak. Both windows lie in daytime there, when the day is the same as in UTC.
 */
const DAYS_OF_HOURS: Readonly<Record<string, DaysOfHours>> = {
  deepseek: {
    'deepseek-v4-flash': { from: '2026-08-23', days: 'mon-fri' },
    'deepseek-v4-pro': { from: '2026-08-23', days: 'mon-fri' },
  },
};

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, to: { type: 'string' } } });
const folder = values.to ?? path.join(import.meta.dirname, '../models/prices');
const version = await installedVersion();
const published = PUBLISHED[version];
if (published === undefined) {
  fail(
    `scripts/gen-prices.ts does not know when @pydantic/genai-prices ${version} was published: add the day to PUBLISHED.`,
  );
}

const stale: string[] = [];
for (const providerId of PROVIDERS) {
  const provider = findProvider({ providerId });
  if (provider === undefined) fail(`@pydantic/genai-prices ${version} has no provider ${providerId}.`);
  const { file, leftOut } = parseGenaiPrices(provider, {
    version,
    published,
    daysOfHours: DAYS_OF_HOURS[providerId] ?? {},
  });
  const text = printPriceFile(file);
  const target = path.join(folder, `${providerId}.json`);
  for (const what of leftOut) console.error(`left out: ${what}`);
  if (!values.check) await writeFile(target, text);
  else if ((await readFile(target, 'utf8').catch(() => '')) !== text) stale.push(target);
}
if (stale.length > 0)
  fail(`Not what @pydantic/genai-prices ${version} gives: ${stale.join(', ')}. Run npm run gen:prices.`);

async function installedVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
  const manifest = JSON.parse(await readFile(path.join(path.dirname(entry), '../package.json'), 'utf8'));
  return String(manifest.version);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
