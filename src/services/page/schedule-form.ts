import type { Problem } from '../../core/problem.ts';
import type { App } from '../app.ts';
import { monthText } from '../figure-text.ts';
import { findScenarios } from '../forecasts/scenarios.ts';
import type { ScheduledRun } from '../schedules/schedules.ts';
import { findBillSources } from '../sources/bill-sources.ts';
import { instantText, utcText } from './instant-text.ts';

/** What stands in the fields of the form, as it was typed. */
export type ScheduleFields = {
  readonly name: string;
  readonly scenario_id: string;
  readonly day: string;
  readonly time: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly sources: readonly string[];
  /** In per cent; empty: no alert. */
  readonly alert_above: string;
};

export type ScheduleFormView = {
  readonly fields: ScheduleFields;
  readonly scenarios: readonly Choice[];
  readonly sources: readonly Choice[];
  readonly days: readonly { readonly id: string; readonly name: string }[];
  readonly zones: readonly string[];
  /** By field; what belongs to none stands under ''. */
  readonly problems: Readonly<Record<string, readonly string[]>>;
  readonly next: readonly { readonly month: string; readonly local: string; readonly utc: string }[];
};

type Choice = { readonly id: string; readonly name: string };

/** The form for a new schedule, with what is wrong with what stands in it and the next runs it would have. */
export async function findScheduleForm(
  app: App,
  fields: ScheduleFields,
  said: { readonly problems?: readonly Problem[]; readonly next?: readonly ScheduledRun[] } = {},
): Promise<ScheduleFormView> {
  const whole = { cursor: null, limit: 200 };
  const scenarios = await findScenarios(app, { ...whole, q: null, updated_since: null });
  const sources = await findBillSources(app, whole);
  const zone = fields.time_zone;
  return {
    fields,
    scenarios: scenarios.data.map(({ id, name }) => ({ id, name })),
    sources: sources.data.map(({ id, name }) => ({ id, name })),
    days,
    zones: [...new Set([app.settings.timeZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])],
    problems: byField(said.problems ?? []),
    next: (said.next ?? []).map(({ period, at }) => ({
      month: monthText(period),
      local: instantText(at, zone),
      utc: utcText(at),
    })),
  };
}

const days = [...Array.from({ length: 28 }, (_, i) => String(i + 1)), 'last'].map((id) => ({
  id,
  name: id === 'last' ? 'last day' : id,
}));

function byField(problems: readonly Problem[]): ScheduleFormView['problems'] {
  const fields = new Map<string, string[]>();
  for (const { pointer, message } of problems) {
    const field = pointer.split('/')[1] ?? '';
    fields.set(field, [...(fields.get(field) ?? []), message]);
  }
  return Object.fromEntries(fields);
}
