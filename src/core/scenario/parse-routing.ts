import type { Decimal } from 'decimal.js';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, missing } from './draft.ts';
import { termFields as fields, scenarioFields } from './fields.ts';
import { baseOf } from './quantity-base.ts';
import type { Fallback, PriceOverride, Workload } from './scenario.ts';
import type { SentTerms } from './tier-schema.ts';

type Path = readonly PropertyKey[];
type SentMix = NonNullable<NonNullable<NonNullable<SentTerms['routing']>['mixes']>[number]>;

/**
 * The price of a model behind a router: the mean of its endpoints by their shares, or those of the cheapest (for the
 * tokens of the workloads that use it) or the fastest.
 */
export function priceOfMix(
  draft: Draft,
  { model, choose = 'shares', endpoints: sent }: SentMix,
  {
    provider,
    workloads,
    path,
  }: { readonly provider: string; readonly workloads: readonly Workload[]; readonly path: Path },
): readonly PriceOverride[] {
  const endpoints = (sent ?? []).flatMap((endpoint) => {
    const input = constantIn(endpoint?.input, scenarioFields.unit_price);
    const output = constantIn(endpoint?.output, scenarioFields.unit_price);
    if (endpoint?.name === undefined || input === undefined || output === undefined) return [];
    const cached_input = constantIn(endpoint.cached_input, scenarioFields.unit_price) ?? null;
    const share = constantIn(endpoint.share, fields.share) ?? null;
    return [
      {
        name: endpoint.name,
        share,
        speed: constantIn(endpoint.tokens_per_s, fields.tokens_per_s) ?? null,
        input,
        output,
        cached_input,
      },
    ];
  });
  if (model === undefined || endpoints.length === 0) return [];
  const users = workloads.filter((workload) => Object.values(workload.model).includes(model));
  const sumOf = (key: 'input_tokens' | 'output_tokens'): Decimal =>
    users.reduce(
      (sum, workload) => sum.plus(baseOf(workload.requests_per_month, 1).times(baseOf(workload[key], 1))),
      new ScenarioDecimal(0),
    );
  const cost = (endpoint: (typeof endpoints)[number]): Decimal =>
    endpoint.input.times(sumOf('input_tokens')).plus(endpoint.output.times(sumOf('output_tokens')));
  const speed = (endpoint: (typeof endpoints)[number]): Decimal => endpoint.speed ?? new ScenarioDecimal(0);
  const one = new ScenarioDecimal(1);
  const chosen =
    choose === 'shares'
      ? endpoints.map((endpoint) => ({ ...endpoint, share: endpoint.share ?? new ScenarioDecimal(0) }))
      : [
          {
            ...endpoints.reduce((best, next) =>
              (choose === 'cheapest' ? cost(next).lt(cost(best)) : speed(next).gt(speed(best))) ? next : best,
            ),
            share: one,
          },
        ];
  if (choose === 'fastest' && endpoints.some(({ speed: known }) => known === null))
    missing(draft, [...path, 'endpoints'], 'tokens_per_s of every endpoint, to know the fastest');
  const whole = chosen.reduce((sum, { share }) => sum.plus(share), new ScenarioDecimal(0));
  if (choose === 'shares' && whole.minus(1).abs().gt('1e-9')) {
    const message = `The shares of the endpoints add up to ${whole.times(100).toFixed()}%; expected 100%.`;
    draft.faults.push({ code: 'shares-not-whole', path: [...path, 'endpoints'], message });
  }
  const mean = (key: 'input' | 'output'): Decimal =>
    chosen.reduce((sum, endpoint) => sum.plus(endpoint.share.times(endpoint[key])), new ScenarioDecimal(0));
  const isCachePriced = chosen.some(({ cached_input }) => cached_input !== null);
  const cached = chosen.reduce(
    (sum, { share, cached_input, input }) => sum.plus(share.times(cached_input ?? input)),
    new ScenarioDecimal(0),
  );
  const source = `routing mix stated in the scenario: ${chosen.map(({ name, share }) => `${share.times(100).toFixed()}% ${name}`).join(', ')}`;
  const meters = { input: mean('input'), output: mean('output'), ...(isCachePriced && { cached_input: cached }) };
  return [{ provider, model, from: null, to: null, utc_hours: null, meters, source }];
}

/** Where requests go when a model fails; each model at most once. */
export function parseFallbacks(
  draft: Draft,
  sent: NonNullable<SentTerms['routing']>['fallbacks'],
  path: Path,
): readonly Fallback[] {
  const seen = new Set<string>();
  return (sent ?? []).flatMap((fallback, i): readonly Fallback[] => {
    const share = constantIn(fallback?.share, fields.fallback_share);
    if (fallback?.model === undefined || fallback.to === undefined || share === undefined) return [];
    const { model, to, provider = null } = fallback;
    if (seen.has(model)) {
      const message = `${model} has a fallback already: name the one that takes most of its requests.`;
      draft.faults.push({ code: 'duplicate-id', path: [...path, i, 'model'], message });
    }
    seen.add(model);
    return [{ model, provider, to, share }];
  });
}
