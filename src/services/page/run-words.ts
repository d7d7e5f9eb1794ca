import type { RunState, RunTrigger } from '../../db/schedule-tables.ts';
import { sayReasons } from '../problem-text.ts';
import type { RunErrorView } from '../runs/runs.ts';

/** What each kind of run does, for people. A kind that is not here is shown as its name reads. */
const kinds: Readonly<Record<string, string>> = {
  forecast: 'Forecast',
  'freeze-forecast': 'Freeze the forecast',
  nowcast: 'Look at the month under way',
  'compare-period': 'Compare the bills with the forecast',
  comparison: 'Compare bills with a forecast',
  'import-bills': 'Import bills of a file',
  'pull-bills': 'Fetch bills',
  'keep-days': 'Keep days that the provider drops',
  'pull-prices': 'Fetch list prices',
  'check-prices': 'Look for prices that went stale',
};

export function kindInWords(kind: string): string {
  const words = kinds[kind] ?? kind.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const triggers: Readonly<Record<RunTrigger, string>> = {
  request: 'asked for',
  schedule: 'by its schedule',
  backfill: 'made up for later',
  repeat: 'again, as the month was not settled',
  manual: 'by hand',
};

export function triggerInWords(trigger: RunTrigger): string {
  return triggers[trigger];
}

const states: Readonly<Record<RunState, Mark>> = {
  queued: { mark: 'open', text: 'waiting' },
  running: { mark: 'open', text: 'at work' },
  succeeded: { mark: 'yes', text: 'done' },
  failed: { mark: 'no', text: 'failed' },
  cancelled: { mark: 'none', text: 'cancelled' },
  missed: { mark: 'no', text: 'missed' },
};

export function stateInWords(state: RunState): Mark {
  return states[state];
}

/** Why a run failed. */
export function failureInWords({ message, errors = [] }: RunErrorView): string {
  return sayReasons(
    message,
    errors.map(({ detail }) => detail),
  );
}

/** A word with its sign: a tick, a cross, an open line, or none. */
export type Mark = { readonly mark: 'yes' | 'no' | 'open' | 'none'; readonly text: string };
