import { engineVersion } from '../../compute/calculate.ts';
import type { Forecast } from '../../core/forecast/result.ts';
import { startOfMonth } from '../../core/schedule/local-time.ts';
import { findForecastBefore } from '../../db/comparisons.ts';
import { findForecast } from '../../db/forecasts.ts';
import { findScenario } from '../../db/scenarios.ts';
import type { ForecastRow } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { refusing, todayOf } from '../forecasts/calculations.ts';
import { findLearnedPrices } from '../prices/prices.ts';
import { refuseInput } from '../refusal.ts';
import type { RunContext } from '../runs/run-execution.ts';
import type { LookTask, MonthNowcast, NotKnown } from './period-work.ts';
import { findSpendSoFar } from './spend-so-far.ts';

/** How far above the forecast is asked about where the schedule wants no alert. */
const defaultOver = '0.10';

/**
 * Looks at a month under way: what was billed so far, and where the month will probably end, beside the forecast that was
 * frozen for it. What is not known has its reason; that nothing was billed yet is no failure. Throws Refusal where a source
 * cannot be read.
 */
export async function lookAtPeriod(app: App, task: LookTask, context: RunContext): Promise<MonthNowcast> {
  const { schedule, period } = task;
  const forecast = await findFrozen(app, task);
  const why = whyUnusable(forecast, period);
  if (forecast === undefined || why !== null) {
    await context.log(why?.message ?? '');
    return { ...known(task, forecast), tiers: [], unknown: why === null ? [] : [why] };
  }
  const spend = await findSpendSoFar(app, schedule, period, context);
  if (Object.keys(spend.days).length === 0) {
    const nothing = notKnown('no-bills', `Nothing of ${period} was billed yet.`);
    await context.log(nothing.message);
    return { ...known(task, forecast), tiers: [], unknown: [nothing] };
  }
  for (const [provider, day] of Object.entries(spend.days))
    await context.log(
      day === null ? `${provider}: its bills do not say their days.` : `${provider}: billed through ${day}.`,
    );
  const scenario = await findScenario(app.db, schedule.scenario_id);
  const outcome = await refusing(async () =>
    app.compute.nowcast(
      {
        inputs: forecast.inputs,
        body: forecast.result,
        period,
        ...spend,
        over: schedule.alert_above ?? defaultOver,
        today: todayOf(app),
        learned: scenario === undefined ? [] : await findLearnedPrices(app, JSON.parse(scenario.body)),
      },
      context.signal,
    ),
  );
  if (!outcome.ok) throw refuseInput(outcome.problems);
  const { currency, tiers, unknown } = outcome;
  return { ...known(task, forecast), currency, tiers, unknown };
}

/** The forecast the period froze; without one the newest made before the month, as a comparison takes it. */
async function findFrozen(app: App, { schedule, period, forecast_id }: LookTask): Promise<ForecastRow | undefined> {
  return forecast_id === null
    ? findForecastBefore(app.db, schedule.scenario_id, {
        instant: new Date(startOfMonth(period, schedule.time_zone)).toISOString(),
        day: `${period}-01`,
      })
    : findForecast(app.db, forecast_id);
}

/** Only the forecast of the month itself has futures in which the month is still to come. */
function whyUnusable(forecast: ForecastRow | undefined, period: string): NotKnown | null {
  if (forecast === undefined) {
    return notKnown('no-forecast', `No forecast was made before ${period}: there is nothing to hold it against.`);
  }
  const { id, result, engine } = forecast;
  const { from } = JSON.parse(result) as Forecast;
  if (from !== period) {
    const message = `${id} was made for ${from}, and none was frozen for ${period}: where it will end is not known.`;
    return notKnown('other-month', message);
  }
  if (engine === engineVersion) return null;
  const message = `${id} was made by engine ${engine} and this is ${engineVersion}, whose futures are others: the month is compared when it has ended.`;
  return notKnown('engine-changed', message);
}

function notKnown(code: NotKnown['code'], message: string): NotKnown {
  return { tier: null, label: null, code, message };
}

function known(
  { schedule, period }: LookTask,
  forecast: ForecastRow | undefined,
): Omit<MonthNowcast, 'tiers' | 'unknown'> {
  return {
    period,
    scenario: forecast?.name ?? null,
    forecast_id: forecast?.id ?? null,
    currency: null,
    alert_above: schedule.alert_above,
    over: schedule.alert_above ?? defaultOver,
  };
}
