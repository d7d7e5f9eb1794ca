import type { Decimal } from 'decimal.js';
import { didYouMean } from '../nearest-name.ts';
import type { Distribution } from '../sampling/distributions.ts';
import { fitRange } from '../sampling/distributions.ts';
import { isNumberText, parseNumber } from './decimal-text.ts';
import type { Reading } from './fault.ts';
import { refuse, shown } from './fault.ts';
import type { QuantityField } from './quantity-field.ts';
import { findBoundsFault, parseConstant } from './quantity-field.ts';
import type { Quantity } from './scenario.ts';

const longestText = 80;
const betweenEnds = /\s+to\s+|\s*\.\.\s*/;
const aroundCentre = /^(.*?)\s*(?:±|\+-|\+\/-)\s*(.*)$/u;
const lookalikeRange = /^\[?\s*([^\s,:–—]+?)\s*(?:-|–|—|:|,)\s*([^\s,:–—]+?)\s*\]?$/u;

/** Reads `1200`, `5 to 15`, `800k..1.2M` or `1M ±15%`. `varies` is what a range does over the months. */
export function parseQuantityText(text: string, field: QuantityField, varies: 'once' | 'monthly'): Reading<Quantity> {
  const refusedWords = new Map(Object.entries(field.refusedWords ?? {}));
  const refusal = refusedWords.get(text);
  if (refusal !== undefined) return refuse('not-supported-yet', refusal);
  if (text.length > longestText) {
    return refuse('not-a-number', `${shown(text)} is longer than ${longestText} characters: too long for a number.`);
  }
  const ends = text.split(betweenEnds);
  const [low, high] = ends;
  if (low !== undefined && high !== undefined && ends.length === 2) return parseEnds(low, high, field, varies, text);
  const [, centre, width] = aroundCentre.exec(text) ?? [];
  if (centre !== undefined && width !== undefined) return parseAround(centre, width, field, varies, text);
  const constant = parseConstant(text, field);
  return constant.ok ? constantQuantity(constant.value) : (refuseLookalike(text) ?? constant);
}

export function constantQuantity(value: Decimal): Reading<Quantity> {
  return { ok: true, value: { kind: 'constant', value } };
}

/** A fit as a quantity, or its reason why there is none. What a field cannot do by month it does once. */
export function rangeQuantity(
  fit: Distribution | string,
  field: QuantityField,
  varies: 'once' | 'monthly',
  text: string,
): Reading<Quantity> {
  if (typeof fit === 'string') return refuse('range-malformed', `${shown(text)}: ${fit}.`);
  return { ok: true, value: { kind: 'range', distribution: fit, varies: field.byMonth ? varies : 'once', text } };
}

function parseEnds(
  lowText: string,
  highText: string,
  field: QuantityField,
  varies: 'once' | 'monthly',
  text: string,
): Reading<Quantity> {
  const suffix = findSharedSuffix(lowText, highText);
  if (suffix !== undefined) {
    const suggestions = [`${lowText}${suffix} to ${highText}`];
    return refuse(
      'ambiguous-range',
      `${shown(text)} may start at ${lowText} or at ${lowText}${suffix}: write the suffix at both ends.${didYouMean(suggestions)}`,
      suggestions,
    );
  }
  const low = parseConstant(lowText, field);
  const high = parseConstant(highText, field);
  if (!low.ok || !high.ok)
    return { ok: false, faults: [...(low.ok ? [] : low.faults), ...(high.ok ? [] : high.faults)] };
  if (low.value.greaterThan(high.value)) {
    const turned = [`${highText} to ${lowText}`];
    return refuse('reversed-range', `${shown(text)} runs backwards.${didYouMean(turned)}`, turned);
  }
  return fitEnds(low.value, high.value, field, varies, text);
}

/** `250 to 400k` is a slip for `250k to 400k`; `800 to 1.2k` is none, because 800k would lie above 1.2k. */
function findSharedSuffix(low: string, high: string): string | undefined {
  const suffix = /[kKMBGT%]$/.exec(high)?.[0];
  if (suffix === undefined || !/^-?\d+(\.\d+)?$/.test(low) || Number(low) === 0) return undefined;
  return suffix === '%' || Number(low) < Number.parseFloat(high) ? suffix : undefined;
}

function parseAround(
  centreText: string,
  widthText: string,
  field: QuantityField,
  varies: 'once' | 'monthly',
  text: string,
): Reading<Quantity> {
  const centre = parseConstant(centreText, field);
  if (!centre.ok) return centre;
  const width = parseNumber(widthText);
  if (!widthText.endsWith('%') || !width.ok || width.value.isNegative() || width.value.greaterThan(1)) {
    return refuse('range-malformed', `${shown(text)}: the width after ± is a percentage up to 100%, such as 15%.`);
  }
  const reach = centre.value.abs().times(width.value);
  const [low, high] = [centre.value.minus(reach), centre.value.plus(reach)];
  const faults = [low, high].flatMap((end) => findBoundsFault(end, field, end.toFixed()) ?? []);
  return faults.length > 0 ? { ok: false, faults } : fitEnds(low, high, field, varies, text);
}

function fitEnds(
  low: Decimal,
  high: Decimal,
  field: QuantityField,
  varies: 'once' | 'monthly',
  text: string,
): Reading<Quantity> {
  if (low.equals(high)) return constantQuantity(low);
  return rangeQuantity(fitRange(low.toNumber(), high.toNumber(), field.sort), field, varies, text.replace(/\s+/g, ' '));
}

/** `5-15`, `5:15` and `[5, 15]` are what other tools take. `1,5` is left alone: it may be a decimal comma. */
function refuseLookalike(text: string): Reading<Quantity> | undefined {
  const [, low, high] = lookalikeRange.exec(text) ?? [];
  if (low === undefined || high === undefined || /^-?\d+,\d+$/.test(text)) return undefined;
  if (!isNumberText(low) || !isNumberText(high)) return undefined;
  const suggestions = [`${low} to ${high}`];
  return refuse('not-a-number', `${shown(text)} is not a number.${didYouMean(suggestions)}`, suggestions);
}
