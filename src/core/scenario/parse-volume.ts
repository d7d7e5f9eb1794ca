import type { Decimal } from 'decimal.js';
import type { Distribution } from '../sampling/distributions.ts';
import { numberText, ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, missing, quantityIn } from './draft.ts';
import { workloadFields as fields } from './fields.ts';
import { computeLastMonth, meanPerRequest, parseHistory, refuseStatedTwice } from './parse-history.ts';
import type { Readable } from './readable.ts';
import { computeRelativeSizes, computeSizesOfInput, greatestP95ToMean } from './request-sizes.ts';
import type { Quantity, RequestSize, Workload } from './scenario.ts';
import type { WorkloadInput } from './workload-schema.ts';

type Path = readonly PropertyKey[];
type Volume = Pick<
  Workload,
  'requests_per_month' | 'requests_known' | 'history' | 'input_tokens' | 'output_tokens' | 'sizes'
>;

const wholeMix: readonly RequestSize[] = [
  { share: new ScenarioDecimal(1), input: new ScenarioDecimal(1), output: new ScenarioDecimal(1) },
];
const refused = constantOf(1);

/** How much there is of a workload: requests, tokens per request, and how the sizes of requests are mixed. */
export function parseVolume(draft: Draft, sent: Readable<WorkloadInput>, path: Path): Volume {
  return isLeftOut(sent, 'tokens_per_month')
    ? withTokens(parseRequests(draft, sent, path), draft, sent, path)
    : parseTokensPerMonth(draft, sent, path);
}

function withTokens(
  requests: ReturnType<typeof parseRequests>,
  draft: Draft,
  sent: Readable<WorkloadInput>,
  path: Path,
): Volume {
  return { ...requests, ...parseTokensPerRequest(draft, sent, requests.history, path) };
}

function parseRequests(draft: Draft, sent: Readable<WorkloadInput>, path: Path) {
  const requests = sent.requests_per_month;
  if (isLeftOut(sent, 'requests_per_month')) {
    missing(
      draft,
      [...path, 'requests_per_month'],
      'requests in month 1, such as 300k or 250k to 400k; or tokens_per_month',
    );
  }
  const history = parseHistory(draft, requests, [...path, 'requests_per_month', 'history']);
  return {
    requests_per_month:
      history === null
        ? quantityIn(draft, requests, fields.requests_per_month, [...path, 'requests_per_month'], refused)
        : { kind: 'constant' as const, value: computeLastMonth(history) },
    requests_known: true,
    history,
  };
}

function parseTokensPerRequest(draft: Draft, sent: Readable<WorkloadInput>, history: Workload['history'], path: Path) {
  refuseStatedTwice(draft, sent, history, path);
  if (!isLeftOut(sent, 'sizes')) return parseSizes(draft, sent, path);
  const input = sent.input_tokens;
  const measured = {
    input_tokens: meanPerRequest(history, 'input'),
    output_tokens: meanPerRequest(history, 'output'),
  };
  for (const key of ['input_tokens', 'output_tokens'] as const) {
    if (isLeftOut(sent, key) && measured[key] === null)
      missing(draft, [...path, key], 'tokens per request, such as 1200; or sizes, or tokens_per_month');
  }
  const output_tokens = quantityIn(
    draft,
    sent.output_tokens,
    fields.output_tokens,
    [...path, 'output_tokens'],
    measured.output_tokens ?? refused,
  );
  if (typeof input === 'object' && 'mean' in input) {
    const mean = constantIn(input.mean, fields.mean_tokens);
    const p95 = constantIn(input.p95, fields.mean_tokens);
    if (mean === undefined || p95 === undefined) return { input_tokens: refused, output_tokens, sizes: wholeMix };
    const ratio = p95.dividedBy(mean);
    if (ratio.greaterThanOrEqualTo(1) && ratio.lessThanOrEqualTo(greatestP95ToMean)) {
      const sizes = ratio.equals(1) ? wholeMix : computeSizesOfInput(mean, p95);
      return { input_tokens: { kind: 'constant' as const, value: mean }, output_tokens, sizes };
    }
    const message = `p95 is ${ratio.toSignificantDigits(4).toFixed()} × mean; expected 1 to ${greatestP95ToMean} × mean, which is what a lognormal can have. State wider mixes as sizes.`;
    draft.faults.push({
      code: 'out-of-range',
      path: [...path, 'input_tokens', 'p95'],
      message,
      limit: greatestP95ToMean,
    });
  }
  const input_tokens = quantityIn(
    draft,
    input,
    fields.input_tokens,
    [...path, 'input_tokens'],
    measured.input_tokens ?? refused,
  );
  return { input_tokens, output_tokens, sizes: wholeMix };
}

function parseSizes(draft: Draft, sent: Readable<WorkloadInput>, path: Path) {
  const stated = (sent.sizes ?? []).flatMap((size): readonly RequestSize[] => {
    const share = constantIn(size?.share, fields.share_of_requests);
    const input = constantIn(size?.input, fields.tokens_of_size);
    const output = constantIn(size?.output, fields.tokens_of_size);
    return share === undefined || input === undefined || output === undefined ? [] : [{ share, input, output }];
  });
  const none = { input_tokens: refused, output_tokens: refused, sizes: wholeMix };
  if (sent.sizes === undefined || stated.length < sent.sizes.length) return none;
  const sum = stated.reduce((total, { share }) => total.plus(share), new ScenarioDecimal(0));
  if (sum.minus(1).abs().greaterThan('1e-9')) {
    const message = `The shares add up to ${numberText(sum, true)}; expected 100%.`;
    draft.faults.push({ code: 'shares-not-whole', path: [...path, 'sizes'], message });
    return none;
  }
  const { input, output, sizes } = computeRelativeSizes(stated);
  for (const [key, mean] of [
    ['input_tokens', input],
    ['output_tokens', output],
  ] as const) {
    const given = constantIn(sent[key], fields[key]);
    if (!isLeftOut(sent, key) && !given?.minus(mean).abs().lessThanOrEqualTo(mean.times('0.001'))) {
      const message = `sizes give a mean of ${mean.toSignificantDigits(6).toFixed()}: leave ${key} out, or give that mean.`;
      draft.faults.push({ code: 'conflict', path: [...path, key], message });
    }
  }
  return {
    input_tokens: { kind: 'constant' as const, value: input },
    output_tokens: { kind: 'constant' as const, value: output },
    sizes,
  };
}

function parseTokensPerMonth(draft: Draft, sent: Readable<WorkloadInput>, path: Path): Volume {
  const at = [...path, 'tokens_per_month'];
  for (const key of ['input_tokens', 'output_tokens', 'sizes'] as const) {
    if (isLeftOut(sent, key)) continue;
    const message = `${key} and tokens_per_month state the same twice: leave one of them out.`;
    draft.faults.push({ code: 'conflict', path: [...path, key], message });
  }
  const tokens = sent.tokens_per_month;
  const input = quantityIn(draft, tokens?.input, fields.input_tokens, [...at, 'input'], refused);
  const output = quantityIn(draft, tokens?.output, fields.output_tokens, [...at, 'output'], refused);
  if (isLeftOut(sent, 'requests_per_month')) {
    const message =
      'Requests are not stated, so that prices and rules per request (long contexts, fees per request) are not applied: give requests_per_month as well.';
    draft.warnings.push({ code: 'requests-unknown', path: at, message });
    const volume = { input_tokens: input, output_tokens: output, sizes: wholeMix, history: null };
    return { ...volume, requests_per_month: constantOf(1), requests_known: false };
  }
  const requests = constantIn(sent.requests_per_month, fields.requests_per_month);
  if (sent.requests_per_month !== undefined && !requests?.greaterThan(0)) {
    const message =
      'Beside tokens_per_month this is one number above 0. For a range, a series or a history give input_tokens and output_tokens per request instead.';
    draft.faults.push({ code: 'conflict', path: [...path, 'requests_per_month'], message });
  }
  const divisor = requests?.greaterThan(0) ? requests : new ScenarioDecimal(1);
  return {
    requests_per_month: { kind: 'constant', value: divisor },
    requests_known: true,
    history: null,
    input_tokens: dividedBy(input, divisor),
    output_tokens: dividedBy(output, divisor),
    sizes: wholeMix,
  };
}

function dividedBy(quantity: Quantity, divisor: Decimal): Quantity {
  switch (quantity.kind) {
    case 'constant':
      return { kind: 'constant', value: quantity.value.dividedBy(divisor) };
    case 'series':
      return { kind: 'series', values: quantity.values.map((value) => value.dividedBy(divisor)) };
    case 'range':
      return { ...quantity, distribution: scaledDown(quantity.distribution, divisor.toNumber()) };
  }
}

/** The distribution of X ÷ divisor for the distributions a positive quantity may have. */
function scaledDown(distribution: Distribution, divisor: number): Distribution {
  switch (distribution.kind) {
    case 'lognormal':
      return { ...distribution, mu: distribution.mu - Math.log(divisor) };
    case 'log-metalog':
      return { ...distribution, a1: distribution.a1 - Math.log(divisor) };
    case 'normal':
      return { ...distribution, mean: distribution.mean / divisor, sd: distribution.sd / divisor };
    case 'pert': {
      const { min, mode, max } = distribution;
      return { kind: 'pert', min: min / divisor, mode: mode / divisor, max: max / divisor };
    }
    default:
      return distribution;
  }
}
