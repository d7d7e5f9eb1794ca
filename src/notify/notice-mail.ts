import { join } from 'node:path';
import { Eta } from 'eta';
import type { NoticeView } from './notice-view.ts';

const templates = new Eta({ views: join(import.meta.dirname, '../../reports/notices'), cache: true });

const because = 'infercast sends this because MAIL_TO of its settings names this address.';

/** A notice as a mail: the text is whole on its own, the HTML says the same. */
export function renderNoticeMail(view: NoticeView): { readonly text: string; readonly html: string } {
  const width = Math.max(20, ...(view.list?.rows ?? []).map(({ label }) => label.length)) + 2;
  const text = templates.render('./text', { ...view, because, width });
  return {
    text: `${text.replaceAll(/\n{3,}/g, '\n\n').trim()}\n`,
    html: templates.render('./mail', { ...view, because }),
  };
}
