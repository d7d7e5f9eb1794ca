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
  readonly timeoutMs: number;
  readonly maxBytes: number;
};

/**
 * The text at an address of one of the listed origins. Redirects are not followed, since they could lead elsewhere.
 * Throws DownloadFailed, never anything else.
 */
export async function downloadText(address: string, { origins, timeoutMs, maxBytes }: DownloadLimits): Promise<string> {
  const url = URL.parse(address);
  if (url === null || url.username !== '' || url.password !== '' || !origins.includes(url.origin)) {
    throw new DownloadFailed(
      `${address.slice(0, 200)} is not among the addresses that may be asked: ${origins.join(', ')}.`,
    );
  }
  try {
    const response = await fetch(url, {
      redirect: 'error',
      headers: { Accept: 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new DownloadFailed(`${url.origin} answered with status ${response.status}.`);
    }
    return await readText(response, url.origin, maxBytes);
  } catch (cause) {
    if (cause instanceof DownloadFailed) throw cause;
    const reason = ((cause as Error).cause as { code?: string } | undefined)?.code ?? (cause as Error).name;
    throw new DownloadFailed(`${url.origin} could not be read (${reason}).`, { cause });
  }
}

async function readText(response: Response, origin: string, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new DownloadFailed(`${origin} sent more than ${maxBytes} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
