import type { PullContext, Pulled } from './bill-source.ts';
import { pullPages } from './paged-reports.ts';
import { monthBounds } from './period-days.ts';

export const anthropicOrigin = 'https://api.anthropic.com';

const needs = 'an admin key of the organisation, which begins with sk-ant-admin';

/**
 * The cost report a day, description and workspace, and the messages usage report a day and model. The key is an admin
 * key of the organisation (https://platform.claude.com/docs/en/api/admin/cost_report).
 */
export async function pullAnthropicBills(context: PullContext, origin = anthropicOrigin): Promise<Pulled> {
  const { start, end } = monthBounds(context.period);
  const headers = {
    'x-api-key': context.credential ?? '',
    'anthropic-version': '2023-06-01',
    Accept: 'application/json',
  };
  const report = (path: string, groups: readonly string[]): string => {
    const url = new URL(`/v1/organizations/${path}`, origin);
    url.searchParams.set('starting_at', start.toISOString());
    url.searchParams.set('ending_at', end.toISOString());
    url.searchParams.set('bucket_width', '1d');
    url.searchParams.set('limit', '31');
    for (const group of groups) url.searchParams.append('group_by[]', group);
    return url.href;
  };
  const costs = {
    name: `anthropic-costs-${context.period}.jsonl`,
    address: report('cost_report', ['workspace_id', 'description']),
    headers,
    needs,
  };
  const usage = {
    name: `anthropic-usage-${context.period}.jsonl`,
    address: report('usage_report/messages', ['model', 'workspace_id', 'service_tier', 'context_window']),
    headers,
    needs,
  };
  return { files: [await pullPages(costs, context), await pullPages(usage, context)], missing_days: [] };
}
