import { Webhook } from 'standardwebhooks';
import type { EgressRules } from '../egress/guarded-request.ts';
import { EgressFailed, sendGuarded } from '../egress/guarded-request.ts';
import { parseRetryAfter } from '../egress/retry-after.ts';

export type WebhookMessage = {
  /** The same at every attempt, so that the receiver can tell a repeat. */
  readonly id: string;
  /** When this attempt is made; receivers refuse what is old. */
  readonly at: Date;
  readonly body: string;
};

export type WebhookTarget = {
  readonly url: string;
  /** `whsec_…`; two while one replaces the other. */
  readonly secrets: readonly string[];
};

/** `gone`: the receiver wants no more of these, ever. `later`: worth trying again. `refused`: our own rules keep it in. */
export type WebhookOutcome = {
  readonly result: 'delivered' | 'later' | 'gone' | 'refused';
  readonly status: number | null;
  /** As the receiver asked by Retry-After; null where it did not. */
  readonly waitMs: number | null;
  /** Why it was not delivered, in one sentence that holds nothing of the answer; null where it was. */
  readonly reason: string | null;
};

const mostAnswerBytes = 64_000;

/** The headers of Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, one signature for each secret. */
export function signWebhook(
  { id, at, body }: WebhookMessage,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}

/** One attempt. Only a 2xx within the time delivers; a redirect does not, since it could lead anywhere. */
export async function deliverWebhook(
  target: WebhookTarget,
  message: WebhookMessage,
  rules: EgressRules,
): Promise<WebhookOutcome> {
  try {
    const { status, headers } = await sendGuarded(
      {
        method: 'POST',
        address: target.url,
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': 'infercast',
          ...signWebhook(message, target.secrets),
        },
        body: message.body,
        destination: 'free',
        maxBytes: mostAnswerBytes,
      },
      rules,
    );
    return judgeAnswer(status, headers['retry-after'], message.at);
  } catch (cause) {
    if (!(cause instanceof EgressFailed)) throw cause;
    const result = cause.kind === 'refused' ? ('refused' as const) : ('later' as const);
    return { result, status: null, waitMs: null, reason: cause.message };
  }
}

function judgeAnswer(status: number, retryAfter: string | undefined, now: Date): WebhookOutcome {
  if (status >= 200 && status < 300) return { result: 'delivered', status, waitMs: null, reason: null };
  const waitMs = parseRetryAfter(retryAfter, now);
  return {
    result: status === 410 ? 'gone' : 'later',
    status,
    waitMs,
    reason: `The receiver answered with status ${status}.`,
  };
}
