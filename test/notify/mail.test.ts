import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ParsedMail } from 'mailparser';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { Mail } from '../../src/notify/mail.ts';
import { MailFailed, sendMail } from '../../src/notify/mail.ts';

let server: SMTPServer;
let url: string;
let got: ParsedMail[];
let refusal: number | null;

beforeAll(async () => {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        got.push(mail);
        done(refusal === null ? null : Object.assign(new Error('no room for <you>'), { responseCode: refusal }));
      }, done);
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  got = [];
  refusal = null;
});
afterAll(async () => {
  await new Promise<void>((resolve) => {
    server.close(resolve);
  });
});

const mail: Mail = {
  from: 'infercast <bills@example.com>',
  to: ['controller@example.com'],
  subject: '[infercast] Nov 2026: €1,281.40\r\nBcc: everyone@example.com',
  text: 'Actual 1,281.40',
  html: '<p>Actual 1,281.40</p>',
  messageId: 'run_1@infercast',
  attachments: [{ name: 'November.xlsx', bytes: new Uint8Array([80, 75, 3, 4]), type: 'application/octet-stream' }],
  unsubscribeUrl: 'https://infercast.example.com/settings',
};

describe('a mail', () => {
  test('arrives with both texts, its workbook and its own id', async () => {
    await sendMail(url, mail);
    const [sent] = got;
    expect([sent?.text?.trim(), sent?.messageId]).toEqual(['Actual 1,281.40', '<run_1@infercast>']);
    expect(sent?.html).toBe('<p>Actual 1,281.40</p>');
    expect(sent?.attachments.map(({ filename, content }) => [filename, [...content]])).toEqual([
      ['November.xlsx', [80, 75, 3, 4]],
    ]);
  });

  test('keeps a title with line ends in one header', async () => {
    await sendMail(url, mail);
    expect([got[0]?.subject, got[0]?.bcc]).toEqual([
      '[infercast] Nov 2026: €1,281.40 Bcc: everyone@example.com',
      undefined,
    ]);
  });

  test.each([
    [550, true],
    [451, false],
  ])('refused with %i is final: %s', async (code, isFinal) => {
    refusal = code;
    const error: unknown = await sendMail(url, mail).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(MailFailed);
    expect((error as MailFailed).isFinal).toBe(isFinal);
    expect((error as MailFailed).message).toBe(`The mail server refused the mail with code ${code}.`);
  });

  test('to a server that is not there may be tried again', async () => {
    const error: unknown = await sendMail('smtp://127.0.0.1:9', mail).catch((cause: unknown) => cause);
    expect((error as MailFailed).isFinal).toBe(false);
  });
});
