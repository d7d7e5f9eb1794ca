import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { Problem } from '../core/problem.ts';
import { pointerTo } from '../core/problem.ts';
import { badUsage } from './exit.ts';
import { readHistoryFiles } from './history-file.ts';
import type { Place } from './places.ts';
import { placeInDocument } from './places.ts';
import { withValueAt } from './set-value.ts';

/** A scenario as it would be sent, and where each of its parts was written. */
export type ScenarioFile = {
  readonly scenario: unknown;
  /** Where the thing at a pointer stands: a line of the file, a line of a history file, or an option. */
  readonly placeOf: (pointer: string, code?: string) => Place;
};

/** What the command line changes in the file. `given` are `path=value` texts, in order. */
export type ScenarioChanges = {
  readonly given: readonly string[];
  readonly draws?: string;
  readonly seed?: string;
  readonly asOf?: string;
  readonly tolerance?: string;
  /** Currency of a scenario that names none, where it is not USD. */
  readonly currency: string;
};

const mostBytes = 4_000_000;
const yamlOptions = { stringKeys: true, logLevel: 'silent' } as const;
const mostAliases = 100;

/**
 * Reads a YAML or JSON scenario, lays the options over it, and replaces `history: {file}` by the file's values.
 * Throws CommandFailed with the place of everything that cannot be read.
 */
export async function readScenarioFile(file: string, changes: ScenarioChanges): Promise<ScenarioFile> {
  const text = await readText(file);
  const lines = new LineCounter();
  const document = parseDocument(text, { ...yamlOptions, lineCounter: lines });
  if (document.errors.length > 0) {
    throw badUsage(document.errors.map((error) => describeYamlError(file, error)).join('\n'));
  }
  const sent = toPlain(() => document.toJS({ maxAliasCount: mostAliases }) as unknown, file);
  const { scenario: changed, placeOfOption } = withChanges(sent, changes);
  const { scenario, placeOfHistory } = await readHistoryFiles(changed, path.dirname(file));
  return {
    scenario: withCurrency(scenario, changes.currency),
    placeOf: (pointer, code) =>
      placeOfHistory(pointer) ?? placeOfOption(pointer) ?? placeInDocument(document, lines, file, pointer, code),
  };
}

/** One line for each problem: where it stands, its pointer, what is wrong and how to mend it. */
export function describeProblems(problems: readonly Problem[], { placeOf }: ScenarioFile): readonly string[] {
  return problems.map(({ pointer, code, message }) => `${placeOf(pointer, code)}: ${pointer || '/'}: ${message}`);
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > mostBytes) {
      throw badUsage(
        `${file} has ${size} bytes and a scenario at most ${mostBytes}: shorten its series or its history.`,
      );
    }
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw badUsage(describeReadError(file, code), { cause });
  }
}

/** Why a file cannot be read, in one sentence with the cure. */
export function describeReadError(file: string, code: string): string {
  switch (code) {
    case 'ENOENT':
      return `There is no file ${file}: check the path; samples are in models/scenarios.`;
    case 'EISDIR':
      return `${file} is a folder: name a file in it.`;
    case 'EACCES':
    case 'EPERM':
      return `${file} may not be read (${code}): give this user the right to read it.`;
    default:
      return `${file} cannot be read (${code}).`;
  }
}

function describeYamlError(
  file: string,
  error: { message: string; linePos?: readonly { line: number; col: number }[] | undefined },
): string {
  const { line = 1, col = 1 } = error.linePos?.[0] ?? {};
  return `${file}:${line}:${col}: not YAML 1.2 or JSON: ${sayingOf(error)}`;
}

function toPlain(read: () => unknown, file: string): unknown {
  try {
    return read();
  } catch (cause) {
    throw badUsage(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function withChanges(
  sent: unknown,
  changes: ScenarioChanges,
): { readonly scenario: unknown; readonly placeOfOption: (pointer: string) => Place | null } {
  const options = [
    ...changes.given.map((text) => ({ ...splitGiven(text), option: `--set ${text}` })),
    ...optionFor('sampling.draws', '--draws', changes.draws),
    ...optionFor('sampling.seed', '--seed', changes.seed),
    ...optionFor('as_of', '--as-of', changes.asOf),
    ...optionFor('predictability.tolerance', '--tolerance', changes.tolerance),
  ];
  let scenario = sent;
  const places: { readonly pointer: string; readonly option: Place }[] = [];
  for (const { path: names, value, option } of options) {
    const changed = withValueAt(scenario, names, readValue(value, option));
    if (!changed.ok) throw badUsage(`${option}: ${changed.message}`);
    scenario = changed.value;
    places.unshift({ pointer: pointerTo(changed.path), option });
  }
  return {
    scenario,
    placeOfOption: (pointer) =>
      places.find((place) => pointer === place.pointer || pointer.startsWith(`${place.pointer}/`))?.option ?? null,
  };
}

function optionFor(names: string, option: string, value: string | undefined) {
  return value === undefined ? [] : [{ path: names, value, option: `${option} ${value}` }];
}

function splitGiven(text: string): { path: string; value: string } {
  const at = text.indexOf('=');
  if (at > 0) return { path: text.slice(0, at).trim(), value: text.slice(at + 1) };
  throw badUsage(`--set ${text}: expected path=value, such as --set operations.hourly_rate=100.`);
}

/** A value as it would be written in the file: `100`, `5 to 15`, `{mean: 1200, p95: 3000}`. */
function readValue(text: string, option: string): unknown {
  const document = parseDocument(text, yamlOptions);
  const [error] = document.errors;
  if (error === undefined) return toPlain(() => document.toJS({ maxAliasCount: 0 }) as unknown, option);
  throw badUsage(`${option}: not a value as it would stand in the file: ${sayingOf(error)}`);
}

/** What the YAML reader says, without its excerpt and place. */
function sayingOf(error: { readonly message: string }): string {
  return (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

function withCurrency(scenario: unknown, currency: string): unknown {
  if (currency === 'USD' || typeof scenario !== 'object' || scenario === null || Array.isArray(scenario))
    return scenario;
  return 'currency' in scenario ? scenario : { ...scenario, currency };
}
