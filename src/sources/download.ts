import type { EgressRules } from '../egress/guarded-request.ts';
import { EgressFailed, sendGuarded } from '../egress/guarded-request.ts';

/** Why nothing was downloaded, in one sentence; what the far side said is never part of it. */
export class DownloadFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DownloadFailed';
  }
}

export type DownloadLimits = {
  /** Origins that may be asked, such as `https://openrouter.ai`. Anything else is refused before a name is looked up. */
  readonly origins: readonly string[];
  readonly maxBytes: number;
  readonly rules: EgressRules;
};

/** The text at an address of one of the listed origins. Throws DownloadFailed, never anything else. */
export async function downloadText(address: string, { origins, maxBytes, rules }: DownloadLimits): Promise<string> {
  try {
    const { status, body } = await sendGuarded(
      {
        method: 'GET',
        address,
        headers: { Accept: 'application/json' },
        body: null,
        destination: { origins },
        maxBytes,
      },
      rules,
    );
    if (status !== 200) throw new DownloadFailed(`${new URL(address).origin} answered with status ${status}.`);
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    if (cause instanceof DownloadFailed) throw cause;
    if (cause instanceof EgressFailed) throw new DownloadFailed(cause.message, { cause });
    throw new DownloadFailed(`${new URL(address).origin} sent no UTF-8 text.`, { cause });
  }
}
