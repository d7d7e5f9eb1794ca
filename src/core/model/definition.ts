import { Decimal } from 'decimal.js';
import type { z } from 'zod';
import type { Expression } from '../formula/ast.ts';
import { checkFormula } from '../formula/check.ts';
import { judgeRowName } from '../formula/names.ts';
import { parseFormula } from '../formula/parse.ts';
import type { Problem } from '../problem.ts';
import { InvalidInput, pointerTo } from '../problem.ts';
import type { Dimension } from './dimensions.ts';
import type { InputFile } from './model-file.ts';
import { modelFile } from './model-file.ts';
import { writeOut } from './write-out.ts';

/** Where an input's value comes from. Only `value` and `shock` are known here; the rest is resolved from a scenario and a price book. */
export type InputOrigin =
  | { readonly kind: 'value'; readonly value: Decimal }
  | {
      readonly kind: 'shock';
      readonly distribution: 'normal' | 'uniform';
      readonly base: Decimal;
      /** Whose event it is: one for each instance, or one for every place that is billed by the same model. */
      readonly of: 'instance' | 'priced-model';
    }
  | { readonly kind: 'built-in'; readonly name: 'month_number' | 'hours_in_month' | 'minor_units' }
  /** `byTier`: a tier may state its own under the same path. */
  | { readonly kind: 'scenario'; readonly path: string; readonly fallback: Prior | null; readonly byTier: boolean }
  | { readonly kind: 'term'; readonly path: string; readonly fallback: Prior | null }
  | { readonly kind: 'given'; readonly path: string }
  /** 1 where that stands in the scenario: a word, `true`, `false`, or `none` where nothing does. */
  | { readonly kind: 'is'; readonly path: string; readonly value: string }
  | { readonly kind: 'price'; readonly meter: string; readonly fallback: Prior | null }
  | { readonly kind: 'price-apart'; readonly meter: string }
  | { readonly kind: 'price-threshold'; readonly end: 'from' | 'until' }
  | { readonly kind: 'price-change'; readonly direction: 'cut' | 'rise'; readonly part: 'chance' | 'multiplier' }
  /** What is free of a meter every month, and whether that is for the LLM of a workload. */
  | { readonly kind: 'allowance'; readonly meter: string; readonly part: 'amount' | 'applies' }
  | { readonly kind: 'surcharge'; readonly term: string }
  | { readonly kind: 'migration'; readonly part: 'active' | 'price_ratio' | 'token_ratio' }
  | { readonly kind: 'fee'; readonly fee: string; readonly part: 'rate' | 'minimum' | 'allowance' }
  | { readonly kind: 'rent' }
  | { readonly kind: 'exchange-rate'; readonly currency: string }
  /** A total of the tier whose sheet it stands on; known to whoever links the tier. */
  | { readonly kind: 'tier-total'; readonly total: 'bill' | 'full' | 'cash' };

/** What stands in where the scenario is silent: a constant, a 90 % range, three points of a share, or the prior of a volatility with its scale. */
export type Prior =
  | { readonly kind: 'constant'; readonly value: Decimal }
  | { readonly kind: 'range'; readonly low: Decimal; readonly high: Decimal }
  | { readonly kind: 'share'; readonly points: readonly [Decimal, Decimal, Decimal] }
  | { readonly kind: 'volatility'; readonly scale: Decimal };

export type InputDefinition = {
  readonly kind: 'input';
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly per: Dimension | null;
  readonly sheet: 'Inputs' | 'Hardware' | 'Prices';
  readonly origin: InputOrigin;
  /** Where it is 0 in every month it needs no line: the formulas that read it are simpler without it. */
  readonly omitZero: boolean;
  readonly onlyIf: readonly string[];
  /** What it counts with among the drivers of the spread: inputs with the same path are one driver. */
  readonly driver?: { readonly path: string; readonly label: string };
  readonly source: string | null;
  readonly note: string | null;
};

export type RowDefinition = {
  readonly kind: 'row';
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly per: Dimension | null;
  readonly formula: string;
  readonly expression: Expression;
  /** A money line of that perimeter; null is a working. */
  readonly perimeter: 'bill' | 'full' | null;
  readonly behaviour: 'fixed' | 'usage' | null;
  /** Money lines count in cash unless `never`; `only` counts in cash and in no perimeter. */
  readonly cash: 'too' | 'never' | 'only';
  /** Names of inputs: where one of them is constantly 0 the row is left out, and reads as 0. */
  readonly onlyIf: readonly string[];
  readonly source: string | null;
  readonly note: string | null;
  /** A working that the forecast shows beside the money, such as carbon. */
  readonly report: boolean;
  /** The line that charges this amount over time; an own line that reads the row would charge it twice. */
  readonly chargedAs: string | null;
  /** The model the row was written in, where it is part of a larger one. */
  readonly section: string | null;
};

/** Demand that a model hands on to another tier, whose money lines of the bill then add up to the line `line`. */
export type Spill = {
  /** Path in the scenario that names the tier. */
  readonly to: string;
  /** Row per workload: the share of the workload's demand handed on. */
  readonly share: string;
  readonly line: string;
  readonly label: string;
  readonly perimeter: 'bill' | 'full';
  readonly onlyIf: string;
  /**
   * What names mean to the other tier: a row of this model instead, such as the part of what is handed on that is batch.
   * Where the row is left out, the name keeps its meaning.
   */
  readonly given: Readonly<Record<string, string>>;
};

/** What a user is told when a row passes a limit in the base case, with the first month and the instance. */
export type Alert = {
  readonly code: string;
  readonly row: string;
  readonly above: Decimal;
  /** Where in the scenario; `{instance}` is the index of the row's instance. */
  readonly pointer: string;
  /** `{tier}`, `{instance}`, `{month}` and `{percent}` (the row's value) are filled in. */
  readonly message: string;
};

export type Example = {
  readonly name: string;
  readonly month: number;
  readonly given: Readonly<Record<string, string | readonly string[]>>;
  /** Row id → arithmetic that gives the exact expected value, as `250 * 0.4`. */
  readonly expect: Readonly<Record<string, string>>;
};

/** A sheet of named inputs and rows of formulas, read from `models/cost-models/*.yaml`. */
export type CostModel = {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** Models whose rows it reads and that are computed before it. */
  readonly uses: readonly string[];
  /** Models it is made of: their inputs and rows come before its own, on the same sheet. */
  readonly includes: readonly string[];
  readonly inputs: readonly InputDefinition[];
  readonly rows: readonly RowDefinition[];
  readonly spills: readonly Spill[];
  readonly alerts: readonly Alert[];
  /** What can be agreed with whoever sends its bill: a hard cap, a commitment. Nobody caps the bill of one's own machines. */
  readonly levers: readonly ('cap' | 'commitment')[];
  readonly examples: readonly Example[];
};

/**
 * Reads a cost model from the plain object of its file, formulas parsed and checked in kind.
 * @throws InvalidInput with every problem of the file; pointers are into the object.
 */
export function parseCostModel(input: unknown): CostModel {
  const parsed = modelFile.safeParse(writtenOut(input));
  if (!parsed.success) throw new InvalidInput(parsed.error.issues.map(problemOfIssue));
  const { inputs, rows, ...rest } = parsed.data;
  const problems: Problem[] = [];
  const model: CostModel = {
    ...rest,
    inputs: inputs.map((definition, i) => inputOf(definition, pointerTo(['inputs', i]), problems)),
    rows: rows.flatMap((definition, i) => {
      const row = parseRow(definition, pointerTo(['rows', i]), problems);
      return row === null ? [] : [row];
    }),
    spills: rest.spills.map(({ only_if, ...spill }) => ({ ...spill, onlyIf: only_if })),
    alerts: rest.alerts.map((alert) => ({ ...alert, above: new Decimal(alert.above) })),
  };
  const seen = new Set<string>();
  for (const [list, definitions] of [
    ['inputs', model.inputs],
    ['rows', model.rows],
  ] as const) {
    definitions.forEach(({ id }, i) => {
      if (seen.has(id))
        problems.push({
          code: 'duplicate-row',
          pointer: pointerTo([list, i, 'id']),
          message: `"${id}" is there twice.`,
        });
      seen.add(id);
    });
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  return model;
}

function writtenOut(input: unknown): unknown {
  if (typeof input !== 'object' || input === null) return input;
  const { inputs, rows } = input as { readonly inputs?: unknown; readonly rows?: unknown };
  return {
    ...input,
    ...(inputs !== undefined && { inputs: writeOut(inputs) }),
    ...(rows !== undefined && { rows: writeOut(rows) }),
  };
}

export type RowText = {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly formula: string;
  readonly per?: Dimension | undefined;
  readonly perimeter?: 'bill' | 'full' | undefined;
  readonly behaviour?: 'fixed' | 'usage' | undefined;
  readonly cash?: 'never' | 'only' | undefined;
  readonly only_if?: string | readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly note?: string | undefined;
  readonly report?: boolean | undefined;
  readonly charged_as?: string | undefined;
};

/** One row with its formula parsed; problems are added to `problems`, and null is returned when there are any. */
export function parseRow(text: RowText, pointer: string, problems: Problem[]): RowDefinition | null {
  const idProblem = judgeRowName(text.id);
  if (idProblem !== undefined) problems.push({ ...idProblem, pointer: `${pointer}/id` });
  const parsed = parseFormula(text.formula);
  const found = parsed.ok ? checkFormula(parsed.expression) : parsed.problems;
  for (const { code, at, message, suggestions } of found) {
    problems.push({
      code,
      pointer: `${pointer}/formula`,
      message: `At character ${at + 1}: ${message}`,
      ...(suggestions && { suggestions }),
    });
  }
  if (idProblem !== undefined || !parsed.ok || found.length > 0) return null;
  return {
    kind: 'row',
    id: text.id,
    label: text.label,
    unit: text.unit,
    per: text.per ?? null,
    formula: text.formula,
    expression: parsed.expression,
    perimeter: text.perimeter ?? null,
    behaviour: text.behaviour ?? null,
    cash: text.cash ?? 'too',
    onlyIf: listOf(text.only_if),
    source: text.source ?? null,
    note: text.note ?? null,
    report: text.report ?? false,
    chargedAs: text.charged_as ?? null,
    section: null,
  };
}

function inputOf(text: InputFile, pointer: string, problems: Problem[]): InputDefinition {
  const idProblem = judgeRowName(text.id);
  if (idProblem !== undefined) problems.push({ ...idProblem, pointer: `${pointer}/id` });
  const origins = originsOf(text);
  const [origin] = origins;
  if (origin === undefined || origins.length > 1) {
    problems.push({
      code: 'input-origin',
      pointer,
      message: `"${text.id}" needs one origin (value, from, price, shock …); it has ${origins.length}.`,
    });
  }
  return {
    kind: 'input',
    id: text.id,
    label: text.label,
    unit: text.unit,
    per: text.per ?? null,
    sheet: text.sheet ?? (isPriced(text) ? 'Prices' : 'Inputs'),
    origin: origin ?? { kind: 'value', value: new Decimal(0) },
    omitZero: text.omit_zero ?? false,
    onlyIf: listOf(text.only_if),
    ...(text.driver && { driver: text.driver }),
    source: text.source ?? null,
    note: text.note ?? null,
  };
}

function isPriced({ price, price_threshold, rent }: InputFile): boolean {
  return price !== undefined || price_threshold !== undefined || rent !== undefined;
}

function originsOf(text: InputFile): InputOrigin[] {
  const origins: InputOrigin[] = [];
  const fallback = priorOf(text);
  if (text.value !== undefined) origins.push({ kind: 'value', value: new Decimal(text.value) });
  if (text.shock !== undefined)
    origins.push({
      kind: 'shock',
      distribution: text.shock,
      base: new Decimal(text.base ?? 0),
      of: text.of ?? 'instance',
    });
  if (text.built_in !== undefined) origins.push({ kind: 'built-in', name: text.built_in });
  if (text.from !== undefined)
    origins.push({ kind: 'scenario', path: text.from, fallback, byTier: text.by_tier ?? false });
  if (text.term !== undefined) origins.push({ kind: 'term', path: text.term, fallback });
  if (text.given !== undefined) origins.push({ kind: 'given', path: text.given });
  for (const [path, value] of Object.entries(text.is ?? {})) origins.push({ kind: 'is', path, value });
  if (text.price !== undefined) origins.push({ kind: 'price', meter: text.price, fallback });
  if (text.price_apart !== undefined) origins.push({ kind: 'price-apart', meter: text.price_apart });
  if (text.price_threshold !== undefined) origins.push({ kind: 'price-threshold', end: text.price_threshold });
  if (text.price_change !== undefined) origins.push(priceChangeOrigin(text.price_change));
  if (text.allowance !== undefined) origins.push({ kind: 'allowance', meter: text.allowance, part: 'amount' });
  if (text.allowance_applies !== undefined)
    origins.push({ kind: 'allowance', meter: text.allowance_applies, part: 'applies' });
  if (text.surcharge !== undefined) origins.push({ kind: 'surcharge', term: text.surcharge });
  if (text.migration !== undefined) origins.push({ kind: 'migration', part: text.migration });
  if (text.fee !== undefined) origins.push({ kind: 'fee', fee: text.fee, part: text.part ?? 'rate' });
  if (text.rent !== undefined) origins.push({ kind: 'rent' });
  if (text.exchange_rate !== undefined) origins.push({ kind: 'exchange-rate', currency: text.exchange_rate });
  if (text.tier_total !== undefined) origins.push({ kind: 'tier-total', total: text.tier_total });
  return origins;
}

function priceChangeOrigin(text: NonNullable<InputFile['price_change']>): InputOrigin {
  const isRise = text.startsWith('rise_');
  const part = text.endsWith('chance') ? 'chance' : 'multiplier';
  return { kind: 'price-change', direction: isRise ? 'rise' : 'cut', part };
}

function priorOf(text: InputFile): Prior | null {
  if (text.default !== undefined) return { kind: 'constant', value: new Decimal(text.default) };
  if (text.prior === undefined) return null;
  if ('range' in text.prior)
    return { kind: 'range', low: new Decimal(text.prior.range[0]), high: new Decimal(text.prior.range[1]) };
  if ('volatility' in text.prior) return { kind: 'volatility', scale: new Decimal(text.prior.volatility) };
  const [low, middle, high] = text.prior.share;
  return { kind: 'share', points: [new Decimal(low), new Decimal(middle), new Decimal(high)] };
}

function listOf(names: string | readonly string[] | undefined): readonly string[] {
  return names === undefined ? [] : typeof names === 'string' ? [names] : names;
}

function problemOfIssue(issue: z.core.$ZodIssue): Problem {
  return { code: issue.code ?? 'invalid', pointer: pointerTo(issue.path), message: issue.message };
}
