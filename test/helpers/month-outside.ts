import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';
import type { TestService } from './app.ts';
import { defaultSettings, openMigrated, openOn, startTestService } from './app.ts';
import type { FakeProvider } from './fake-provider.ts';
import { startFakeProvider } from './fake-provider.ts';
import type { Mailbox } from './mailbox.ts';
import { startMailbox } from './mailbox.ts';
import { openaiKey } from './openai-month.ts';
import type { WebhookReceiver } from './webhook-receiver.ts';
import { startReceiver } from './webhook-receiver.ts';

/** A service, and everybody it has to do with in a month: the provider it asks, and those whom it tells. */
export type MonthOutside = {
  readonly service: TestService;
  readonly provider: FakeProvider;
  readonly mailbox: Mailbox;
  readonly receiver: WebhookReceiver;
  readonly close: () => Promise<void>;
};

export async function openMonth(kind: 'embedded' | 'postgres'): Promise<MonthOutside> {
  const server: Postgres | undefined = kind === 'postgres' ? await startPostgres() : undefined;
  const provider = await startFakeProvider({ header: 'authorization', value: `Bearer ${openaiKey}` });
  const mailbox = await startMailbox();
  const receiver = await startReceiver();
  const service = await startTestService({
    database: server === undefined ? await openMigrated() : await openOn(server),
    announces: true,
    settings: {
      outside: {
        ...defaultSettings.outside,
        origins: { ...defaultSettings.outside.origins, openai: provider.origin },
        publicUrl: 'https://infercast.example.com',
        mail: { smtpUrl: mailbox.url, from: 'infercast@example.com', to: ['controller@example.com'] },
      },
    },
  });
  return {
    service,
    provider,
    mailbox,
    receiver,
    close: async () => {
      await service.close();
      await Promise.all([provider.close(), mailbox.close(), receiver.close()]);
      await server?.stop();
    },
  };
}
