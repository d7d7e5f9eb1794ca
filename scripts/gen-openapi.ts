import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeOperations } from '../src/http/openapi.ts';
import { operations } from '../src/http/operations.ts';

const file = join(import.meta.dirname, '../openapi.json');
const text = `${JSON.stringify(describeOperations(operations, null), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
  console.log('openapi.json written');
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('openapi.json is stale: npm run gen:openapi, then look at the difference.');
  process.exitCode = 1;
}
