import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';

const folder = path.resolve(import.meta.dirname, '../golden/cli');

/**
 * Holds a text to the one kept in test/golden/cli. `UPDATE_GOLDEN=1 npm test -- test/cli` writes them anew; the change is
 * then read in the diff like any other.
 */
export function expectGolden(name: string, text: string): void {
  const file = path.join(folder, name);
  if (isRenewing()) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}

const readmeFile = path.resolve(import.meta.dirname, '../../README.md');
const readmeBlock = /(<!-- example output[^\n]*-->\n+```text\n)([\s\S]*?)(```)/;

/** Holds the README's example to what the command prints; renewed with the golden texts. */
export function expectInReadme(text: string): void {
  const readme = readFileSync(readmeFile, 'utf8');
  if (isRenewing())
    writeFileSync(
      readmeFile,
      readme.replace(readmeBlock, (_, open, _old, close) => open + text + close),
    );
  expect(readmeBlock.exec(readFileSync(readmeFile, 'utf8'))?.[2]).toBe(text);
}

function isRenewing(): boolean {
  return process.env.UPDATE_GOLDEN === '1';
}
