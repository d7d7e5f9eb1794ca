import type { PullContext, Pulled } from './bill-source.ts';
import { askSource } from './bill-source.ts';
import { daysOf } from './period-days.ts';

const maxBytes = 100_000_000;
const needs = 'a key that may read this address, sent as Authorization: Bearer';

/**
 * The file at an address that serves FOCUS or another known format. `{period}`, `{start}` and `{end}` in it become the
 * month and its first and last day. A credential is sent as `Authorization: Bearer`.
 */
export async function pullBillsAtUrl(url: string, context: PullContext): Promise<Pulled> {
  const days = daysOf(context.period);
  const address = url
    .replaceAll('{period}', context.period)
    .replaceAll('{start}', days[0] ?? '')
    .replaceAll('{end}', days.at(-1) ?? '');
  const headers = context.credential === null ? {} : { Authorization: `Bearer ${context.credential}` };
  const { body } = await askSource({ address, headers, destination: 'free', maxBytes, needs }, context);
  const name = new URL(address).pathname.split('/').at(-1) || `bill-${context.period}`;
  return { files: [{ name, bytes: body }], missing_days: [] };
}
