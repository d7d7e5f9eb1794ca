import { createTransport } from 'nodemailer';

export type Mail = {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Without angle brackets; the same at every attempt, so that a mailbox shows a repeat once. */
  readonly messageId: string;
  readonly attachments: readonly { readonly name: string; readonly bytes: Uint8Array; readonly type: string }[];
  /** Where to change who gets these, for `List-Unsubscribe`. */
  readonly unsubscribeUrl: string | null;
};

/** Why a mail was not taken; `isFinal` where the server will never take it. What the server said is never part of it. */
export class MailFailed extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MailFailed';
    this.isFinal = isFinal;
  }
}

const mostMs = 20_000;

/** Hands a mail to the server of `smtpUrl` (`smtps://user:password@host:465`). Throws MailFailed. */
export async function sendMail(smtpUrl: string, mail: Mail): Promise<void> {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: mostMs,
    greetingTimeout: mostMs,
    socketTimeout: mostMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: mail.from,
      to: [...mail.to],
      subject: oneLine(mail.subject),
      text: mail.text,
      html: mail.html,
      messageId: `<${oneLine(mail.messageId)}>`,
      attachments: mail.attachments.map(({ name, bytes, type }) => ({
        filename: oneLine(name),
        content: Buffer.from(bytes),
        contentType: type,
      })),
      ...(mail.unsubscribeUrl === null ? {} : { list: { unsubscribe: mail.unsubscribeUrl } }),
    });
  } catch (cause) {
    const { responseCode = 0, code = 'unknown' } = cause as { responseCode?: number; code?: string };
    const isFinal = responseCode >= 500 && responseCode < 600;
    const what = responseCode > 0 ? `refused the mail with code ${responseCode}` : `could not be reached (${code})`;
    throw new MailFailed(`The mail server ${what}.`, isFinal, { cause });
  } finally {
    transport.close();
  }
}

/** A header is one line, whatever a name or a title holds. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}
