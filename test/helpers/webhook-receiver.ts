import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { readonly headers: Readonly<Record<string, string>>; readonly body: string };

export type WebhookAnswer = number | { readonly status: number; readonly retryAfter: string };

export type WebhookReceiver = {
  readonly url: string;
  readonly got: readonly Received[];
  /** What the next ones are answered, perhaps later: a status, or one with Retry-After; 204 where nothing is said. */
  readonly answers: (WebhookAnswer | Promise<WebhookAnswer>)[];
  readonly close: () => Promise<void>;
};

/** Somebody who takes webhooks, over real HTTP. */
export async function startReceiver(): Promise<WebhookReceiver> {
  const got: Received[] = [];
  const answers: WebhookReceiver['answers'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({
        headers: request.headers as Record<string, string>,
        body: Buffer.concat(chunks).toString('utf8'),
      });
      void Promise.resolve(answers.shift() ?? 204).then((answer) => {
        if (typeof answer === 'number') response.writeHead(answer).end();
        else response.writeHead(answer.status, { 'Retry-After': answer.retryAfter }).end('<far side>');
      });
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    answers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
