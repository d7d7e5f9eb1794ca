import type { NoticeDetails, ToldNotice } from '../services/notices/told-notices.ts';
import { outputOf } from './output.ts';
import type { ServiceOptions } from './service-command.ts';
import { connect, show } from './service-command.ts';
import type { Table } from './table.ts';

export type NoticesListOptions = ServiceOptions & {
  readonly type?: string;
  readonly schedule?: string;
  readonly limit: string;
};

/** `infercast notices list` */
export async function runNoticesList({ type, schedule, limit, ...options }: NoticesListOptions): Promise<void> {
  const { call } = await connect(options);
  const query = new URLSearchParams({
    limit,
    ...(type !== undefined && { type }),
    ...(schedule !== undefined && { schedule }),
  });
  const { data, has_more } = (await call('GET', `/v1/notices?${query}`)) as {
    readonly data: readonly ToldNotice[];
    readonly has_more: boolean;
  };
  show(options, { data }, noticeTable(data));
  if (data.length === 0) outputOf(options).say('Nothing of this was told yet.');
  if (has_more) outputOf(options).say(`There are more: --limit says how many are shown, 200 at most.`);
}

/** `infercast notices show ID` */
export async function runNoticesShow(id: string, options: ServiceOptions): Promise<void> {
  const { call } = await connect(options);
  const notice = (await call('GET', `/v1/notices/${encodeURIComponent(id)}`)) as NoticeDetails;
  const output = outputOf(options);
  output.say(`${notice.type}, ${timeText(notice.created_at)} UTC: ${notice.headline}`);
  show(options, notice, deliveryTable(notice));
  if (notice.deliveries.length === 0) output.say('Nobody was to be told: no webhook wanted it, and it was not mailed.');
}

function noticeTable(notices: readonly ToldNotice[]): Table {
  return {
    columns: [
      { id: 'at', title: 'UTC' },
      { id: 'type', title: 'Type' },
      { id: 'headline', title: 'Says' },
      { id: 'delivered', title: 'Delivered', align: 'right' },
      { id: 'id', title: 'Id' },
    ],
    rows: notices.map(({ created_at, type, headline, receivers, id }) => {
      const { delivered, waiting, failed } = receivers;
      const all = delivered + waiting + failed;
      return [timeText(created_at), type, headline, all === 0 ? 'to nobody' : `${delivered} of ${all}`, id];
    }),
  };
}

function deliveryTable({ deliveries }: NoticeDetails): Table {
  return {
    columns: [
      { id: 'to', title: 'To' },
      { id: 'state', title: 'State' },
      { id: 'attempts', title: 'Attempts', align: 'right' },
      { id: 'last', title: 'Last, UTC' },
      { id: 'next', title: 'Next, UTC' },
      { id: 'reason', title: 'Why not' },
    ],
    rows: deliveries.map(({ webhook, state, attempts, next_at }) => {
      const last = attempts.at(-1);
      return [
        webhook?.name ?? 'mail',
        state,
        String(attempts.length),
        last === undefined ? '' : timeText(last.at),
        next_at === null ? '' : timeText(next_at),
        last?.reason ?? '',
      ];
    }),
  };
}

/** To the second, as it sorts. */
function timeText(instant: string): string {
  return instant.slice(0, 19).replace('T', ' ');
}
