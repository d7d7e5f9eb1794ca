import { createHash } from 'node:crypto';
import type { Comparison, TierComparison } from '../core/bills/comparison.ts';
import type { StoredBill } from '../db/bills.ts';
import { findBillsOfPeriods } from '../db/bills.ts';
import type { App } from './app.ts';
import { pullFiles } from './bill-pulls.ts';
import { openBillSource, requireBillSource } from './bill-sources.ts';
import { lockBill } from './bills.ts';
import { createComparison } from './comparisons.ts';
import type { ComparisonFigures } from './notice-view.ts';
import type { CompareTask, PeriodOutcome } from './period-work.ts';
import { importPulled } from './pulled-bills.ts';
import { Refusal } from './refusal.ts';
import type { RunContext } from './run-execution.ts';

/**
 * A month of a schedule: pulls its sources, imports what they gave, and holds all bills of the month against the forecast
 * frozen before it. Bills that have settled are locked first, so that their comparison is final. Without sources the bills
 * that somebody imported are compared. Throws Refusal where there is no bill or no forecast.
 */
export async function comparePeriod(app: App, task: CompareTask, context: RunContext): Promise<PeriodOutcome> {
  const { schedule, period, forecast_id } = task;
  const remarks = await pullSources(app, task, context);
  const bills = await findBillsOfPeriods(app.db, [period]);
  const digest = digestOf(bills);
  if (task.settles(digest)) remarks.push(...(await lockBills(app, bills)));
  const comparison = await createComparison(
    app,
    `cmp_${context.objectId}`,
    {
      scenario_id: forecast_id === null ? schedule.scenario_id : null,
      forecast_id,
      period,
      tiers: null,
      exchange_rates: {},
      workloads: [],
    },
    context.signal,
  );
  return { digest, result: resultOf(context.objectId, comparison, schedule.alert_above, remarks) };
}

async function pullSources(app: App, { schedule, period }: CompareTask, context: RunContext): Promise<string[]> {
  const remarks: string[] = [];
  const { sources } = schedule;
  for (const [done, id] of sources.entries()) {
    await context.progress({ done, total: sources.length, unit: 'sources' });
    const row = await requireBillSource(app, id);
    const source = openBillSource(app, row);
    const { files, missing_days } = await pullFiles(app, source, period, context.log);
    if (missing_days.length > 0) {
      const remark = `${row.name} no longer gives ${missing_days.join(', ')}: import them from a file.`;
      remarks.push(remark);
      await context.log(remark);
    }
    for (const file of files) {
      const report = await importPulled(app, source, file, period, context.signal);
      const what = report === null ? 'nothing was used' : report.repeated ? 'known already' : 'imported';
      await context.log(`${row.name}: ${file.name}, ${what}.`);
    }
  }
  return remarks;
}

/** Equal where the bills of the month say the same, line for line. */
function digestOf(bills: readonly StoredBill[]): string {
  const said = bills.map(({ provider, account, currency, kind, content_sha256 }) =>
    [provider, account, currency, kind, content_sha256].join('|'),
  );
  return `sha256:${createHash('sha256').update(said.sort().join('\n')).digest('hex')}`;
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
  objectId: string,
  { scenario, period, currency, tiers }: Comparison,
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
  const comparison = `cmp_${objectId}`;
  return {
    scenario: scenario.name,
    period,
    tier: first.label,
    forecast: { amount: first.forecast.p50, currency },
    actual: { amount: first.actual, currency },
    variance: { amount: first.variance, percent: first.variance_share },
    exceeded: tiers.some(({ variance_share: share }) => isBeyond(share, alertAbove)),
    drivers: first.bridge.map(({ effect, label, amount }) => ({ kind: effect, label, amount })),
    remarks: [
      ...others.map(({ label, actual, forecast }) => `${label}: ${actual} billed, ${forecast.p50} forecast.`),
      ...remarks,
    ],
    comparison,
    report_url: `/v1/comparisons/${comparison}`,
    xlsx_url: `/v1/comparisons/${comparison}.xlsx`,
  };
}

function isBeyond(share: string | null, alertAbove: string | null): boolean {
  return share !== null && alertAbove !== null && Math.abs(Number(share)) > Number(alertAbove);
}
