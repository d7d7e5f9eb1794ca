import { z } from 'zod';
import { checkHealth } from '../../services/health.ts';
import { Refusal } from '../../services/refusal.ts';
import type { Answer, Service } from '../operation.ts';
import { operation } from '../operation.ts';

const tag = 'Health';
const check = z.object({ ok: z.boolean(), detail: z.string().exactOptional() });
const health = z.object({
  status: z.enum(['ready', 'not ready', 'starting', 'stopping']),
  checks: z.object({ database: check, disk: check, compute: check }),
});
const ready = {
  200: { description: 'Requests are served', schema: health },
  503: { description: 'Not now; `checks` says why', schema: health },
};
const cacheControl = 'no-store';

export const healthOperations = [
  operation({
    id: 'isLive',
    method: 'get',
    path: '/livez',
    tag,
    summary: 'Whether the process is alive',
    scope: null,
    rate: 'read',
    cacheControl,
    answers: { 200: { description: 'It is', schema: z.object({ status: z.literal('alive') }) } },
    refusals: [],
    handle: () => ({ status: 200, body: { status: 'alive' } }),
  }),
  operation({
    id: 'isReady',
    method: 'get',
    path: '/readyz',
    tag,
    summary: 'Whether requests can be served',
    scope: null,
    rate: 'read',
    cacheControl,
    answers: ready,
    refusals: [],
    handle: answerHealth,
  }),
  operation({
    id: 'isHealthy',
    method: 'get',
    path: '/healthz',
    tag,
    summary: 'The same as /readyz, under the name some tools expect',
    scope: null,
    rate: 'read',
    cacheControl,
    answers: ready,
    refusals: [],
    handle: answerHealth,
  }),
  operation({
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag,
    summary: 'Metrics in the Prometheus text format',
    description: 'Open to this machine while the service is; else with METRICS_TOKEN or a key with the scope metrics.',
    scope: 'metrics',
    rate: 'read',
    cacheControl,
    answers: { 200: { description: 'Metrics', mediaType: 'text/plain; version=0.0.4; charset=utf-8' } },
    refusals: ['not-found'],
    handle: async ({ metrics }) => {
      if (metrics === null) throw new Refusal('not-found', 'Metrics are switched off (METRICS).');
      return { status: 200, body: await metrics.metrics(), mediaType: 'text/plain; version=0.0.4; charset=utf-8' };
    },
  }),
];

async function answerHealth({ app, state }: Service): Promise<Answer> {
  const { ok, checks } = await checkHealth(app);
  const now = state();
  const status = now !== 'serving' ? now : ok ? 'ready' : 'not ready';
  return { status: status === 'ready' ? 200 : 503, body: { status, checks } };
}
