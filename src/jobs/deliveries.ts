import type { App } from '../services/app.ts';
import { deliverDue } from '../services/deliveries.ts';

/** Sends notices as they fall due until it is stopped, which waits for the one that is being sent. */
export function startDeliveries(app: App, tickMs: number): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  let current: Promise<void> = Promise.resolve();
  let busy = false;
  const tick = (): void => {
    if (busy) return;
    busy = true;
    current = deliverDue(app, stopping.signal)
      .then(() => {})
      .catch((error: unknown) => {
        // The database may be away; the next look comes anyway.
        app.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'could not send notices');
      })
      .finally(() => {
        busy = false;
      });
  };
  tick();
  const timer = setInterval(tick, tickMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await current;
    },
  };
}
