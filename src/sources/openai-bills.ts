import type { PullContext, Pulled } from './bill-source.ts';
import { pullPages } from './paged-reports.ts';
import { monthBounds } from './period-days.ts';

export const openaiOrigin = 'https://api.openai.com';

const needs = 'an admin key of the organisation with the scope api.usage.read';

/**
 * Costs a day and line item, and completions a day and model. The key is an admin key of the organisation
 * (https://platform.openai.com/docs/api-reference/usage).
 */
export async function pullOpenaiBills(context: PullContext, origin = openaiOrigin): Promise<Pulled> {
  const { start, end } = monthBounds(context.period);
  const headers = { Authorization: `Bearer ${context.credential}`, Accept: 'application/json' };
  const report = (path: string, limit: number, groups: readonly string[]): string => {
    const url = new URL(`/v1/organization/${path}`, origin);
    url.searchParams.set('start_time', String(start.getTime() / 1_000));
    url.searchParams.set('end_time', String(end.getTime() / 1_000));
    url.searchParams.set('bucket_width', '1d');
    url.searchParams.set('limit', String(limit));
    for (const group of groups) url.searchParams.append('group_by', group);
    return url.href;
  };
  const costs = {
    name: `openai-costs-${context.period}.jsonl`,
    address: report('costs', 31, ['line_item', 'project_id']),
    headers,
    needs,
  };
  const usage = {
    name: `openai-usage-${context.period}.jsonl`,
    address: report('usage/completions', 31, ['model', 'batch', 'service_tier', 'project_id']),
    headers,
    needs,
  };
  return { files: [await pullPages(costs, context), await pullPages(usage, context)], missing_days: [] };
}
