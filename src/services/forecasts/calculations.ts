import { dayIn } from '../../clock.ts';
import { Abandoned, TooExpensive, TooManyJobs } from '../../compute/task-pool.ts';
import type { CheckOutcome, ForecastOutcome, ForecastTask } from '../../compute/tasks.ts';
import type { BillScore } from '../../core/forecast/bill-scores.ts';
import type { PriceInUse } from '../../core/prices/prices-in-use.ts';
import type { Problem } from '../../core/problem.ts';
import type { App } from '../app.ts';
import { findLearnedPrices } from '../prices/prices.ts';
import { Refusal, refuseInput } from '../refusal.ts';

/** The most any scenario may ask for, and so the most these settings may be. */
export const mostMonths = 120;
export const mostSamples = 20_000;

export type Calculated = Extract<ForecastOutcome, { ok: true }>;

/** What is known beside a scenario: what settled bills taught, and which day it is where that is not the service's. */
export type KnownBeside = { readonly bills?: readonly BillScore[]; readonly today?: string };

/** A forecast of a scenario as sent, computed off the event loop. Throws Refusal with every problem at once. */
export async function computeScenario(
  app: App,
  scenario: unknown,
  signal?: AbortSignal,
  beside: KnownBeside = {},
): Promise<Calculated> {
  if (judgeSize(app, scenario).length > 0) throw refuseInput(await findProblems(app, scenario));
  const task = { ...(await taskOf(app, scenario)), bills: [], ...beside };
  const outcome = await refusing(() => app.compute.forecast(task, signal));
  if (!outcome.ok) throw refuseInput(outcome.problems);
  return outcome;
}

/** Whether a scenario would be accepted, with every problem or every warning. */
export async function checkScenarioInput(app: App, scenario: unknown, signal?: AbortSignal): Promise<CheckOutcome> {
  const task = await taskOf(app, scenario);
  const outcome = await refusing(() => app.compute.check(task, signal));
  const problems = judgeSize(app, scenario);
  if (problems.length === 0) return outcome;
  return { ok: false, problems: outcome.ok ? problems : [...outcome.problems, ...problems] };
}

/** The prices that a forecast of a scenario as sent would rest on. Throws Refusal with every problem at once. */
export async function findPricesBehind(
  app: App,
  scenario: unknown,
  signal?: AbortSignal,
): Promise<readonly PriceInUse[]> {
  const task = await taskOf(app, scenario);
  const outcome = await refusing(() => app.compute.pricesInUse(task, signal));
  if (!outcome.ok) throw refuseInput(outcome.problems);
  return outcome.prices;
}

/** Turns what the pool throws into refusals: a full queue, a task beyond its limits. */
export async function refusing<Outcome>(task: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await task();
  } catch (cause) {
    if (cause instanceof TooManyJobs) {
      throw new Refusal('too-many-jobs', 'The queue of calculations is full; nothing was started.', {
        retryAfterSeconds: cause.retryAfterSeconds,
        cause,
      });
    }
    if (cause instanceof TooExpensive) {
      const message = `The calculation needs more than ${cause.limit}: ask for fewer draws, months or tiers.`;
      throw new Refusal('too-expensive', message, { members: { limit: cause.limit }, cause });
    }
    if (cause instanceof Abandoned) throw new Refusal('unavailable', cause.message, { cause });
    throw cause;
  }
}

/** The calendar day of the service, YYYY-MM-DD: the as-of date where nothing else is said. */
export function todayOf({ settings, clock }: Pick<App, 'settings' | 'clock'>): string {
  return dayIn(settings.timeZone, clock());
}

async function taskOf(app: App, scenario: unknown): Promise<ForecastTask> {
  const { maxCells } = app.settings;
  const today = todayOf(app);
  const learned = await findLearnedPrices(app, scenario);
  return { scenario: withCurrency(app, scenario), today, mostCells: maxCells, learned };
}

/** DEFAULT_CURRENCY fills in where a scenario names none; the scenario's own default is USD. */
function withCurrency({ settings }: App, scenario: unknown): unknown {
  if (settings.currency === 'USD' || !isRecord(scenario) || 'currency' in scenario) return scenario;
  return { ...scenario, currency: settings.currency };
}

async function findProblems(app: App, scenario: unknown): Promise<readonly Problem[]> {
  const outcome = await checkScenarioInput(app, scenario);
  return outcome.ok ? [] : outcome.problems;
}

/** The most any scenario may ask for is judged where it is parsed; this is what this service was set to below that. */
function judgeSize({ settings }: App, scenario: unknown): readonly Problem[] {
  if (!isRecord(scenario)) return [];
  const draws = isRecord(scenario.sampling) ? scenario.sampling.draws : undefined;
  return [
    ...above('/months', scenario.months ?? 12, settings.maxMonths, mostMonths, 'months'),
    ...above('/sampling/draws', draws ?? 10_000, settings.maxSamples, mostSamples, 'draws'),
  ];
}

function above(pointer: string, value: unknown, limit: number, most: number, unit: string): readonly Problem[] {
  if (typeof value !== 'number' || value <= limit || value > most) return [];
  const message = `${value} ${unit} are more than this service computes; the most is ${limit}.`;
  return [{ code: 'limit-exceeded', pointer, message, limit: String(limit) }];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
