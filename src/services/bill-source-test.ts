import { monthBefore } from '../core/schedule/local-time.ts';
import type { App } from './app.ts';
import { nowText } from './app.ts';
import { pullFiles } from './bill-pulls.ts';
import type { BillSourceInput, OpenSource } from './bill-sources.ts';
import { openBillSource, requireBillSource, requireSource } from './bill-sources.ts';
import { Refusal } from './refusal.ts';

export type BillSourceTest = {
  readonly ok: boolean;
  readonly period: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly missing_days: readonly string[];
  readonly problem: string | null;
};

/** Fetches a month from a source that is not saved yet. Throws Refusal where what was sent is no source. */
export async function testNewSource(app: App, input: BillSourceInput, period: string | null): Promise<BillSourceTest> {
  return tryPull(app, requireSource(app, input), period);
}

export async function testStoredSource(app: App, id: string, period: string | null): Promise<BillSourceTest> {
  return tryPull(app, openBillSource(app, await requireBillSource(app, id)), period);
}

/** The last month that ended in UTC, as providers count. */
export function lastMonth(app: App): string {
  return monthBefore(nowText(app).slice(0, 7));
}

async function tryPull(app: App, source: OpenSource, wanted: string | null): Promise<BillSourceTest> {
  const period = wanted ?? lastMonth(app);
  try {
    const { files, missing_days } = await pullFiles(app, source, period, async () => {});
    const shown = files.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength }));
    return { ok: true, period, files: shown, missing_days, problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, period, files: [], missing_days: [], problem: error.message };
  }
}
