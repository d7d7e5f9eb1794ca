import type { NoticeView } from './notice-view.ts';

const mostHeader = 150;
const mostText = 2_900;
const mostFields = 10;

/**
 * A notice as Slack's incoming webhooks take it, and what speaks like them: `text` for those that show no blocks, then at
 * most five blocks (https://docs.slack.dev/reference/block-kit/blocks).
 */
export function slackBody({ headline, paragraphs, figures, list, links }: NoticeView): string {
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, mostText) } });
  const blocks = [
    { type: 'header', text: { type: 'plain_text', text: cut(headline, mostHeader), emoji: false } },
    ...(paragraphs.length === 0 ? [] : [section(paragraphs.map(escapeMark).join('\n'))]),
    ...(figures.length === 0
      ? []
      : [
          {
            type: 'section',
            fields: figures.slice(0, mostFields).map(({ label, value }) => ({
              type: 'mrkdwn',
              text: `*${escapeMark(label)}*\n${escapeMark(value)}`,
            })),
          },
        ]),
    ...(list === null
      ? []
      : [section(list.rows.map(({ label, value }) => `• ${escapeMark(label)}: ${escapeMark(value)}`).join('\n'))]),
    ...(links.length === 0
      ? []
      : [
          {
            type: 'actions',
            elements: links.map(({ label, url }) => ({
              type: 'button',
              text: { type: 'plain_text', text: label, emoji: false },
              url,
            })),
          },
        ]),
  ];
  return JSON.stringify({ text: escapeMark(headline), blocks });
}

/** Slack reads `<!channel>` and links between these; escaped they are only characters. */
function escapeMark(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
