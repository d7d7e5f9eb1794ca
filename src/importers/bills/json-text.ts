import { refuse } from './refuse.ts';

/**
 * A JSON text as data, with every number as the text it was written in, so that 1.25e-07 never passes through a float.
 * Throws InvalidInput with the line for what is no JSON, nests too deep, or names a member of an object twice.
 */
export function parseJsonText(text: string, limits: { readonly jsonDepth: number }, firstLine = 1): unknown {
  const space = /[ \t\r\n]*/y;
  const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
  let at = 0;

  function lineHere(): number {
    let line = firstLine;
    for (let i = text.indexOf('\n'); i !== -1 && i < at; i = text.indexOf('\n', i + 1)) line++;
    return line;
  }

  function malformed(): never {
    const found = at >= text.length ? 'the end of the file' : `"${text.slice(at, at + 20)}"`;
    return refuse(
      'malformed-json',
      lineHere(),
      `No JSON: did not expect ${found} here. The download may have been cut off.`,
    );
  }

  function skipSpace(): void {
    space.lastIndex = at;
    space.test(text);
    at = space.lastIndex;
  }

  function take(token: RegExp): string {
    token.lastIndex = at;
    if (!token.test(text)) malformed();
    const found = text.slice(at, token.lastIndex);
    at = token.lastIndex;
    return found;
  }

  function readString(): string {
    if (text[at] !== '"') malformed();
    let close = text.indexOf('"', at + 1);
    while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    if (close === -1) {
      at = text.length;
      malformed();
    }
    const raw = text.slice(at, close + 1);
    const plain = !raw.includes('\\') && !raw.includes('\n');
    const value = plain ? raw.slice(1, -1) : unescapeString(raw);
    if (value === null) return malformed();
    at = close + 1;
    return value;
  }

  function readWord(word: string, value: unknown): unknown {
    if (!text.startsWith(word, at)) malformed();
    at += word.length;
    return value;
  }

  function readValue(depth: number): unknown {
    if (depth > limits.jsonDepth)
      refuse(
        'json-too-deep',
        lineHere(),
        `The JSON nests more than ${limits.jsonDepth} levels deep.`,
        String(limits.jsonDepth),
      );
    skipSpace();
    const next = text[at];
    if (next === '{') return readObject(depth);
    if (next === '[') return readArray(depth);
    if (next === '"') return readString();
    if (next === 't') return readWord('true', true);
    if (next === 'f') return readWord('false', false);
    if (next === 'n') return readWord('null', null);
    return take(number);
  }

  function readObject(depth: number): unknown {
    const object: Record<string, unknown> = {};
    at++;
    skipSpace();
    if (text[at] === '}') {
      at++;
      return object;
    }
    for (;;) {
      skipSpace();
      const key = readString();
      if (key === '__proto__' || Object.hasOwn(object, key))
        refuse(
          'member-twice',
          lineHere(),
          `The member "${key.slice(0, 60)}" stands twice in one object, or may not stand there.`,
        );
      skipSpace();
      if (text[at] !== ':') malformed();
      at++;
      object[key] = readValue(depth + 1);
      if (isEnd('}')) return object;
    }
  }

  function readArray(depth: number): unknown {
    const array: unknown[] = [];
    at++;
    skipSpace();
    if (text[at] === ']') {
      at++;
      return array;
    }
    for (;;) {
      array.push(readValue(depth + 1));
      if (isEnd(']')) return array;
    }
  }

  function isEnd(close: string): boolean {
    skipSpace();
    const next = text[at];
    if (next !== close && next !== ',') malformed();
    at++;
    return next === close;
  }

  const value = readValue(1);
  skipSpace();
  if (at < text.length) malformed();
  return value;
}

/** Whether an odd number of backslashes stands before this place. */
function isEscaped(text: string, place: number): boolean {
  let before = place - 1;
  while (text[before] === '\\') before--;
  return (place - before) % 2 === 0;
}

function unescapeString(raw: string): string | null {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return null;
  }
}
