import { z } from 'zod';
import { isPeriod } from '../../core/schedule/periods.ts';
import type { App } from '../app.ts';
import type { Job } from '../runs/run-execution.ts';
import type { RunView } from '../runs/runs.ts';
import { requestRun } from '../runs/runs.ts';
import { lastMonth } from './bill-source-test.ts';
import { openBillSource, requireBillSource } from './bill-sources.ts';
import { pullBills } from './pulled-bills.ts';

export const pullKind = 'pull-bills';

const pullInput = z.object({ source_id: z.string(), period: z.string().refine(isPeriod) });

/** Puts the pull of a month in the queue, the last that ended unless another is named. Throws Refusal. */
export async function requestPull(app: App, id: string, wanted: string | null, objectId: string): Promise<RunView> {
  await requireBillSource(app, id);
  const period = wanted ?? lastMonth(app);
  return requestRun(app, { id: `run_${objectId}`, kind: pullKind, period, input: { source_id: id, period } });
}

/** Fetches the bills of a month and stores them. */
export const pullJob: Job = {
  work: async (app, input, { signal, log }) => {
    const { source_id, period } = pullInput.parse(input);
    const source = openBillSource(app, await requireBillSource(app, source_id));
    const { bills, missing_days } = await pullBills(app, source, period, { signal, log });
    return { result: { period, bills: bills.map((id) => `/v1/bills/${id}`), missing_days } };
  },
};
