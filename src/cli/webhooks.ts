import type { DeliveryView } from '../services/notices/deliveries.ts';
import type { WebhookView } from '../services/notices/webhooks.ts';
import { badUsage, CommandFailed, exitCodes } from './exit.ts';
import { outputOf } from './output.ts';
import { readSecret } from './secret-input.ts';
import type { ServiceOptions } from './service-command.ts';
import { connect, everyPage, show } from './service-command.ts';
import type { Table } from './table.ts';

export type NewWebhookOptions = ServiceOptions & {
  readonly url?: string;
  readonly urlFile?: string;
  readonly urlEnv?: string;
  readonly form?: 'standard' | 'slack';
  readonly event?: readonly string[];
};

/** `infercast webhooks list` */
export async function runWebhooksList(options: ServiceOptions): Promise<void> {
  const { call } = await connect(options);
  const data = await everyPage<WebhookView>(call, '/v1/webhooks?limit=100');
  show(options, { data }, webhookTable(data));
}

/** `infercast webhooks add NAME`: the secret it signs with goes to stdout, this once. */
export async function runWebhooksAdd(name: string, options: NewWebhookOptions): Promise<void> {
  const { form, event } = options;
  const url = await readAddress(options);
  const { call } = await connect(options);
  const made = (await call('POST', '/v1/webhooks', {
    name,
    url,
    ...(form !== undefined && { form }),
    ...(event !== undefined && { events: event }),
  })) as WebhookView & { readonly secret: string | null };
  const output = outputOf(options);
  if (options.format !== 'table') show(options, made, webhookTable([made]));
  else if (made.secret !== null) output.print(made.secret);
  output.say(
    made.secret === null
      ? `${made.id} is stored: what is sent there is not signed.`
      : `${made.id} is stored. The secret it signs with is shown this once.`,
  );
}

/** `infercast webhooks test ID`: exit code 1 where the receiver did not take it. */
export async function runWebhooksTest(id: string, options: ServiceOptions): Promise<void> {
  const { call } = await connect(options);
  const delivery = (await call('POST', `/v1/webhooks/${encodeURIComponent(id)}/test`)) as DeliveryView;
  show(options, delivery, deliveryTable([delivery]));
  if (delivery.state === 'delivered') return;
  throw new CommandFailed(exitCodes.failed, [delivery.attempts.at(-1)?.reason ?? 'It was not taken.']);
}

/** `infercast webhooks deliveries ID`; with `--redeliver` one is sent again. */
export async function runWebhooksDeliveries(
  id: string,
  options: ServiceOptions & { readonly redeliver?: string },
): Promise<void> {
  const { call } = await connect(options);
  const path = `/v1/webhooks/${encodeURIComponent(id)}/deliveries`;
  if (options.redeliver !== undefined) {
    const again = `${path}/${encodeURIComponent(options.redeliver)}/redeliver`;
    const delivery = (await call('POST', again)) as DeliveryView;
    show(options, delivery, deliveryTable([delivery]));
    return;
  }
  const data = await everyPage<DeliveryView>(call, `${path}?limit=100`);
  show(options, { data }, deliveryTable(data));
}

/** `infercast webhooks remove ID` */
export async function runWebhooksRemove(id: string, options: ServiceOptions): Promise<void> {
  const { change } = await connect(options);
  await change('DELETE', `/v1/webhooks/${encodeURIComponent(id)}`);
  outputOf(options).say(`${id} is removed: nothing more is sent there.`);
}

async function readAddress({ url, urlFile, urlEnv, form }: NewWebhookOptions): Promise<string> {
  if (form === 'slack' && url !== undefined)
    throw badUsage('Whoever has the address of a Slack webhook may write there: give it with --url-file or --url-env.');
  const read = await readSecret('--url', { file: urlFile, variable: urlEnv });
  if (read !== null && url !== undefined) throw badUsage('Give either --url, --url-file or --url-env.');
  const address = read ?? url;
  if (address === undefined) throw badUsage('A webhook needs an address: give it with --url, --url-file or --url-env.');
  return address;
}

function webhookTable(webhooks: readonly WebhookView[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Id' },
      { id: 'name', title: 'Name' },
      { id: 'form', title: 'Form' },
      { id: 'address', title: 'Address' },
      { id: 'events', title: 'Events' },
      { id: 'state', title: 'State' },
    ],
    rows: webhooks.map(({ id, name, form, address, events, enabled, disabled_reason }) => [
      id,
      name,
      form,
      address,
      events?.join(' ') ?? 'all',
      enabled ? 'enabled' : `disabled${disabled_reason === null ? '' : `: ${disabled_reason}`}`,
    ]),
  };
}

function deliveryTable(deliveries: readonly DeliveryView[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Id' },
      { id: 'event', title: 'Event' },
      { id: 'state', title: 'State' },
      { id: 'attempts', title: 'Attempts', align: 'right' },
      { id: 'last_attempt', title: 'Last attempt' },
      { id: 'status', title: 'Answer', align: 'right' },
      { id: 'next', title: 'Next' },
    ],
    rows: deliveries.map(({ id, notice, state, attempts, next_at }) => {
      const last = attempts.at(-1);
      return [
        id,
        notice.type,
        state,
        String(attempts.length),
        last?.at.slice(0, 16) ?? '–',
        last?.status?.toString() ?? '–',
        next_at?.slice(0, 16) ?? '–',
      ];
    }),
  };
}
