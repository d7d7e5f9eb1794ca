import type { BinaryOperator } from './ast.ts';
import type { FormulaProblem } from './formula-problem.ts';

export type Token =
  | {
      readonly kind: 'number' | 'word' | 'open' | 'close' | 'comma' | 'percent' | 'end';
      readonly text: string;
      readonly at: number;
    }
  | { readonly kind: 'operator'; readonly text: BinaryOperator; readonly at: number };

const space = /[ \t\r\n]+/y;
const numeral = /(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const numeralTail = /[\w.]+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const operator = /<=|>=|<>|[-+*/^=<>]/y;
// What other languages write, as a whole, so that it is one problem and not several.
const foreign = /==|!=|\*\*|&&|\|\||=>|=<|"[^"]*"?|'[^']*'?|\[[^\]]*\]?|\{[^}]*\}?/y;
const singles: ReadonlyMap<string, 'open' | 'close' | 'comma' | 'percent'> = new Map([
  ['(', 'open'],
  [')', 'close'],
  [',', 'comma'],
  ['%', 'percent'],
]);

// Excel keeps 15 significant digits of a number; more would make the workbook differ from the exact reading.
const mostDigits = 15;
const mostExponent = 300;
const mostProblems = 5;

/**
 * Cuts the text of a formula into tokens, the last of which is `end`; a leading `=` is dropped. Every place that is no
 * token is a problem, each kind of mistake once and five at most.
 */
export function tokenize(text: string): {
  readonly tokens: readonly Token[];
  readonly problems: readonly FormulaProblem[];
} {
  const tokens: Token[] = [];
  const problems: FormulaProblem[] = [];
  let at = matchAt(space, text, 0).length;
  if (text[at] === '=' && text[at + 1] !== '=') at++;
  at += matchAt(space, text, at).length;
  while (at < text.length && problems.length < mostProblems) {
    const found = readToken(text, at);
    if (found.kind !== 'wrong') tokens.push(found);
    else if (problems.every(({ message }) => message !== found.problem.message)) problems.push(found.problem);
    at += found.text.length;
    at += matchAt(space, text, at).length;
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return { tokens, problems };
}

type Wrong = { readonly kind: 'wrong'; readonly text: string; readonly problem: FormulaProblem };

function readToken(text: string, at: number): Token | Wrong {
  const digits = matchAt(numeral, text, at);
  if (digits !== '') return readNumber(digits, matchAt(numeralTail, text, at + digits.length), at);
  const letters = matchAt(word, text, at);
  if (letters !== '') return { kind: 'word', text: letters, at };
  const borrowed = matchAt(foreign, text, at);
  if (borrowed !== '') return wrongCharacters(borrowed, at);
  const sign = matchAt(operator, text, at);
  if (sign !== '') return { kind: 'operator', text: sign as BinaryOperator, at };
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const kind = singles.get(character);
  return kind === undefined ? wrongCharacters(character, at) : { kind, text: character, at };
}

function readNumber(digits: string, tail: string, at: number): Token | Wrong {
  const text = digits + tail;
  const shown = shortened(text);
  const wrong = (code: string, message: string): Wrong => ({ kind: 'wrong', text, problem: { code, at, message } });
  if (tail !== '') {
    const form = 'write digits with a decimal point, such as 1000, 0.5 or 1e6, without suffix or separators';
    return wrong('number-malformed', `"${shown}" is not a number: ${form}.`);
  }
  const [mantissa = '', exponent = '0'] = digits.toLowerCase().split('e');
  const significant = mantissa.replace('.', '').replace(/^0+/, '').length;
  if (significant > mostDigits) {
    return wrong(
      'number-too-long',
      `${shown} has ${significant} significant digits; a spreadsheet keeps ${mostDigits}.`,
    );
  }
  if (mantissa.length + Math.abs(Number(exponent)) > mostExponent) {
    return wrong(
      'number-out-of-range',
      `${shown} is out of range: numbers go from about 1e-${mostExponent} to 1e${mostExponent}.`,
    );
  }
  return { kind: 'number', text: digits, at };
}

// The part after "is not part of a formula: ", for characters that people or other languages write.
const hints: ReadonlyMap<string, string> = new Map([
  ['==', 'equal is a single ='],
  ['!=', 'not equal is <>'],
  ['=<', 'at most is <='],
  ['=>', 'at least is >='],
  ['**', 'a power is ^'],
  ['&&', 'write AND(a, b)'],
  ['||', 'write OR(a, b)'],
  ['&', 'there is no text to join'],
  ['|', 'write OR(a, b)'],
  ['"', 'there is no text, only numbers and row names'],
  ["'", 'there is no text, only numbers and row names'],
  [';', 'arguments are separated by commas'],
  [':', 'ranges are written EACH(row) or MONTHS(row)'],
  ['$', 'rows are named, not addressed by cell'],
  ['!', 'rows are named, not addressed by sheet and cell'],
  ['.', 'row names have no dots, and a number has a digit after its point'],
  ['{', 'there are no arrays'],
  ['[', 'rows are named, not indexed'],
  ['@', 'rows are named, not addressed'],
  ['\\', 'rows are named'],
  ['−', 'write the ASCII minus -'],
  ['–', 'write the ASCII minus -'],
  ['×', 'write *'],
  ['·', 'write *'],
  ['÷', 'write /'],
  ['≤', 'write <='],
  ['≥', 'write >='],
  ['≠', 'write <>'],
]);

function wrongCharacters(found: string, at: number): Wrong {
  const point = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const ascii = [...found].length > 1 || /^[\x21-\x7e]$/.test(found);
  const visible = ascii || /^[\p{L}\p{N}\p{S}\p{P}]$/u.test(found);
  const shown = ascii ? quoted(found) : visible ? `"${found}" (U+${point})` : `The invisible character U+${point}`;
  const letter = /^[\p{L}\p{N}]$/u.test(found) ? 'row names use only the letters a to z, digits and _' : undefined;
  const hint = hints.get(found) ?? hints.get(found.slice(0, 1)) ?? letter;
  const message = `${shown} is not part of a formula${hint === undefined ? '' : `: ${hint}`}.`;
  return { kind: 'wrong', text: found, problem: { code: 'unexpected-character', at, message } };
}

/** In quotes, which text that has its own does not need. */
function quoted(text: string): string {
  const short = shortened(text);
  return /^["']/.test(text) && text.length > 1 ? short : `"${short}"`;
}

function shortened(text: string): string {
  const visible = text.replaceAll(/\p{C}/gu, '\ufffd');
  return visible.length > 40 ? `${visible.slice(0, 39)}…` : visible;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
