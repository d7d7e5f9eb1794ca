import type { ForecastOf } from './forecasts.ts';
import { createForecast } from './forecasts.ts';
import type { Job } from './run-execution.ts';

export const forecastKind = 'forecast';

/** A forecast that is too long to wait for. */
export const forecastJob: Job = {
  work: async (app, input, { objectId, signal, log }) => {
    const id = `fc_${objectId}`;
    await createForecast(app, id, input as ForecastOf, signal);
    await log(`Stored ${id}.`);
    return { result: { forecast: `/v1/forecasts/${id}` } };
  },
};
