import type { AddressInfo } from 'node:net';
import type { ParsedMail } from 'mailparser';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type Mailbox = {
  readonly url: string;
  readonly got: ParsedMail[];
  /** Codes that the next mails are refused with. */
  readonly refusals: number[];
  readonly close: () => Promise<void>;
};

/** A mail server on this machine that keeps what it takes. */
export async function startMailbox(): Promise<Mailbox> {
  const got: ParsedMail[] = [];
  const refusals: number[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        const code = refusals.shift();
        if (code === undefined) got.push(mail);
        done(code === undefined ? null : Object.assign(new Error('not now'), { responseCode: code }));
      }, done);
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    got,
    refusals,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(resolve);
      }),
  };
}
