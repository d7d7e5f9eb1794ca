import { LineCounter, parseDocument } from 'yaml';
import { Refusal } from '../refusal.ts';

/** YAML is read on the event loop and slowly; a scenario of every limit fits well within this. */
export const mostYamlBytes = 262_144;

/** JSON text to a value. Throws Refusal with the line and column of what is wrong. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const position = findPosition(cause instanceof Error ? cause.message : '', text);
    const place = position === null ? '' : ` ${placeOf(text, position)}`;
    throw new Refusal('malformed-json', `The body is not JSON${place}.`, {
      members: position === null ? {} : { position },
      cause,
    });
  }
}

/** YAML 1.2 text to a value: one document, no tags of its own, few aliases. Throws Refusal with the line of what is wrong. */
export function parseYamlText(text: string): unknown {
  if (Buffer.byteLength(text) > mostYamlBytes) {
    throw new Refusal('body-too-large', `A YAML body may have ${mostYamlBytes} bytes; send JSON beyond that.`, {
      members: { limit_bytes: mostYamlBytes },
    });
  }
  try {
    const document = parseDocument(text, {
      lineCounter: new LineCounter(),
      prettyErrors: true,
      logLevel: 'silent',
      stringKeys: true,
    });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const said = cause instanceof Error ? (cause.message.split('\n')[0] ?? '').replace(/:$/, '') : 'not readable';
    throw new Refusal('malformed-yaml', `The body is not YAML 1.2: ${said.slice(0, 200)}.`, { cause });
  }
}

/** Node names the position but for short texts, and for an end that came too early. */
function findPosition(said: string, text: string): number | null {
  const named = /at position (\d+)/.exec(said)?.[1];
  if (named !== undefined) return Number(named);
  return said.includes('end of JSON') ? text.length : null;
}

function placeOf(text: string, position: number): string {
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  return `at line ${line}, column ${position - before.lastIndexOf('\n')}`;
}
