import type { Mail } from '../notify/mail.ts';
import type { App } from './app.ts';
import type { StoredNotice } from './notice-view.ts';

export type NoticeAttachments = {
  readonly attachments: Mail['attachments'];
  /** Why something is not attached, for the mail; null where nothing is missing. */
  readonly remark: string | null;
};

/** What a mail about a notice brings along. */
export async function findAttachments(_app: App, _notice: StoredNotice): Promise<NoticeAttachments> {
  return { attachments: [], remark: null };
}
