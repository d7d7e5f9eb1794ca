import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { InvalidInput } from '../core/problem.ts';

const MOST_BYTES = 4_000_000;
const MOST_ALIASES = 100;

/** The content of a YAML file, unchecked. Throws InvalidInput when it is larger than 4 MB or no YAML. */
export async function readYamlFile(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return parse(text, { maxAliasCount: MOST_ALIASES, prettyErrors: true, merge: true });
  } catch (error) {
    throw invalidFile('invalid-yaml', file, error);
  }
}

/** The content of a JSON file, unchecked. Throws InvalidInput when it is larger than 4 MB or no JSON. */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidFile('invalid-json', file, error);
  }
}

async function readText(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MOST_BYTES) {
    const message = `${file} has ${size} bytes; a data file may have at most ${MOST_BYTES}.`;
    throw new InvalidInput([{ code: 'file-too-large', pointer: '', message, limit: `${MOST_BYTES} bytes` }]);
  }
  return readFile(file, 'utf8');
}

function invalidFile(code: string, file: string, error: unknown): InvalidInput {
  return new InvalidInput([
    { code, pointer: '', message: `${file}: ${error instanceof Error ? error.message : String(error)}` },
  ]);
}
