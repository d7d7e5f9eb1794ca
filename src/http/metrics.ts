import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type RequestMetrics = {
  readonly registry: Registry;
  readonly count: (method: string, route: string, status: number, seconds: number) => void;
};

/** Prometheus metrics of this process: requests by route, calculations waiting and running, memory, event loop. */
export function makeMetrics(compute: { queued: () => number; running: () => number }): RequestMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'infercast_http_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  gauge(registry, 'infercast_calculations_waiting', 'Calculations in the queue', compute.queued);
  gauge(registry, 'infercast_calculations_running', 'Calculations at work', compute.running);
  return {
    registry,
    count: (method, route, status, seconds) => requests.labels(method, route, String(status)).observe(seconds),
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
