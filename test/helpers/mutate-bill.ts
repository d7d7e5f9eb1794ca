import { gzipSync } from 'node:zlib';
import type { Zippable } from 'fflate';
import { unzipSync, zipSync } from 'fflate';

/** Whole numbers below a limit, the same for the same seed. */
export type Dice = (below: number) => number;

export function rollDice(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export type BaseFile = { readonly name: string; readonly bytes: Uint8Array };
export type Mutated = {
  readonly name: string;
  readonly mutation: string;
  readonly bytes: Uint8Array;
  /** The file still says the same, and must be read as the same bill. */
  readonly same: boolean;
};

type Mutation = (bytes: Uint8Array, dice: Dice, others: readonly BaseFile[]) => Uint8Array;

/** One file of a base file and a few dice. Every twentieth has two things wrong with it. */
export function mutateBill(files: readonly BaseFile[], dice: Dice): Mutated {
  const base = files[dice(files.length)] as BaseFile;
  const known = mutationsOf(base.name);
  const [mutation, change] = known[dice(known.length)] as [string, Mutation];
  const once = change(base.bytes, dice, files);
  if (dice(20) > 0) return { name: base.name, mutation, bytes: once, same: mutation.startsWith('same: ') };
  const [second, again] = known[dice(known.length)] as [string, Mutation];
  return { name: base.name, mutation: `${mutation}, ${second}`, bytes: again(once, dice, files), same: false };
}

function mutationsOf(name: string): readonly (readonly [string, Mutation])[] {
  if (name.endsWith('.xlsx')) return [...anyBytes, ...anyBytes, ...zips];
  if (name.endsWith('.parquet')) return [...anyBytes, ...footers];
  if (/jsonl?$/.test(name)) return [...anyBytes, ...texts, ...jsons];
  return [...anyBytes, ...texts, ...tables, ...tables];
}

const anyBytes: readonly (readonly [string, Mutation])[] = [
  ['cut off', (bytes, dice) => bytes.slice(0, dice(bytes.length))],
  ['beginning lost', (bytes, dice) => bytes.slice(dice(bytes.length))],
  ['bytes changed', (bytes, dice) => changed(bytes, dice, 1 + dice(8))],
  ['bytes inserted', (bytes, dice) => spliced(bytes, dice(bytes.length), 0, noise(dice, 1 + dice(40)))],
  ['a piece lost', (bytes, dice) => spliced(bytes, dice(bytes.length), dice(200), new Uint8Array(0))],
  ['a piece twice', (bytes, dice) => twice(bytes, dice)],
  ['a piece of another file', (bytes, dice, others) => mixed(bytes, dice, others)],
  ['NUL', (bytes, dice) => spliced(bytes, dice(bytes.length), 0, new Uint8Array(1 + dice(3)))],
  ['noise', (_bytes, dice) => noise(dice, 1 + dice(3000))],
  ['a gzip that ends too early', (bytes, dice) => gzipSync(bytes).subarray(0, 10 + dice(100))],
];

const texts: readonly (readonly [string, Mutation])[] = [
  ['same: byte-order mark', (bytes) => joined('\uFEFF', bytes)],
  ['same: UTF-16', (bytes) => Buffer.from(`\uFEFF${textOf(bytes).replace(/^\uFEFF/, '')}`, 'utf16le')],
  ['same: gzip', (bytes) => gzipSync(bytes)],
  ['UTF-16 without its mark', (bytes) => Buffer.from(textOf(bytes), 'utf16le')],
  ['UTF-16 the wrong way round', (bytes) => Buffer.from(`\uFFFE${textOf(bytes)}`, 'utf16le')],
  [
    'Latin 1',
    (bytes, dice) =>
      Buffer.from(
        replaceSome(textOf(bytes), /[aeou]/g, dice, () => 'é'),
        'latin1',
      ),
  ],
  ['byte-order mark inside', (bytes, dice) => spliced(bytes, dice(bytes.length), 0, Buffer.from('\uFEFF'))],
  ['hostile words', (bytes, dice) => inText(bytes, (text) => replaceSome(text, /[\w.]+/g, dice, () => hostile(dice)))],
  [
    'hostile numbers',
    (bytes, dice) => inText(bytes, (text) => replaceSome(text, /-?\d+(?:\.\d+)?/g, dice, () => strange(dice))),
  ],
  [
    'a word of 100,000 characters',
    (bytes, dice) => inText(bytes, (text) => replaceSome(text, /\w+/g, dice, () => 'x'.repeat(100_000), 1)),
  ],
  ['a gzip bomb', (bytes, dice) => gzipSync(Buffer.concat([bytes, Buffer.alloc(3_000_000, 'x,1\n'.slice(dice(3)))]))],
];

const tables: readonly (readonly [string, Mutation])[] = [
  ['same: CRLF', (bytes) => inText(bytes, (text) => text.replace(/\r?\n/g, '\r\n'))],
  ['same: blank lines', (bytes, dice) => inText(bytes, (text) => replaceSome(text, /\n/g, dice, () => '\n\n \n'))],
  ['same: lines in another order', (bytes, dice) => inText(bytes, (text) => shuffled(text, dice))],
  [
    'mixed line ends',
    (bytes, dice) =>
      inText(bytes, (text) => replaceSome(text, /\n/g, dice, () => ['\r', '\r\n', '\n\r'][dice(3)] as string)),
  ],
  ['headers swapped', (bytes, dice) => inHeader(bytes, (names) => swapped(names, dice))],
  [
    'header twice',
    (bytes, dice) => inHeader(bytes, (names) => [...names.slice(0, -1), names[dice(names.length)] as string]),
  ],
  ['header lost', (bytes, dice) => inHeader(bytes, (names) => names.toSpliced(dice(names.length), 1))],
  [
    'header renamed',
    (bytes, dice) => inHeader(bytes, (names) => names.toSpliced(dice(names.length), 1, hostile(dice))),
  ],
  ['header lost altogether', (bytes) => inText(bytes, (text) => text.slice(text.indexOf('\n') + 1))],
  ['header again below', (bytes) => inText(bytes, (text) => text + text)],
  ['unclosed quote', (bytes, dice) => inText(bytes, (text) => replaceSome(text, /,/g, dice, () => ',"', 1))],
  ['semicolons', (bytes) => inText(bytes, (text) => text.replaceAll(',', ';'))],
  ['decimal commas', (bytes) => inText(bytes, (text) => text.replaceAll(',', ';').replace(/(\d)\.(\d)/g, '$1,$2'))],
  ['days before months', (bytes) => inText(bytes, (text) => text.replace(/(\d{4})-(\d\d)-(\d\d)/g, '$3/$2/$1'))],
  [
    'totals',
    (bytes, dice) =>
      inText(
        bytes,
        (text) => `${text.trimEnd()}\n${['Total', 'Grand total:', 'Summe'][dice(3)]}${','.repeat(dice(30))}1234.56\n`,
      ),
  ],
  ['fields lost', (bytes, dice) => inText(bytes, (text) => replaceSome(text, /,[^,\n]*/g, dice, () => ''))],
  [
    '10^5 to 10^6 columns',
    (bytes, dice) => (dice(8) > 0 ? bytes : joined('column,'.repeat(10 ** (5 + dice(2))), bytes)),
  ],
  ['a line of 300,000 characters', (bytes, dice) => joined(textOf(bytes), Buffer.from('a,'.repeat(dice(2) * 150_000)))],
];

const jsons: readonly (readonly [string, Mutation])[] = [
  ['same: an array of one', (bytes) => inText(bytes, (text) => (text.trim().includes('\n{') ? text : `[${text}]`))],
  [
    'deep',
    (bytes, dice) => inText(bytes, (text) => replaceSome(text, /:/g, dice, () => `:${'['.repeat(dice(100_000))}`, 1)),
  ],
  [
    'a member twice',
    (bytes, dice) => inText(bytes, (text) => replaceSome(text, /\{/g, dice, () => '{"amount":1,"amount":2,', 1)),
  ],
  [
    'other values',
    (bytes, dice) =>
      inText(bytes, (text) =>
        replaceSome(
          text,
          /:\s*(?:"[^"]*"|[\d.]+|null)/g,
          dice,
          () => `:${['null', '[]', '{}', '"x"', '1e999', '-0', 'true', '{"__proto__":1}'][dice(8)]}`,
        ),
      ),
  ],
  ['punctuation lost', (bytes, dice) => inText(bytes, (text) => replaceSome(text, /[{}[\],:"]/g, dice, () => '', 1))],
];

const zips: readonly (readonly [string, Mutation])[] = [
  [
    'a part that is a bomb',
    (bytes, dice) => inZip(bytes, (parts) => ({ ...parts, 'xl/media/x': new Uint8Array(1_000_000 * (1 + dice(3))) })),
  ],
  [
    '300 parts',
    (bytes) =>
      inZip(bytes, (parts) => ({
        ...parts,
        ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x${i}`, new Uint8Array(1)])),
      })),
  ],
  ['macros', (bytes) => inZip(bytes, (parts) => ({ ...parts, 'xl/vbaProject.bin': new Uint8Array(9) }))],
  [
    'a part lost',
    (bytes, dice) =>
      inZip(bytes, (parts) => Object.fromEntries(Object.entries(parts).toSpliced(dice(Object.keys(parts).length), 1))),
  ],
  ['a part changed', (bytes, dice) => inPart(bytes, dice, (part) => changed(part, dice, 1 + dice(20)))],
  ['a part cut off', (bytes, dice) => inPart(bytes, dice, (part) => part.slice(0, dice(part.length)))],
  [
    'hostile words in a part',
    (bytes, dice) =>
      inPart(bytes, dice, (part) => inText(part, (text) => replaceSome(text, /[\w.]+/g, dice, () => hostile(dice)))),
  ],
  [
    'hostile numbers in a part',
    (bytes, dice) =>
      inPart(bytes, dice, (part) =>
        inText(part, (text) => replaceSome(text, /(?<=<v>)[\d.]+/g, dice, () => strange(dice))),
      ),
  ],
  ['a name that leaves the archive', (bytes) => inZip(bytes, (parts) => ({ ...parts, '../../x': new Uint8Array(1) }))],
  ['directory changed', (bytes, dice) => changedWithin(bytes, dice, Math.max(0, bytes.length - 600), bytes.length)],
];

const footers: readonly (readonly [string, Mutation])[] = [
  ['footer changed', (bytes, dice) => changedWithin(bytes, dice, Math.max(0, bytes.length - 4000), bytes.length)],
  [
    'footer changed a little',
    (bytes, dice) => changedWithin(bytes, dice, Math.max(0, bytes.length - 4000), bytes.length, 1),
  ],
  ['pages changed', (bytes, dice) => changedWithin(bytes, dice, 4, Math.max(5, bytes.length - 4000), 1 + dice(3))],
];

/** Texts that mean something to a spreadsheet, a shell, a page, a database or a parser of names. */
function hostile(dice: Dice): string {
  const words = [
    "=cmd|' /C calc'!A0",
    '=1+1',
    '+1+1',
    '@SUM(A1)',
    '-2+3',
    '\t=1',
    '<script>alert(1)</script>',
    "'; drop table bills; --",
    '__proto__',
    'constructor',
    'toString',
    'null',
    'undefined',
    '\u202Etxt',
    '\u0000',
    '💸',
    '\uD800',
    '../../etc/passwd',
    '{{7*7}}',
    '%s%n',
    '"',
    '\\',
    '',
    'x'.repeat(5000),
  ];
  return words[dice(words.length)] as string;
}

/** The numbers of fuzzers, and those of other countries. */
function strange(dice: Dice): string {
  const numbers = [
    '1e308',
    '-1e308',
    '1e-400',
    '1e40',
    'NaN',
    'Infinity',
    '-0',
    '0x10',
    '1_000',
    '+5',
    '٣',
    ' 12',
    '1,5',
    '1.000,50',
    '1,234',
    '1.234',
    '−5',
    '(3)',
    '$4',
    '4 %',
    '9'.repeat(200),
    '12345678901234567.12345',
    '0',
    '',
    '#REF!',
    '2026-02-30',
    '31/12/2026',
    '1/2/26',
    '1e',
    '--1',
    '.5',
    '5.',
  ];
  return numbers[dice(numbers.length)] as string;
}

function changed(bytes: Uint8Array, dice: Dice, times: number): Uint8Array {
  return changedWithin(bytes, dice, 0, bytes.length, times);
}

function changedWithin(bytes: Uint8Array, dice: Dice, from: number, to: number, times = 1 + dice(6)): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 0; i < times && to > from; i++)
    copy[from + dice(to - from)] = [0, 0xff, 0x7f, 0x80, dice(256)][dice(5)] as number;
  return copy;
}

function spliced(bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
}

function twice(bytes: Uint8Array, dice: Dice): Uint8Array {
  const from = dice(bytes.length);
  return spliced(bytes, from, 0, bytes.slice(from, from + dice(2000)));
}

function mixed(bytes: Uint8Array, dice: Dice, others: readonly BaseFile[]): Uint8Array {
  const other = (others[dice(others.length)] as BaseFile).bytes;
  const from = dice(other.length);
  return spliced(bytes, dice(bytes.length), dice(300), other.slice(from, from + dice(1000)));
}

function noise(dice: Dice, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => dice(256));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function joined(start: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(start), bytes]);
}

function inText(bytes: Uint8Array, change: (text: string) => string): Uint8Array {
  return Buffer.from(change(textOf(bytes)));
}

/** Replaces up to `most` of the matches. */
function replaceSome(text: string, pattern: RegExp, dice: Dice, by: () => string, most = 3): string {
  const places = [...text.matchAll(pattern)];
  if (places.length === 0) return text;
  const chosen = new Set(Array.from({ length: 1 + dice(most) }, () => dice(places.length)));
  let next = 0;
  return text.replace(pattern, (found) => (chosen.has(next++) ? by() : found));
}

function inHeader(bytes: Uint8Array, change: (names: readonly string[]) => readonly string[]): Uint8Array {
  return inText(bytes, (text) => {
    const end = text.indexOf('\n');
    const delimiter = text.slice(0, end).includes('\t') ? '\t' : ',';
    return change(text.slice(0, end).split(delimiter)).join(delimiter) + text.slice(end);
  });
}

function swapped(names: readonly string[], dice: Dice): readonly string[] {
  const [a, b] = [dice(names.length), dice(names.length)];
  return names.with(a, names[b] as string).with(b, names[a] as string);
}

function shuffled(text: string, dice: Dice): string {
  const [header, ...lines] = text.replace(/\n+$/, '').split('\n');
  // A quoted field may hold line ends: such files stay as they are.
  if (lines.some((line) => (line.match(/"/g)?.length ?? 0) % 2 === 1)) return text;
  for (let i = lines.length - 1; i > 0; i--) {
    const j = dice(i + 1);
    [lines[i], lines[j]] = [lines[j] as string, lines[i] as string];
  }
  return `${[header, ...lines].join('\n')}\n`;
}

function inZip(
  bytes: Uint8Array,
  change: (parts: Record<string, Uint8Array>) => Record<string, Uint8Array>,
): Uint8Array {
  try {
    return zipSync(change(unzipSync(bytes)) as Zippable, { level: 1 });
  } catch {
    // The second change of a file that is no archive any more.
    return bytes;
  }
}

function inPart(bytes: Uint8Array, dice: Dice, change: (part: Uint8Array) => Uint8Array): Uint8Array {
  return inZip(bytes, (parts) => {
    const names = Object.keys(parts).filter((name) => /sheet|workbook|shared|styles/i.test(name));
    const name = names[dice(names.length)] ?? '';
    return { ...parts, [name]: change(parts[name] ?? new Uint8Array(0)) };
  });
}
