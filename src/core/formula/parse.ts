import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { Expression } from './ast.ts';
import { rankOf } from './ast.ts';
import type { FormulaProblem } from './formula-problem.ts';
import { formulaFunctions, functionNamed } from './functions.ts';
import { judgeRowName } from './names.ts';
import type { Token } from './tokens.ts';
import { tokenize } from './tokens.ts';

/** Characters of the text, nodes of the tree, and parentheses, calls and signs within each other. */
export type FormulaLimits = { readonly length: number; readonly nodes: number; readonly depth: number };

export const formulaLimits: FormulaLimits = { length: 1000, nodes: 300, depth: 32 };

export type ParsedFormula =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly problems: readonly FormulaProblem[] };

/**
 * Reads a formula in Excel's syntax: a sign binds tighter than `%`, `%` than `^` (so `-2^2` is 4), operators of one rank
 * from left to right (`2^3^2` is 64), comparisons last. Wrong names and calls are all reported; of what breaks the
 * syntax the first place only, because the rest would be guesses. Never throws; every limit holds while parsing.
 */
export function parseFormula(text: string, limits: FormulaLimits = formulaLimits): ParsedFormula {
  if (text.length > limits.length) {
    const message = `The formula has ${text.length} characters, at most ${limits.length} are allowed. Split it into several rows.`;
    return { ok: false, problems: [{ code: 'formula-too-long', at: limits.length, message }] };
  }
  const { tokens, problems } = tokenize(text);
  if (problems.length > 0) return { ok: false, problems };
  if (tokens.length === 1)
    return { ok: false, problems: [{ code: 'formula-empty', at: 0, message: 'The formula is empty.' }] };

  const reader: Reader = { tokens, limits, position: 0, depth: 0, nodes: 0, problems: [] };
  const expression = readOperations(reader, 1);
  if (expression !== undefined && current(reader).kind !== 'end') stop(reader, judgeLeftover(reader));
  const sorted = reader.problems.toSorted((a, b) => a.at - b.at);
  return expression === undefined || sorted.length > 0 ? { ok: false, problems: sorted } : { ok: true, expression };
}

/** Where reading stands. A function that returns undefined has met the end of what can be read and said why. */
type Reader = {
  readonly tokens: readonly Token[];
  readonly limits: FormulaLimits;
  readonly problems: FormulaProblem[];
  position: number;
  depth: number;
  nodes: number;
};

function readOperations(reader: Reader, lowestRank: number): Expression | undefined {
  let left = readPercent(reader);
  for (let token = current(reader); left !== undefined; token = current(reader)) {
    if (token.kind !== 'operator' || rankOf[token.text] < lowestRank) break;
    reader.position++;
    const right = readOperations(reader, rankOf[token.text] + 1);
    left = right && grow(reader, { kind: 'binary', operator: token.text, left, right, at: token.at });
  }
  return left;
}

function readPercent(reader: Reader): Expression | undefined {
  let operand = readSigned(reader);
  for (let token = current(reader); operand !== undefined && token.kind === 'percent'; token = current(reader)) {
    reader.position++;
    operand = grow(reader, { kind: 'unary', operator: '%', operand, at: token.at });
  }
  return operand;
}

function readSigned(reader: Reader): Expression | undefined {
  const token = current(reader);
  if (token.kind !== 'operator' || (token.text !== '-' && token.text !== '+')) return readPrimary(reader);
  reader.position++;
  const operand = deeper(reader, token.at, readSigned);
  return operand && grow(reader, { kind: 'unary', operator: token.text, operand, at: token.at });
}

function readPrimary(reader: Reader): Expression | undefined {
  const token = current(reader);
  reader.position++;
  switch (token.kind) {
    case 'number':
      return grow(reader, { kind: 'number', text: token.text, at: token.at });
    case 'word':
      return current(reader).kind === 'open' ? readCall(reader, token) : readName(reader, token);
    case 'open': {
      const inner = deeper(reader, token.at, (inside) => readOperations(inside, 1));
      return inner && (close(reader, token) ? inner : undefined);
    }
    default:
      return stop(reader, {
        code: 'operand-missing',
        at: token.at,
        message: `A number, a row name or a function is missing ${token.kind === 'end' ? 'at the end' : `before "${token.text}"`}.`,
      });
  }
}

function readName(reader: Reader, token: Token): Expression | undefined {
  const wrong = judgeRowName(token.text);
  if (wrong !== undefined) reader.problems.push({ ...wrong, at: token.at });
  return grow(reader, { kind: 'name', name: token.text, at: token.at });
}

function readCall(reader: Reader, token: Token): Expression | undefined {
  const open = current(reader);
  reader.position++;
  const given = deeper(reader, token.at, readArguments);
  if (given === undefined || !close(reader, open)) return undefined;
  const called = functionNamed(token.text);
  if (called === undefined) {
    reader.problems.push(judgeUnknown(token));
    return grow(reader, { kind: 'name', name: token.text, at: token.at });
  }
  if (given.length < called.minimum || given.length > called.maximum) {
    reader.problems.push({
      code: 'argument-count',
      at: token.at,
      message: `${called.name} has ${counted(given.length)} here, but is ${called.signature}.`,
    });
  }
  return grow(reader, { kind: 'call', name: called.name, arguments: given, at: token.at });
}

function readArguments(reader: Reader): readonly Expression[] | undefined {
  const given: Expression[] = [];
  if (current(reader).kind === 'close') return given;
  for (;;) {
    const argument = readOperations(reader, 1);
    if (argument === undefined) return undefined;
    given.push(argument);
    if (current(reader).kind !== 'comma') return given;
    reader.position++;
  }
}

function close(reader: Reader, open: Token): boolean {
  const token = current(reader);
  reader.position++;
  if (token.kind === 'close') return true;
  if (token.kind === 'end') {
    stop(reader, { code: 'parenthesis-open', at: open.at, message: 'This parenthesis is never closed.' });
  } else {
    reader.position--;
    stop(reader, judgeLeftover(reader));
  }
  return false;
}

/** Something stands where only an operator or the end could. */
function judgeLeftover(reader: Reader): FormulaProblem {
  const { kind, text, at } = current(reader);
  if (kind === 'close') return { code: 'parenthesis-unopened', at, message: 'This parenthesis was never opened.' };
  if (kind === 'comma') {
    const message = 'A comma separates the arguments of a function; the decimal sign is a point, as in 1.5.';
    return { code: 'comma-misplaced', at, message };
  }
  return { code: 'operator-missing', at, message: `An operator is missing before "${text}".` };
}

function judgeUnknown(token: Token): FormulaProblem {
  const names = formulaFunctions.map((definition) => definition.name);
  const suggestions = nearestNames(token.text, names);
  const shown = token.text.length > 40 ? `${token.text.slice(0, 39)}…` : token.text;
  const help = suggestions.length > 0 ? didYouMean(suggestions) : ` There are ${names.join(', ')}.`;
  return { code: 'unknown-function', at: token.at, message: `There is no function ${shown}.${help}`, suggestions };
}

function deeper<Result>(reader: Reader, at: number, read: (reader: Reader) => Result | undefined): Result | undefined {
  const { depth } = reader.limits;
  if (reader.depth === depth) {
    const message = `More than ${depth} parentheses, calls and signs within each other. Give the inner part a row of its own.`;
    return stop(reader, { code: 'formula-too-deep', at, message });
  }
  reader.depth++;
  const result = read(reader);
  reader.depth--;
  return result;
}

function grow(reader: Reader, node: Expression): Expression | undefined {
  reader.nodes++;
  const { nodes } = reader.limits;
  if (reader.nodes <= nodes) return node;
  const message = `The formula has more than ${nodes} numbers, names and operations. Split it into several rows.`;
  return stop(reader, { code: 'formula-too-large', at: node.at, message });
}

function stop(reader: Reader, problem: FormulaProblem): undefined {
  reader.problems.push(problem);
  return undefined;
}

function current(reader: Reader): Token {
  return reader.tokens[reader.position] ?? { kind: 'end', text: '', at: 0 };
}

function counted(count: number): string {
  return count === 1 ? '1 argument' : `${count} arguments`;
}
