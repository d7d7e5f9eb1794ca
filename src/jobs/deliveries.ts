import type { App } from '../services/app.ts';
import { makeSender } from '../services/notices/deliveries.ts';

/** Sends notices as they fall due until it is stopped, which waits for those that are being sent. */
export function startDeliveries(app: App, tickMs: number): { readonly stop: () => Promise<void> } {
  const stopping = new AbortController();
  const send = makeSender(app);
  const atWork = new Set<Promise<void>>();
  const tick = (): void => {
    const sending = send(stopping.signal)
      .then(() => {})
      .catch((error: unknown) => {
        // The database may be away; the next look comes anyway.
        app.log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'could not send notices');
      })
      .finally(() => atWork.delete(sending));
    atWork.add(sending);
  };
  tick();
  const timer = setInterval(tick, tickMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
      await Promise.all(atWork);
    },
  };
}
