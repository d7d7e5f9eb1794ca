import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandFailed, exitCodes } from './exit.ts';
import type { GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';

const file = path.join(import.meta.dirname, '../../openapi.json');

/** `infercast openapi`: the document as the service answers it at /v1/openapi.json. */
export async function runOpenapi(options: GlobalOptions): Promise<void> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandFailed(
      exitCodes.failed,
      ['openapi.json is missing from this installation: install it again, or run npm run gen:openapi.'],
      { cause },
    );
  });
  outputOf(options).print(text);
}
