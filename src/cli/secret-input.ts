import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { environment } from './environment.ts';
import { badUsage } from './exit.ts';

/** Where a secret is taken from: a file, of which `-` is stdin, or a variable of the environment. */
export type SecretPlace = { readonly file: string | undefined; readonly variable: string | undefined };

const longest = 4_000;

/**
 * One line that is secret; null where no place is given. It is no argument of a command, since the list of processes and
 * the history of a shell show those. `option` is the beginning of the two options, for messages, which never hold it.
 */
export async function readSecret(option: string, { file, variable }: SecretPlace): Promise<string | null> {
  if (file !== undefined && variable !== undefined)
    throw badUsage(`Give either ${option}-file or ${option}-env, not both.`);
  if (variable !== undefined) {
    const value = environment[variable];
    if (value === undefined) throw badUsage(`${option}-env ${variable}: there is no such variable.`);
    return oneLine(value, `The variable ${variable}`);
  }
  if (file === undefined) return null;
  return oneLine(await readText(option, file), file === '-' ? 'Stdin' : file);
}

async function readText(option: string, file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw badUsage(`${option}-file ${file} cannot be read (${cause.code ?? 'unknown'}).`, { cause });
  });
}

function oneLine(value: string, place: string): string {
  const line = value.trim();
  if (line !== '' && line.length <= longest && /^\P{C}+$/u.test(line)) return line;
  throw badUsage(`${place} holds no secret: expected one line of at most ${longest} characters.`);
}
