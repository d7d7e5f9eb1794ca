import type { App } from '../app.ts';
import type { Job } from '../runs/run-execution.ts';
import type { RunView } from '../runs/runs.ts';
import { requestRun } from '../runs/runs.ts';
import { requireRoom } from '../storage.ts';
import type { ForecastOf } from './forecasts.ts';
import { createForecast, requireForecastable, sizeOfForecast } from './forecasts.ts';

export const forecastKind = 'forecast';

/** Draws × months × tiers from which a forecast takes longer than anybody waits: about ten seconds on a small machine. */
const longForecast = 12_000_000;

/** Whether a forecast is put off: somebody asked for that, or it is long. */
export async function isPutOff(app: App, of: ForecastOf, prefersAsync: boolean): Promise<boolean> {
  return prefersAsync || (await sizeOfForecast(app, of)) >= longForecast;
}

/** Puts a forecast in the queue. Throws Refusal with every problem of the scenario, as if it were computed at once. */
export async function requestForecast(
  app: App,
  objectId: string,
  of: ForecastOf,
  signal?: AbortSignal,
): Promise<RunView> {
  await requireForecastable(app, of, signal);
  await requireRoom(app);
  return requestRun(app, { id: `run_${objectId}`, kind: forecastKind, input: of });
}

/** A forecast that is too long to wait for. */
export const forecastJob: Job = {
  work: async (app, input, { objectId, signal, log }) => {
    const id = `fc_${objectId}`;
    await createForecast(app, id, input as ForecastOf, signal);
    await log(`Stored ${id}.`);
    return { result: { forecast: `/v1/forecasts/${id}` } };
  },
};
