import type { Forecast } from '../../core/forecast/result.ts';
import type { PriceExcerpt } from '../../core/prices/price-excerpt.ts';
import { findForecast, listForecasts } from '../../db/forecasts.ts';
import type { App } from '../app.ts';
import { dayText, monthText } from '../figure-text.ts';
import { getForecast } from '../forecasts/forecasts.ts';
import type { PageView } from './view.ts';
import { composePage } from './view.ts';

/** `scenarioId` is null where the scenario was not stored by itself: then nothing can be scheduled with it. */
export type ForecastPageView = PageView & { readonly scenarioId: string | null };

/** The page of one forecast, or of the newest. null when nothing was forecast yet; throws Refusal for an unknown id. */
export async function findPage(app: App, id: string | null): Promise<ForecastPageView | null> {
  const wanted = id ?? (await findNewestId(app));
  if (wanted === null) return null;
  const forecast = await getForecast(app, wanted);
  const row = await findForecast(app.db, wanted);
  const inputs = JSON.parse(row?.inputs ?? '{}') as StoredInputs;
  const about = aboutOf(forecast, oldestCheck(inputs, forecast.from));
  const view = composePage({ forecast, stated: app.catalogues.tiers, staysInside: hasToStay(inputs), about });
  return { ...view, scenarioId: row?.scenario_id ?? null };
}

/** The parts of a forecast's stored inputs that the page reads; `scenario` is as it was sent. */
type StoredInputs = {
  readonly prices?: PriceExcerpt;
  readonly scenario?: { readonly workloads?: readonly { readonly needs?: Readonly<Record<string, unknown>> }[] };
};

async function findNewestId({ db }: App): Promise<string | null> {
  const [newest] = await listForecasts(db, { scenario_id: null, before: null, limit: 1 });
  return newest?.id ?? null;
}

function aboutOf(forecast: Forecast, checked: string | null): PageView['about'] {
  const { scenario, as_of, from, engine, seed, draws, inputs_digest, id } = forecast;
  const version = scenario.version === undefined ? '' : `, version ${scenario.version}`;
  return [
    { term: 'Scenario', text: `${scenario.name}${version}` },
    { term: 'Prices as known on', text: dayText(as_of) },
    ...(checked === null
      ? []
      : [{ term: 'Oldest price check', text: `${dayText(checked)}, ${daysText(checked, as_of)} before` }]),
    { term: 'First month', text: monthText(from) },
    { term: 'Simulated futures', text: `${draws.toLocaleString('en-US')}, seed ${seed}` },
    { term: 'Engine', text: engine },
    { term: 'Forecast', text: id ?? '' },
    { term: 'Inputs', text: inputs_digest },
  ];
}

/** For each model the last day its prices in force were vouched for; of those the oldest. null where none is dated. */
function oldestCheck({ prices }: StoredInputs, from: string): string | null {
  const days = (prices?.providers ?? []).flatMap(({ models }) =>
    models.flatMap(({ rows }) => {
      const inForce = rows.filter(({ valid_to }) => valid_to === null || valid_to > from);
      return (
        inForce
          .flatMap(({ checked_at }) => checked_at ?? [])
          .sort()
          .at(-1) ?? []
      );
    }),
  );
  return days.sort()[0] ?? null;
}

function hasToStay({ scenario }: StoredInputs): boolean {
  const needs = (scenario?.workloads ?? []).map((workload) => workload.needs);
  return needs.some((need) => need?.offline === true || need?.sensitive_data === 'must_stay');
}

function daysText(from: string, to: string): string {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
  return days === 1 ? '1 day' : `${days} days`;
}
