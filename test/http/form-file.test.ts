import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openFormFile } from '../../src/http/form-file.ts';
import type { UploadedFile } from '../../src/services/bills/bill-request.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A body as it came, in a folder of its own. */
function layDown(body: Uint8Array): UploadedFile {
  const folder = mkdtempSync(join(tmpdir(), 'infercast-test-'));
  folders.push(folder);
  const path = join(folder, 'file');
  writeFileSync(path, body);
  return { folder, path, bytes: body.byteLength, sha256: '', mediaType: 'multipart/form-data' };
}

/** What a browser would send; encoded by Node, not by us. */
async function formOf(
  content: Uint8Array,
  name = 'bill.csv',
  texts: Record<string, string> = {},
): Promise<UploadedFile> {
  const form = new FormData();
  for (const [field, text] of Object.entries(texts)) form.set(field, text);
  form.set('file', new Blob([new Uint8Array(content)]), name);
  return layDown(new Uint8Array(await new Response(form).arrayBuffer()));
}

describe('a form with a file', () => {
  test('gives its texts, and the file byte by byte under its own digest, in place of the whole', async () => {
    const content = Buffer.from('a,b\r\n1,"ö"\r\n');
    const sent = await formOf(content, 'July "final".csv', { overlap: 'add', account: ' Zürich\r\nNord ' });
    const { fields, fileName, file } = await openFormFile(sent);
    expect([...fields]).toEqual([
      ['overlap', 'add'],
      ['account', ' Zürich\r\nNord '],
    ]);
    expect(fileName).toBe('July "final".csv');
    expect(readFileSync(file.path)).toEqual(content);
    expect(file).toMatchObject({
      bytes: content.byteLength,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    expect(readdirSync(file.folder)).toHaveLength(1);
  });

  // What is read at once is 65,536 bytes: the end of the file lies before, on and after such a border.
  test.each([0, 1, 2, 65_000, 65_300, 65_400, 65_460, 65_500, 65_536, 131_072, 200_001])(
    'of %d bytes that look like its own borders is read whole',
    async (bytes) => {
      const content = Buffer.alloc(bytes, '\r\n--\r\n-----form');
      const { file } = await openFormFile(await formOf(content));
      expect(readFileSync(file.path).equals(content)).toBe(true);
    },
  );

  test('drops the folders of a name, and what nobody can see in it', async () => {
    expect((await openFormFile(await formOf(Buffer.from('x'), 'C:\\bills\\..\\may\u202e.csv'))).fileName).toBe(
      'may.csv',
    );
  });

  const part = (head: string, content: string): string =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  test.each([
    ['nothing', '', 'it does not begin with a part'],
    ['no form', 'a,b\n1,2\n', 'it does not begin with a part'],
    ['no file', `${part('name="a"', 'x')}--b--\r\n`, 'it has no file'],
    ['a part without a name', `${part('filename="a"', 'x')}--b--\r\n`, 'a part of it has no name'],
    ['an end in the middle', part('name="file"; filename="a"', 'x'), 'it breaks off'],
    [
      'a text after its file',
      `${part('name="file"; filename="a"', 'x')}${part('name="a"', 'y')}--b--\r\n`,
      'something comes after',
    ],
    ['a text without end', part('name="a"', 'x'.repeat(70_000)), 'its texts are too long'],
  ])('with %s is refused', async (_what, body, why) => {
    await expect(openFormFile(layDown(Buffer.from(body)))).rejects.toThrow(why);
  });
});
