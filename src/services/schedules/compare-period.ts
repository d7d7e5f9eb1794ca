import { createHash } from 'node:crypto';
import type { Comparison, TierComparison } from '../../core/bills/comparison.ts';
import type { StoredBill } from '../../db/bills.ts';
import { findBillsOfPeriods } from '../../db/bills.ts';
import { listForecasts } from '../../db/forecasts.ts';
import type { App } from '../app.ts';
import { lockBill } from '../bills/bills.ts';
import { createComparison } from '../bills/comparisons.ts';
import { findUnpricedUsage } from '../bills/unpriced-usage.ts';
import { createForecast } from '../forecasts/forecasts.ts';
import type { ComparisonFigures } from '../notices/notice-view.ts';
import { Refusal } from '../refusal.ts';
import type { RunContext } from '../runs/run-execution.ts';
import { openBillSource, requireBillSource } from '../sources/bill-sources.ts';
import { isOfSource, pullBills } from '../sources/pulled-bills.ts';
import type { CompareTask, PeriodOutcome } from './period-work.ts';

/**
 * A month of a schedule: pulls its sources, imports what they gave, and holds all bills of the month against the forecast
 * frozen before it. Bills that have settled are locked first, so that their comparison is final. Without sources the bills
 * that somebody imported are compared. Throws Refusal where there is no bill, no amount of one that its sources gave, or no
 * forecast.
 */
export async function comparePeriod(app: App, task: CompareTask, context: RunContext): Promise<PeriodOutcome> {
  const { schedule, period } = task;
  const remarks = await pullSources(app, task, context);
  const bills = await findBillsOfPeriods(app.db, [period]);
  if (bills.length === 0) {
    const why =
      schedule.sources.length === 0 ? 'the schedule has no sources and nobody sent any' : 'its sources gave none';
    throw new Refusal('validation-failed', `There are no bills of ${period}: ${why}.`);
  }
  remarks.push(...(await judgeUnpriced(app, bills, schedule.sources)));
  const digest = digestOf(bills);
  const settles = task.settles(digest);
  if (settles) remarks.push(...(await lockBills(app, bills)));
  // What an earlier attempt compared, before bills were restated or locked, is not what this one compares.
  const id = `cmp_${context.objectId}${digest.slice(0, 6)}${settles ? 'f' : ''}`;
  const comparison = await compareWithForecast(app, id, task, context);
  await context.log(`Stored ${id}.`);
  return { digest, result: resultOf(id, comparison, schedule.alert_above, remarks) };
}

async function pullSources(app: App, { schedule, period }: CompareTask, context: RunContext): Promise<string[]> {
  const remarks: string[] = [];
  const { sources } = schedule;
  for (const [done, id] of sources.entries()) {
    await context.progress({ done, total: sources.length, unit: 'sources' });
    const row = await requireBillSource(app, id);
    const { missing_days } = await pullBills(app, openBillSource(app, row), period, context);
    if (missing_days.length === 0) continue;
    const remark = `${row.name} no longer gives ${missing_days.join(', ')}: import them from a file.`;
    remarks.push(remark);
    await context.log(remark);
  }
  if (sources.length > 0) await context.progress({ done: sources.length, total: sources.length, unit: 'sources' });
  return remarks;
}

/** Quantities without an amount are no bill of 0.00. Throws Refusal where a source gave nothing else of a provider. */
async function judgeUnpriced(app: App, bills: readonly StoredBill[], sources: readonly string[]): Promise<string[]> {
  const found = await findUnpricedUsage(app, bills);
  for (const { bill, lines, unpriced } of found) {
    if (unpriced < lines || !sources.some((id) => isOfSource(bill, id))) continue;
    const what = `${bill.provider} gives what was used in ${bill.period} and no amount`;
    throw new Refusal(
      'validation-failed',
      `${what}, and the price book has no price for any of it: its costs are not known yet.`,
    );
  }
  return found.map(
    ({ bill, lines, unpriced }) =>
      `${unpriced} of ${lines} lines of what was used at ${bill.provider} have no price, and count as nothing.`,
  );
}

/** Where no forecast foresaw the month the newest one, or one made now, is shown beside the bills, and never scored. */
async function compareWithForecast(
  app: App,
  id: string,
  { schedule: { scenario_id, time_zone }, period, forecast_id }: CompareTask,
  { objectId, log, signal }: RunContext,
): Promise<Comparison> {
  const of = { scenario_id, forecast_id, period, tiers: null, exchange_rates: {}, workloads: [], time_zone };
  try {
    return await createComparison(app, id, of, signal);
  } catch (error) {
    if (!(error instanceof Refusal) || !error.errors.some(({ code }) => code === 'nothing-frozen')) throw error;
    const [newest] = await listForecasts(app.db, { scenario_id, before: null, limit: 1 });
    const shown = newest?.id ?? `fc_${objectId}`;
    if (newest === undefined) await createForecast(app, shown, { scenario_id }, signal);
    await log(`Nothing foresaw ${period}: ${shown} is shown beside its bills, and not scored.`);
    return createComparison(app, id, { ...of, forecast_id: shown }, signal);
  }
}

/** Equal where the bills of the month say the same, line for line. */
function digestOf(bills: readonly StoredBill[]): string {
  const said = bills.map(({ provider, account, currency, kind, content_sha256 }) =>
    [provider, account, currency, kind, content_sha256].join('|'),
  );
  return createHash('sha256').update(said.sort().join('\n')).digest('hex');
}

/** Locks what balances; a bill that differs from its invoice stays open, which is said. */
async function lockBills(app: App, bills: readonly StoredBill[]): Promise<readonly string[]> {
  const remarks: string[] = [];
  for (const { id, provider, status } of bills) {
    if (status === 'locked') continue;
    const request = { payable: null, reason: 'Two pulls a day apart agreed.', acceptDifference: false };
    await lockBill(app, id, request).catch((error: unknown) => {
      if (!(error instanceof Refusal) || error.code !== 'conflict') throw error;
      remarks.push(`The bill of ${provider} stays open: ${error.message}`);
    });
  }
  return remarks;
}

/** Figures of the tier that cost most, and a sentence for each of the others. */
function resultOf(
  comparison: string,
  { scenario, period, currency, forecast, tiers }: Comparison,
  alertAbove: string | null,
  remarks: readonly string[],
): Omit<ComparisonFigures, 'status'> & {
  readonly comparison: string;
  readonly report_url: string;
  readonly xlsx_url: string;
} {
  const [first, ...others] = tiers.toSorted((a, b) => Number(b.actual) - Number(a.actual)) as [
    TierComparison,
    ...TierComparison[],
  ];
  return {
    scenario: scenario.name,
    period,
    tier: first.label,
    forecast: { amount: first.forecast.p50, currency },
    actual: { amount: first.actual, currency },
    variance: { amount: first.variance, percent: first.variance_share },
    unforeseen: !forecast.frozen,
    exceeded: tiers.some(({ variance_share: share }) => isBeyond(share, alertAbove)),
    drivers: first.bridge.map(({ effect, label, amount }) => ({ kind: effect, label, amount })),
    remarks: [
      ...others.map(({ label, actual, forecast }) => `${label}: ${actual} billed, ${forecast.p50} forecast.`),
      ...remarks,
    ],
    comparison,
    report_url: `/comparisons/${comparison}`,
    xlsx_url: `/v1/comparisons/${comparison}.xlsx`,
  };
}

function isBeyond(share: string | null, alertAbove: string | null): boolean {
  return share !== null && alertAbove !== null && Math.abs(Number(share)) > Number(alertAbove);
}
