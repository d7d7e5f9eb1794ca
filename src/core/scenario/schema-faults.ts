import type { z } from 'zod';
import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { Fault } from './fault.ts';
import { faultsUnder, mostFaults, shown } from './fault.ts';
import { findLaterForm } from './later-forms.ts';
import { parseQuantity } from './quantity.ts';
import { scenarioInput } from './schema.ts';
import { quantityFields } from './schema-parts.ts';
import { descriptionAt, keysAt, schemasAt } from './schema-walk.ts';

type Issue = z.core.$ZodIssue;

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a schema found wrong, in our words: found, expected, nearest right thing. Stops soon after 200. */
export function schemaFaults(issues: readonly Issue[], input: unknown): readonly Fault[] {
  const faults: Fault[] = [];
  for (const issue of issues) {
    faults.push(...faultsOf(issue, input, []));
    if (faults.length > mostFaults) break;
  }
  return faults;
}

/** `outer` is the path of a union whose branch the issue comes from: its own path starts there. */
function faultsOf(issue: Issue, input: unknown, outer: readonly PropertyKey[]): readonly Fault[] {
  const path = [...outer, ...issue.path];
  const value = valueAt(input, path);
  const expected = descriptionAt(scenarioInput, path);
  if (value === undefined && issue.code !== 'unrecognized_keys' && issue.code !== 'custom') {
    return [{ code: 'missing', path, message: `Missing. Expected: ${expected}.` }];
  }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, mostFaults + 1).map((key) => unknownKey(key, path));
    case 'invalid_union':
      return unionFaults(issue, input, path);
    case 'custom':
      return [customFault(issue, path)];
    case 'invalid_value': {
      const known = issue.values.map(String);
      const suggestions = typeof value === 'string' ? nearestNames(value, known) : [];
      const message = `Found ${shown(value)}; expected ${known.join(', ')}.${didYouMean(suggestions)}`;
      return [{ code: 'wrong-value', path, message, suggestions }];
    }
    case 'too_big':
    case 'too_small':
      return [sizeFault(issue, value, path)];
    case 'invalid_format':
      return [formatFault(value, path, expected)];
    case 'invalid_type': {
      const kind = kinds[issue.expected] ?? issue.expected;
      return [{ code: 'wrong-type', path, message: `Found ${shown(value)}; expected ${kind}. ${expected}.` }];
    }
    default:
      return [{ code: 'wrong-type', path, message: `Found ${shown(value)}. Expected: ${expected}.` }];
  }
}

function unknownKey(key: string, path: readonly PropertyKey[]): Fault {
  const later = findLaterForm(key);
  if (later !== undefined) return { code: 'not-supported', path: [...path, key], message: later };
  const suggestions = nearestNames(key, keysAt(scenarioInput, path));
  const known = [...keysAt(scenarioInput, path)].filter((name) => name !== '$schema');
  const help = suggestions.length > 0 ? didYouMean(suggestions) : ` Known here: ${known.join(', ')}.`;
  return { code: 'unknown-key', path: [...path, key], message: `${shown(key)} is not known here.${help}`, suggestions };
}

/** The issues of the branch that was meant: the number's own reading, or the object whose keys were used. */
function unionFaults(
  issue: z.core.$ZodIssueInvalidUnion,
  input: unknown,
  path: readonly PropertyKey[],
): readonly Fault[] {
  const value = valueAt(input, path);
  const field = schemasAt(scenarioInput, path).flatMap((schema) => quantityFields.get(schema) ?? [])[0];
  const meant = issue.errors.find((branch) => hasUsedKeys(branch, value));
  if (field !== undefined && meant === undefined) {
    const reading = parseQuantity(value, field);
    if (!reading.ok) return faultsUnder(path, reading.faults);
  }
  const branch = meant ?? issue.errors.find((issues) => !issues.some(isAboutTheWhole));
  if (branch !== undefined) return branch.flatMap((inner) => faultsOf(inner, input, path));
  const words = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : []));
  const suggestions = typeof value === 'string' ? nearestNames(value, words) : [];
  const message = `Found ${shown(value)}. Expected: ${descriptionAt(scenarioInput, path)}.${didYouMean(suggestions)}`;
  return [{ code: 'wrong-type', path, message, suggestions }];
}

/** Whether a branch takes objects and knows at least one of the keys that were given. */
function hasUsedKeys(branch: readonly Issue[], value: unknown): boolean {
  if (typeof value !== 'object' || value === null || branch.some(isAboutTheWhole)) return false;
  const unknown = branch.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  );
  return unknown.length < Object.keys(value).length;
}

function isAboutTheWhole(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code !== 'unrecognized_keys' && issue.code !== 'custom';
}

function customFault(issue: z.core.$ZodIssueCustom, path: readonly PropertyKey[]): Fault {
  const { code, suggestions, limit } = (issue.params ?? {}) as Partial<Fault>;
  return {
    code: code ?? 'invalid',
    path,
    message: issue.message,
    ...(suggestions === undefined ? {} : { suggestions }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function sizeFault(
  issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall,
  value: unknown,
  path: readonly PropertyKey[],
): Fault {
  const [word, bound] = issue.code === 'too_big' ? ['most', issue.maximum] : ['least', issue.minimum];
  const limit = String(bound);
  if (issue.origin === 'string' || issue.origin === 'array') {
    const size = (value as string | readonly unknown[]).length;
    const unit = issue.origin === 'string' ? 'characters' : 'elements';
    const message = `Found ${size} ${unit}; expected at ${word} ${limit}.`;
    return { code: issue.code === 'too_big' ? 'limit-exceeded' : 'too-short', path, message, limit };
  }
  const message = `Found ${shown(value)}; expected a whole number, at ${word} ${limit}.`;
  return { code: issue.code === 'too_big' ? 'limit-exceeded' : 'out-of-range', path, message, limit };
}

function formatFault(value: unknown, path: readonly PropertyKey[], expected: string): Fault {
  const isId = path.at(-1) === 'id' && typeof value === 'string';
  const mended = isId ? mendedId(value) : undefined;
  const suggestions = mended === undefined ? [] : [mended];
  return {
    code: isId ? 'invalid-id' : 'invalid-format',
    path,
    message: `Found ${shown(value)}. Expected: ${expected}.${didYouMean(suggestions)}`,
    suggestions,
  };
}

/** `Support Chat` and `support-chat` become `support_chat`; undefined when nothing is left. */
function mendedId(name: string): string | undefined {
  const mended = name
    .slice(0, 41)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '');
  return mended === '' || mended === name ? undefined : mended;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }, input);
}
