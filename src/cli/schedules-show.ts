import type { ComparisonFigures } from '../services/notices/notice-view.ts';
import type { PeriodView } from '../services/schedules/schedule-runs.ts';
import type { ScheduleView } from '../services/schedules/schedules.ts';
import { moneyText, percentText, toleranceText } from './figures.ts';
import { outputOf } from './output.ts';
import { scheduleTable } from './schedules.ts';
import type { ServiceOptions } from './service-command.ts';
import { connect, everyPage } from './service-command.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

/** `infercast schedules show ID`: the schedule, and the result of each of its months. */
export async function runSchedulesShow(id: string, options: ServiceOptions): Promise<void> {
  const { call } = await connect(options);
  const path = `/v1/schedules/${encodeURIComponent(id)}`;
  const schedule = (await call('GET', path)) as ScheduleView;
  const periods = await everyPage<PeriodView>(call, `${path}/periods?limit=100`);
  const { print, say, terminal } = outputOf(options);
  const { format } = options;
  if (format === 'json') {
    print(JSON.stringify({ ...schedule, periods }));
    return;
  }
  // Two tables in one would be no CSV.
  if (format !== 'csv') print(`${renderTable(scheduleTable([schedule]), format, terminal)}\n`);
  print(renderTable(periodTable(periods), format, terminal));
  say(`Sources: ${schedule.sources.join(', ') || 'none, so bills that somebody sends are compared'}.`);
  say(
    schedule.alert_above === null
      ? 'No difference counts as exceeded.'
      : `A difference beyond ${toleranceText(schedule.alert_above)} of the forecast counts as exceeded.`,
  );
}

function periodTable(periods: readonly PeriodView[]): Table {
  return {
    columns: [
      { id: 'period', title: 'Month' },
      { id: 'status', title: 'Status' },
      { id: 'forecast', title: 'Forecast', align: 'right' },
      { id: 'actual', title: 'Billed', align: 'right' },
      { id: 'difference', title: 'Difference', align: 'right' },
      { id: 'forecast_id', title: 'Frozen as' },
      { id: 'next', title: 'Next pull' },
    ],
    rows: periods.map(({ period, status, result, forecast_id, next_pull_at, due_at }) => {
      const { forecast, actual, variance } = (result ?? {}) as Partial<ComparisonFigures>;
      const share = variance?.percent ?? null;
      return [
        period,
        status,
        forecast === undefined ? '–' : moneyText(forecast.amount, forecast.currency),
        actual === undefined ? '–' : moneyText(actual.amount, actual.currency),
        share === null ? '–' : percentText(share),
        forecast_id ?? '–',
        (next_pull_at ?? (status === 'open' ? due_at : null))?.slice(0, 16) ?? '–',
      ];
    }),
  };
}
