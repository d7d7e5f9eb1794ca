import type { Mail } from '../notify/mail.ts';
import type { App } from './app.ts';
import { getComparisonWorkbook } from './comparisons.ts';
import type { StoredNotice } from './notice-view.ts';

export type NoticeAttachments = {
  readonly attachments: Mail['attachments'];
  /** Why something is not attached, for the mail; null where nothing is missing. */
  readonly remark: string | null;
};

const mostBytes = 5_000_000;
const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** What a mail about a notice brings along: the workbook of a comparison, unless it is too large for a mailbox. */
export async function findAttachments(app: App, { data }: StoredNotice): Promise<NoticeAttachments> {
  if (typeof data.comparison !== 'string') return { attachments: [], remark: null };
  const { name, bytes } = await getComparisonWorkbook(app, data.comparison);
  if (bytes.byteLength > mostBytes) {
    return { attachments: [], remark: 'The workbook is too large for a mail; the link leads to it.' };
  }
  return { attachments: [{ name: `${name}.xlsx`, bytes, type }], remark: null };
}
