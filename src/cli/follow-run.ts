import { setTimeout } from 'node:timers/promises';
import type { RunErrorView, RunView } from '../services/runs/runs.ts';
import type { ExitCode } from './exit.ts';
import { CommandFailed, exitCodes } from './exit.ts';
import type { Progress } from './progress.ts';
import type { ServiceClient } from './service.ts';
import { ServiceRefused } from './service.ts';

/** The first look comes soon, for what is short; later ones take their time. */
const firstLookMs = 100;
const mostBetweenMs = 1_000;

/** A service that starts again, or whose database is busy for a while, goes on with the run afterwards. */
const mostSilenceMs = 300_000;

/**
 * Waits until a run has ended and shows how far it is; gives its result. Throws ServiceRefused where it failed, with what
 * the service would have answered at once, and where somebody cancelled it; CommandFailed where nothing was heard of it for
 * five minutes.
 */
export async function followRun(call: ServiceClient['call'], { id }: RunView, progress: Progress): Promise<unknown> {
  let lastHeard = performance.now();
  for (let waitMs = firstLookMs; ; waitMs = Math.min(mostBetweenMs, waitMs * 1.5)) {
    try {
      const run = (await call('GET', `/v1/runs/${encodeURIComponent(id)}`)) as RunView;
      if (run.state === 'succeeded') return run.result;
      if (run.ended_at !== null) throw refuseEnded(run);
      lastHeard = performance.now();
      showProgress(run, progress);
    } catch (error) {
      if (!isPassing(error) || performance.now() - lastHeard > mostSilenceMs) throw error;
      progress.say(`${id}: no answer for the moment …`);
    }
    await setTimeout(waitMs);
  }
}

/** Whether the service may answer a little later: it is away, busy, or asked too often. */
function isPassing(error: unknown): boolean {
  if (error instanceof ServiceRefused) return error.problem.status === 429 || error.problem.status === 503;
  return error instanceof CommandFailed && error.exitCode === exitCodes.unreachable;
}

function showProgress({ id, state, progress: far }: RunView, { show, say }: Progress): void {
  if (state === 'queued') say(`${id} waits for a worker …`);
  else if (far?.total == null) say(`${id} is at work …`);
  else if (far.unit === 'bytes') show(far.done, far.total, `of ${(far.total / 1_000_000).toFixed(1)} MB read`);
  else show(far.done, far.total, `of ${far.total} ${far.unit}`);
}

function refuseEnded({ id, state, error }: RunView): ServiceRefused {
  const again = `Try it again with: infercast runs retry ${id}`;
  if (error === null || state !== 'failed')
    return new ServiceRefused(exitCodes.failed, [`${id} was ${state}: nothing was stored. ${again}`], {});
  const { message, errors = [] } = error;
  const lines = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`);
  return new ServiceRefused(exitCodeOf(error), [`${id} failed: ${message}`, ...lines], { ...error, detail: message });
}

/** As of the answer that the refusal would have been. */
function exitCodeOf({ code }: RunErrorView): ExitCode {
  return ['validation-failed', 'limit-exceeded', 'too-expensive'].includes(code)
    ? exitCodes.badUsage
    : exitCodes.failed;
}
