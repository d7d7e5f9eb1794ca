import type { Decimal } from 'decimal.js';
import { didYouMean, nearestNames } from '../nearest-name.ts';
import { fitP10P50P90, fitPert } from '../sampling/distributions.ts';
import { numberText } from './decimal-text.ts';
import type { Fault, Reading } from './fault.ts';
import { faultsUnder, refuse, shown } from './fault.ts';
import type { QuantityField } from './quantity-field.ts';
import { parseConstant } from './quantity-field.ts';
import { constantQuantity, parseQuantityText, rangeQuantity } from './quantity-text.ts';
import type { Quantity } from './scenario.ts';

/** The keys of each form that is an object, the one that tells the form first. */
const forms = [
  ['range', 'varies'],
  ['series'],
  ['p10', 'p50', 'p90', 'varies'],
  ['min', 'mode', 'max', 'varies'],
] as const;

type Form = (typeof forms)[number];

/**
 * Reads a number, a series by month or a range, with every fault of it.
 *
 * `5 to 15` and `5..15` are the 5 % and 95 % points of a lognormal (positive), logit-normal (share) or normal (any);
 * `1M ±15%` puts those points at 850k and 1.15M; `{min, mode, max}` is PERT and `{p10, p50, p90}` log-metalog.
 * `{range: 5 to 15, varies: monthly}` overrules how the field varies by default. A range of no width is a constant.
 * How many values a series must have is left to the caller: it depends on the scenario's months.
 */
export function parseQuantity(input: unknown, field: QuantityField): Reading<Quantity> {
  if (typeof input === 'string') return parseQuantityText(input, field, field.varies);
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
    return parseForm(new Map<string, unknown>(Object.entries(input)), field);
  }
  const constant = parseConstant(input, field);
  return constant.ok ? constantQuantity(constant.value) : constant;
}

function parseForm(given: ReadonlyMap<string, unknown>, field: QuantityField): Reading<Quantity> {
  const form = forms.find((keys) => keys.some((key) => key !== 'varies' && given.has(key)));
  if (given.has('file')) return refuse('not-supported', 'history.file is read by the command line only.');
  if (form === undefined) {
    return refuse(
      'wrong-type',
      `Found an object${given.size > 0 ? ` with ${[...given.keys()].slice(0, 3).map(shown).join(', ')}` : ''}; expected a number, a range such as 5 to 15, {range, varies}, {min, mode, max}, {p10, p50, p90} or {series: […]}.`,
    );
  }
  const faults = [...unknownKeys(given, form), ...variesFaults(given.get('varies'), field)];
  const varies =
    given.get('varies') === 'monthly' || given.get('varies') === 'once' ? given.get('varies') : field.varies;
  const reading = parseFormValues(form, given, field, varies === 'monthly' ? 'monthly' : 'once');
  if (reading.ok && faults.length === 0) return reading;
  return { ok: false, faults: reading.ok ? faults : [...faults, ...reading.faults] };
}

function unknownKeys(given: ReadonlyMap<string, unknown>, form: Form): readonly Fault[] {
  const known: readonly string[] = form;
  return [...given.keys()]
    .filter((key) => !known.includes(key))
    .map((key) => {
      const suggestions = nearestNames(key, known);
      const message = `${shown(key)} is not known here: beside ${form[0]} there may be ${known.slice(1).join(', ') || 'nothing'}.`;
      return { code: 'unknown-key', path: [key], message: message + didYouMean(suggestions), suggestions };
    });
}

function variesFaults(varies: unknown, field: QuantityField): readonly Fault[] {
  if (varies === 'monthly' && !field.byMonth) {
    const message = 'This stays the same over the months: write varies: once, or leave varies out.';
    return [{ code: 'not-by-month', path: ['varies'], message, suggestions: ['once'] }];
  }
  if (varies === undefined || varies === 'once' || varies === 'monthly') return [];
  const message = `Found ${shown(varies)}; expected once (one unknown value for the whole horizon) or monthly (a new one every month).`;
  return [{ code: 'wrong-value', path: ['varies'], message, suggestions: ['once', 'monthly'] }];
}

function parseFormValues(
  form: Form,
  given: ReadonlyMap<string, unknown>,
  field: QuantityField,
  varies: 'once' | 'monthly',
): Reading<Quantity> {
  switch (form[0]) {
    case 'series':
      return parseSeries(given.get('series'), field);
    case 'range': {
      const range = given.get('range');
      const isText = typeof range === 'string';
      const reading = isText
        ? parseQuantityText(range, field, varies)
        : refuse('wrong-type', `Found ${shown(range)}; expected a range such as 5 to 15.`);
      return reading.ok ? reading : { ok: false, faults: faultsUnder(['range'], reading.faults) };
    }
    case 'p10':
      return parsePoints(['p10', 'p50', 'p90'], given, field, varies);
    case 'min':
      return parsePoints(['min', 'mode', 'max'], given, field, varies);
  }
}

function parseSeries(input: unknown, field: QuantityField): Reading<Quantity> {
  if (!field.byMonth) return refuse('not-by-month', 'This stays the same over the months: give one number or a range.');
  if (!Array.isArray(input) || input.length === 0) {
    const message = `Found ${shown(input)}; expected a list with one number for each month.`;
    return { ok: false, faults: [{ code: 'wrong-type', path: ['series'], message }] };
  }
  const values: Decimal[] = [];
  const faults: Fault[] = [];
  for (const [i, element] of input.entries()) {
    const reading = parseConstant(element, field);
    if (reading.ok) values.push(reading.value);
    else faults.push(...faultsUnder(['series', i], reading.faults));
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: { kind: 'series', values } };
}

type Points = readonly ['p10', 'p50', 'p90'] | readonly ['min', 'mode', 'max'];

function parsePoints(
  names: Points,
  given: ReadonlyMap<string, unknown>,
  field: QuantityField,
  varies: 'once' | 'monthly',
): Reading<Quantity> {
  const readings = names.map((name) => ({ name, reading: parsePoint(given.get(name), names, field) }));
  const faults = readings.flatMap(({ name, reading }) => (reading.ok ? [] : faultsUnder([name], reading.faults)));
  const [low, middle, high] = readings.flatMap(({ reading }) => (reading.ok ? [reading.value] : []));
  if (low === undefined || middle === undefined || high === undefined) return { ok: false, faults };
  if (low.equals(middle) && middle.equals(high)) return constantQuantity(middle);
  const show = (value: Decimal) => numberText(value, field.percent === true);
  const text = `{${names[0]}: ${show(low)}, ${names[1]}: ${show(middle)}, ${names[2]}: ${show(high)}}`;
  const [a, b, c] = [low.toNumber(), middle.toNumber(), high.toNumber()];
  const fit = names[0] === 'min' ? fitPert(a, b, c) : fitP10P50P90(a, b, c, field.sort);
  return rangeQuantity(fit, field, varies, text);
}

function parsePoint(input: unknown, names: Points, field: QuantityField): Reading<Decimal> {
  if (input === undefined) return refuse('missing', `Missing: give ${names.join(', ')} together.`);
  return parseConstant(input, field);
}
