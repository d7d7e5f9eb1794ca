import type { RunView } from '../services/runs/runs.ts';
import type { PeriodView } from '../services/schedules/schedule-runs.ts';
import { moneyText, percentText } from './figures.ts';
import { outputOf } from './output.ts';
import { runTable } from './run-table.ts';
import type { ServiceOptions } from './service-command.ts';
import { connect, show } from './service-command.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

/** `infercast schedules nowcast ID`: what the last look saw; with `--now` a look is taken. */
export async function runSchedulesNowcast(
  id: string,
  options: ServiceOptions & { readonly now?: boolean },
): Promise<void> {
  const { call } = await connect(options);
  const output = outputOf(options);
  const path = `/v1/schedules/${encodeURIComponent(id)}`;
  if (options.now === true) {
    const run = (await call('POST', `${path}/nowcast`)) as RunView;
    show(options, run, runTable([run]));
    return;
  }
  const { data } = (await call('GET', `${path}/periods`)) as { readonly data: readonly PeriodView[] };
  const nowcast = data.find((period) => period.nowcast !== null)?.nowcast ?? null;
  if (options.format === 'json') output.print(JSON.stringify(nowcast));
  else if (nowcast !== null) output.print(renderTable(nowcastTable(nowcast), options.format, output.terminal));
  if (nowcast === null) output.say('No month was looked at yet: the first look at a month comes on its 4th day.');
  for (const { label, message } of nowcast?.unknown ?? [])
    output.say(label === null ? message : `${label}: ${message}`);
}

function nowcastTable({ period, currency, over, tiers }: NonNullable<PeriodView['nowcast']>): Table {
  const money = (amount: string): string => moneyText(amount, currency ?? 'USD');
  return {
    columns: [
      { id: 'period', title: 'Month' },
      { id: 'tier', title: 'Tier' },
      { id: 'through', title: 'Through' },
      { id: 'so_far', title: 'So far', align: 'right' },
      { id: 'p10', title: 'P10', align: 'right' },
      { id: 'p50', title: 'P50', align: 'right' },
      { id: 'p90', title: 'P90', align: 'right' },
      { id: 'forecast', title: 'Forecast', align: 'right' },
      { id: 'probability_over', title: `P(above +${percentText(over)})`, align: 'right' },
    ],
    rows: tiers.map((tier) => [
      period,
      tier.label,
      tier.through,
      money(tier.so_far),
      money(tier.p10),
      money(tier.p50),
      money(tier.p90),
      money(tier.forecast),
      tier.probability_over === null ? '–' : percentText(tier.probability_over),
    ]),
  };
}
