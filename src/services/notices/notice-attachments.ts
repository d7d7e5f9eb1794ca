import type { Mail } from '../../notify/mail.ts';
import type { App } from '../app.ts';
import { getComparisonWorkbook } from '../bills/comparisons.ts';
import type { StoredNotice } from './notice-view.ts';

export type NoticeAttachments = {
  readonly attachments: Mail['attachments'];
  /** Why something is not attached, for the mail; null where nothing is missing. */
  readonly remark: string | null;
};

const mostBytes = 5_000_000;
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** What a mail about a notice brings along: of a comparison its workbook, where that is not too large for a mailbox. */
export async function findAttachments(app: App, { type, data }: StoredNotice): Promise<NoticeAttachments> {
  if (type !== 'comparison.completed' || typeof data.comparison !== 'string') return { attachments: [], remark: null };
  const { name, bytes } = await getComparisonWorkbook(app, data.comparison);
  if (bytes.byteLength > mostBytes) {
    return { attachments: [], remark: `The workbook is too large for a mail: read it at ${String(data.xlsx_url)}.` };
  }
  const plain = name.replaceAll(/[\p{C}\s/\\:*?"<>|]+/gu, ' ').slice(0, 100);
  return { attachments: [{ name: `${plain}.xlsx`, bytes, type: xlsx }], remark: null };
}
