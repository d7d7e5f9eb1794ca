import { readFile, writeFile } from 'node:fs/promises';
import { scenarioJsonSchema } from '../src/core/scenario/schema.ts';

// Writes models/scenario.schema.json, which editors read to complete scenario files. --check fails when it is stale.

const file = new URL('../models/scenario.schema.json', import.meta.url);
const made = `${JSON.stringify({ title: 'infercast scenario', ...scenarioJsonSchema() }, null, 2)}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(file, made);
} else if ((await readFile(file, 'utf8').catch(() => '')) !== made) {
  process.stderr.write('models/scenario.schema.json is stale: run npm run gen:schema.\n');
  process.exitCode = 1;
}
