import path from 'node:path';
import type { Figure } from '../files/hardware.ts';
import type { MeasuredDevice } from '../files/throughput.ts';
import { loadMeasuredHardware } from '../files/throughput.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

const models = path.join(import.meta.dirname, '../../models');

/** `infercast hardware list`: JSON has every figure with its source and date, or the reason it is unknown. */
export async function runHardwareList({
  format,
  ...options
}: GlobalOptions & { readonly format: Format }): Promise<void> {
  const output = outputOf(options);
  const devices = await loadMeasuredHardware(models);
  if (format === 'json') output.print(JSON.stringify({ data: devices }));
  else if (format === 'csv') output.print(renderTable(figureTable(devices), 'csv', output.terminal));
  else output.print(renderTable(deviceTable(devices), format, output.terminal));
  if (format === 'table')
    output.say('Watts are of one device; prices are street prices in USD. Sources and dates: --format csv or json.');
}

function deviceTable(devices: readonly MeasuredDevice[]): Table {
  const numbers = ['Memory GB', 'GB/s', 'Idle W', 'Load W', 'TDP W'].map((title) => ({
    id: title,
    title,
    align: 'right' as const,
  }));
  return {
    columns: [
      { id: 'id', title: 'Id' },
      { id: 'label', title: 'Device' },
      ...numbers,
      { id: 'price', title: 'Price USD', align: 'right' },
    ],
    rows: devices.map(({ id, label, figures, price_usd: price }) => [
      id,
      label,
      ...[figures.memory_gb, figures.bandwidth_gb_per_s, figures.idle_watts, figures.load_watts, figures.tdp_watts].map(
        valueText,
      ),
      price === null ? '–' : price.low === price.high ? String(price.typical) : `${price.low} – ${price.high}`,
    ]),
  };
}

function figureTable(devices: readonly MeasuredDevice[]): Table {
  const ids = ['id', 'figure', 'value', 'low', 'high', 'source', 'date', 'url', 'confidence', 'reason'];
  const rows = devices.flatMap(({ id, figures, price_usd: price, measured_throughput: measured }) => [
    ...Object.entries(figures).map(([name, figure]) => [id, name, ...figureCells(figure)]),
    price === null
      ? [id, 'price_usd', ...figureCells({ value: null, reason: 'no street price found' })]
      : [id, 'price_usd', ...figureCells({ ...price, value: price.typical })],
    ...measured.map((speed) => [id, speedName(speed), ...speedCells(speed)]),
  ]);
  return { columns: ids.map((id) => ({ id, title: id })), rows };
}

/** `tokens/s generating, 1 × gpt-oss-20b MXFP4, ollama, 1 request at once (short)`: one user's speed and many users' are told apart. */
function speedName({
  metric,
  gpus,
  model,
  precision,
  engine,
  workload,
  requests_at_once: users,
}: MeasuredDevice['measured_throughput'][number]): string {
  const requests = users === undefined ? '' : users === 1 ? ', 1 request at once' : `, ${users} requests at once`;
  return `tokens/s ${metric}, ${gpus} × ${model} ${precision}, ${engine}${requests}${workload ? ` (${workload})` : ''}`;
}

function speedCells({
  tokens_per_s: value,
  source,
  date,
  note = '',
}: MeasuredDevice['measured_throughput'][number]): readonly string[] {
  return [String(value), '', '', source, date, '', '', note];
}

function figureCells(figure: Figure): readonly string[] {
  if (figure.value === null) return ['', '', '', '', '', '', '', figure.reason];
  const { value, low, high, source, date, url, confidence } = figure;
  return [String(value), String(low), String(high), source, date, url ?? '', confidence, ''];
}

function valueText({ value }: Figure): string {
  return value === null ? '–' : String(value);
}
