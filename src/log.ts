import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';

export type LogOptions = {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'silent';
  readonly format: 'json' | 'pretty';
};

/** The service's log: one JSON object a line on stderr, or the same for people. Written at once, so that nothing is lost at an end. */
export function makeLog(
  { level, format }: LogOptions,
  stream: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, format === 'json' ? stream : { write: (line: string) => stream.write(pretty(line)) });
}

/** `18:05:12.345 info  request  GET /v1/scenarios 200 3.2 ms`, then whatever else the line holds. */
function pretty(line: string): string {
  const { time, level, msg, method, route, status, ms, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const request = route === undefined ? '' : ` ${method} ${route} ${status} ${ms} ms`;
  const others = Object.entries(rest).map(
    ([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${msg}${request}${others.join('')}\n`;
}
