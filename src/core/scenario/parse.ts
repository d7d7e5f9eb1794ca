import type { Decimal } from 'decimal.js';
import type { Problem, Warning } from '../problem.ts';
import { pointerTo } from '../problem.ts';
import type { HardwareCatalogue, KnownTier, LlmCatalogue } from './catalogue.ts';
import { HYBRID, isCloud, runsMachines } from './catalogue.ts';
import { ScenarioDecimal } from './decimal-text.ts';
import type { Draft } from './draft.ts';
import { constantIn, constantOf, isLeftOut, quantityIn, refuseDuplicates, tierIn } from './draft.ts';
import type { Fault } from './fault.ts';
import { problemsOf } from './fault.ts';
import { scenarioFields as fields } from './fields.ts';
import { findLimitFaults } from './input-limits.ts';
import type { LocalModel } from './local-model.ts';
import { findLocalModels, servedModelOf } from './local-model.ts';
import { parseMonthsToDate } from './month-to-date.ts';
import { monthAfter, monthAt, monthIndex } from './months.ts';
import { parseMachine } from './parse-machine.ts';
import { parseExchangeRates, parsePrices } from './parse-prices.ts';
import { parseRows } from './parse-rows.ts';
import { parseColocation, parseEnergy, warnOfPue } from './parse-site.ts';
import { parseMigrations, parsePriceChanges } from './parse-terms.ts';
import type { ServingWorkloads } from './parse-throughput.ts';
import { parseBaseline, parseHybrid, parseOperations, parseTiers } from './parse-tiers.ts';
import { parseWorkload } from './parse-workload.ts';
import type { Readable } from './readable.ts';
import { withoutFaulty } from './readable.ts';
import type { Scenario, TierChoice, Workload } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';
import { scenarioInput } from './schema.ts';
import { schemaFaults } from './schema-faults.ts';

export type ScenarioContext = {
  readonly hardware: HardwareCatalogue;
  /** Open-weight models; without them speeds must be stated, and memory is not checked. */
  readonly llms?: LlmCatalogue;
  /** In the order they are shown. */
  readonly tiers: readonly KnownTier[];
  /** YYYY-MM-DD: `as_of` where the scenario names none; `start` is then the month after. */
  readonly today: string;
};

export type ScenarioReading =
  | { readonly ok: true; readonly scenario: Scenario; readonly warnings: readonly Warning[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Sent = Readable<ScenarioInput>;

const mostNumbers = 20_000_000;

/**
 * Checks what was sent (parsed YAML or JSON of any content) and completes it with the defaults. Every problem is
 * reported at once: those of single fields, and those between fields as far as the fields themselves are readable.
 * Formulas of own rows and model ids are left to those who know the models and the prices. Never throws.
 */
export function parseScenario(input: unknown, context: ScenarioContext): ScenarioReading {
  const tooMuch = findLimitFaults(input);
  if (tooMuch.length > 0) return { ok: false, problems: problemsOf(tooMuch) };
  const checked = scenarioInput.safeParse(input);
  const faults = checked.success ? [] : schemaFaults(checked.error.issues, input);
  const sent = (checked.success ? checked.data : (withoutFaulty(input, faults) ?? {})) as Sent;
  const draft = draftOf(sent, context, faults);
  const scenario = complete(draft, sent, context);
  if (draft.faults.length > 0) return { ok: false, problems: problemsOf(draft.faults) };
  const warnings = draft.warnings.map(({ code, path, message }) => ({ code, pointer: pointerTo(path), message }));
  return { ok: true, scenario, warnings };
}

/** What the parts of a scenario need to know of the whole; null for what was refused. */
function draftOf(sent: Sent, context: ScenarioContext, faults: readonly Fault[]): Draft {
  const orRefused = <T>(key: keyof ScenarioInput, value: T | undefined, fallback: T): T | null =>
    isLeftOut(sent, key) ? fallback : (value ?? null);
  const as_of = orRefused('as_of', sent.as_of, context.today);
  return {
    months: orRefused('months', sent.months, 12),
    start: orRefused('start', sent.start, monthAfter(as_of ?? context.today)),
    currency: orRefused('currency', sent.currency, 'USD'),
    hardware: context.hardware,
    llms: context.llms ?? { llms: new Map(), quantizations: new Map() },
    tiers: new Map(context.tiers.map((tier) => [tier.id, tier])),
    faults: [...faults],
    warnings: [],
  };
}

function complete(draft: Draft, sent: Sent, context: ScenarioContext): Scenario {
  const streams = (sent.workloads ?? []).flatMap((workload, i) =>
    workload === undefined ? [] : [parseWorkload(draft, workload, ['workloads', i])],
  );
  refuseDuplicates(
    draft,
    (sent.workloads ?? []).map((workload) => workload?.id),
    ['workloads'],
  );
  const machineTier = [...draft.tiers.values()].find(runsMachines)?.id ?? '';
  const models = findLocalModels(draft, streams, machineTier, sent.llms);
  const ids = streams.filter(({ model }) => model[machineTier] !== undefined).map(({ id }) => id);
  const local = parseLocal(draft, sent, { ids, models });
  const workloads = withServedModels(streams, local, models);
  const operations = parseOperations(draft, sent.operations);
  const tiers = parseTiers(draft, sent, workloads, operations);
  const hybrid = parseHybrid(draft, sent, workloads);
  const from = parseFrom(draft, sent.from);
  const toDate = parseMonthsToDate(draft, sent.month_to_date ?? [], from.from ?? draft.start, workloads, tiers);
  const usesListPrices =
    local?.overflow_to != null || tiers.some(({ id }) => id === HYBRID || isCloud(draft.tiers.get(id) ?? unknownTier));
  const scenario: Scenario = {
    name: sent.name ?? '',
    currency: draft.currency ?? 'USD',
    start: draft.start ?? monthAfter(context.today),
    ...from,
    months: draft.months ?? 12,
    hours_per_month: hoursPerMonth(sent),
    workloads,
    local,
    operations,
    energy: parseEnergy(draft, sent),
    colocation: parseColocation(draft, sent),
    finance: {
      cost_of_capital: quantityIn(
        draft,
        sent.finance?.cost_of_capital,
        fields.cost_of_capital,
        ['finance', 'cost_of_capital'],
        constantOf(0),
      ),
      depreciation: sent.finance?.depreciation ?? 'straight-line',
    },
    tiers,
    hybrid,
    prices: parsePrices(draft, sent.prices),
    price_changes: parsePriceChanges(draft, sent.price_changes),
    migrations: parseMigrations(draft, sent.migrations),
    exchange_rates: parseExchangeRates(draft, sent, usesListPrices),
    rows: parseRows(draft, sent.rows, tiers),
    ...(toDate.length > 0 && { month_to_date: toDate }),
    comparison: { baseline: parseBaseline(draft, sent, tiers, hybrid) },
    predictability: {
      tolerance: constantIn(sent.predictability?.tolerance, fields.tolerance) ?? new ScenarioDecimal('0.1'),
      confidence: constantIn(sent.predictability?.confidence, fields.confidence) ?? new ScenarioDecimal('0.8'),
    },
    sampling: { draws: sent.sampling?.draws ?? 10_000, seed: sent.sampling?.seed ?? 42 },
    as_of: sent.as_of ?? context.today,
  };
  checkSize(draft, scenario);
  warnOfPue(draft, sent, scenario);
  warn(draft, sent, scenario, context);
  return scenario;
}

const unknownTier: KnownTier = { id: '', label: '', runs_machines: true };

/** The figures of the models, only where a speed is reckoned from them. */
function withServedModels(
  workloads: readonly Workload[],
  local: Scenario['local'],
  models: ReadonlyMap<string, LocalModel>,
): readonly Workload[] {
  if (!local?.machines.some(({ roofline }) => roofline !== null)) return workloads;
  return workloads.map((workload, i) => {
    const model = models.get(workload.id);
    if (model === undefined) return workload;
    const earlier = workloads.slice(0, i).flatMap(({ id }) => models.get(id) ?? []);
    return { ...workload, served_model: servedModelOf(model, earlier) };
  });
}

function parseLocal(draft: Draft, sent: Sent, serves: ServingWorkloads): Scenario['local'] {
  if (sent.local === undefined) return null;
  const machines = sent.local.machines ?? [];
  refuseDuplicates(
    draft,
    machines.map((machine) => machine?.id),
    ['local', 'machines'],
  );
  const overflow = tierIn(draft, sent.local.overflow_to, ['local', 'overflow_to'], isCloud, 'a cloud tier');
  const rate = sent.colocation?.per_kw_month;
  const context = {
    serves,
    depreciation: sent.finance?.depreciation ?? 'straight-line',
    hasColocation: rate !== undefined && rate !== 0 && rate !== '0',
    powerIncluded: sent.colocation?.power === 'included',
  };
  return {
    machines: machines.flatMap((machine, i) =>
      machine === undefined ? [] : [parseMachine(draft, machine, context, ['local', 'machines', i])],
    ),
    overflow_to: overflow?.id ?? null,
    spare_share: quantityIn(draft, sent.local.spare_share, fields.spare_share, ['local', 'spare_share'], constantOf(0)),
  };
}

/** Calendar and growth stay anchored at `start`; a month outside of the horizon cannot be forecast. */
function parseFrom({ start, months, faults }: Draft, from: string | undefined): Pick<Scenario, 'from'> {
  if (from === undefined || start === null || months === null || from === start) return {};
  const last = monthAt(monthIndex(start) + months - 1);
  if (from > start && from <= last) return { from };
  const message = `${from} is not one of the months forecast, ${start} to ${last}.`;
  faults.push({ code: 'out-of-range', path: ['from'], message });
  return {};
}

function hoursPerMonth(sent: Sent): Decimal | 'calendar' {
  if (sent.hours_per_month === 'calendar') return 'calendar';
  return constantIn(sent.hours_per_month, fields.hours_per_month) ?? new ScenarioDecimal(730);
}

function checkSize(draft: Draft, { sampling, months, tiers }: Scenario): void {
  const numbers = sampling.draws * months * tiers.length;
  if (numbers <= mostNumbers) return;
  const message = `${sampling.draws} draws × ${months} months × ${tiers.length} tiers are ${numbers.toLocaleString('en')}; at most ${mostNumbers.toLocaleString('en')}. Take fewer draws.`;
  draft.faults.push({ code: 'limit-exceeded', path: ['sampling', 'draws'], message, limit: String(mostNumbers) });
}

function warn(draft: Draft, sent: Sent, { tiers, as_of, local }: Scenario, { today }: ScenarioContext): void {
  const peopled = tiers.find((choice) => needsPeople(draft, choice));
  if (peopled !== undefined && isLeftOut(sent.operations ?? {}, 'hours_per_month')) {
    const message =
      'No operator hours: running machines is taken to cost nobody any time. Most take 5 to 15 hours a month.';
    draft.warnings.push({ code: 'no-operator-hours', path: ['operations', 'hours_per_month'], message });
  }
  if (local !== null && isLeftOut(sent.finance ?? {}, 'cost_of_capital')) {
    const message = 'No cost of capital: the money in the machines is taken to cost nothing.';
    draft.warnings.push({ code: 'no-cost-of-capital', path: ['finance', 'cost_of_capital'], message });
  }
  if (as_of > today) {
    const message = `${as_of} lies ahead: prices are those known on ${today}.`;
    draft.warnings.push({ code: 'as-of-ahead', path: ['as_of'], message });
  }
}

function needsPeople(draft: Draft, { id, operations }: TierChoice): boolean {
  return (
    operations === null &&
    (id === HYBRID || runsMachines(draft.tiers.get(id) ?? { ...unknownTier, runs_machines: false }))
  );
}
