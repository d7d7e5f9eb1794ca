import { loadConfig } from '../config.ts';
import type { BillSummary, BillView } from '../services/bills/bills.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { ServiceClient } from './service.ts';
import { connectService, serviceUrl } from './service.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

export type BillsOptions = GlobalOptions & {
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

/** `infercast bills list` */
export async function runBillsList(
  options: BillsOptions & { readonly provider?: string; readonly period?: string; readonly status?: string },
): Promise<void> {
  const { call } = await connect(options);
  const { provider, period, status } = options;
  const filter = { ...(provider && { provider }), ...(period && { period }), ...(status && { status }) };
  const bills: BillSummary[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: '200', ...filter, ...(cursor !== null && { cursor }) });
    const page = (await call('GET', `/v1/bills?${query}`)) as { data: BillSummary[]; next_cursor: string | null };
    bills.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify({ data: bills }));
  else output.print(renderTable(billTable(bills), options.format, output.terminal));
}

/** `infercast bills show ID` */
export async function runBillsShow(id: string, options: BillsOptions): Promise<void> {
  const { call } = await connect(options);
  tell((await call('GET', `/v1/bills/${encodeURIComponent(id)}`)) as BillView, options);
}

/** `infercast bills lock ID` */
export async function runBillsLock(
  id: string,
  options: BillsOptions & { readonly payable?: string; readonly reason?: string; readonly acceptDifference?: boolean },
): Promise<void> {
  const { call } = await connect(options);
  const { payable, reason, acceptDifference } = options;
  const bill = (await call('POST', `/v1/bills/${encodeURIComponent(id)}/lock`, {
    ...(payable !== undefined && { payable }),
    ...(reason !== undefined && { reason }),
    ...(acceptDifference === true && { accept_difference: true }),
  })) as BillView;
  tell(bill, options);
}

/** `infercast bills reverse ID` */
export async function runBillsReverse(id: string, options: BillsOptions & { readonly reason: string }): Promise<void> {
  const { call } = await connect(options);
  const { reason } = options;
  tell((await call('POST', `/v1/bills/${encodeURIComponent(id)}/reverse`, { reason })) as BillView, options);
}

function connect({ server, keyFile }: BillsOptions): Promise<ServiceClient> {
  return connectService(server ?? serviceUrl(loadConfig()), keyFile ?? null);
}

function tell(bill: BillView, options: BillsOptions): void {
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify(bill));
  else output.print(renderTable(figureTable(bill), options.format, output.terminal));
  if (bill.status !== 'reversed') return;
  const by = bill.events.find(({ event }) => event === 'reversed')?.replaced_by ?? null;
  output.say(by === null ? 'It is reversed and counts no longer.' : `It is reversed; ${by} counts instead.`);
}

function billTable(bills: readonly BillSummary[]): Table {
  return {
    columns: [
      { id: 'id', title: 'Bill' },
      { id: 'provider', title: 'Provider' },
      { id: 'account', title: 'Account' },
      { id: 'period', title: 'Month' },
      { id: 'status', title: 'Status' },
      { id: 'kind', title: 'Kind' },
      { id: 'lines', title: 'Lines', align: 'right' },
      { id: 'billed', title: 'Billed', align: 'right' },
      { id: 'currency', title: 'Currency' },
      { id: 'balance', title: 'Invoice' },
    ],
    rows: bills.map(({ id, provider, account, period, status, kind, lines, billed, currency, balance, counts }) => [
      id,
      provider,
      account === '' ? '–' : account,
      period,
      counts || status === 'reversed' ? status : `${status}, not counted`,
      kind,
      String(lines),
      billed,
      currency,
      balance,
    ]),
  };
}

function figureTable(bill: BillView): Table {
  const { provider, account, period, status, currency, lines, billed, effective, balance, file } = bill;
  const sums = Object.entries(bill.categories).map(([category, sum]) => [`  ${category}`, `${sum} ${currency}`]);
  const invoices = bill.invoices
    .filter(({ payable }) => payable !== null)
    .map(({ invoice_id, payable, difference }) => [
      `Invoice ${invoice_id ?? period}`,
      `payable ${payable}, difference ${difference}`,
    ]);
  return {
    columns: [
      { id: 'what', title: 'What' },
      { id: 'value', title: 'Value' },
    ],
    rows: [
      ['Bill', bill.id],
      ['Provider', provider],
      ['Account', account === '' ? '–' : account],
      ['Month', period],
      ['Status', status],
      ['Lines', String(lines)],
      ['Billed', `${billed} ${currency}`],
      ...sums,
      ['Effective', `${effective} ${currency}`],
      ['Invoice', balance],
      ...invoices,
      ...(bill.payable === null ? [] : [['Payable', `${bill.payable}, difference ${bill.difference}`]]),
      ['File', file.name],
      ['Digest', file.digest],
    ],
  };
}
