import { createForecast } from '../forecasts/forecasts.ts';
import { comparePeriod } from './compare-period.ts';
import { lookAtPeriod } from './look-period.ts';
import type { PeriodWork } from './period-work.ts';

/** What schedules do each month: freeze what is coming, look at what is under way, compare what has ended. */
export const monthWork: PeriodWork = {
  freeze: async (app, { schedule, period, as_of }, { objectId, signal }) => {
    const forecast_id = `fc_${objectId}`;
    await createForecast(app, forecast_id, { scenario_id: schedule.scenario_id, from: period, as_of }, signal);
    return { forecast_id };
  },
  compare: comparePeriod,
  look: lookAtPeriod,
};
