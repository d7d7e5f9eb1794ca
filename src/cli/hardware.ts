import path from 'node:path';
import type { Figure, HardwareDevice } from '../files/hardware.ts';
import { loadHardware } from '../files/hardware.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

const file = path.join(import.meta.dirname, '../../models/hardware.yaml');

/** `infercast hardware list`: JSON has every figure with its source and date, or the reason it is unknown. */
export async function runHardwareList({
  format,
  ...options
}: GlobalOptions & { readonly format: Format }): Promise<void> {
  const output = outputOf(options);
  const { devices } = await loadHardware(file);
  if (format === 'json') output.print(JSON.stringify({ data: devices }));
  else if (format === 'csv') output.print(renderTable(figureTable(devices), 'csv', output.terminal));
  else output.print(renderTable(deviceTable(devices), format, output.terminal));
  if (format === 'table')
    output.say('Watts are of one device; prices are street prices in USD. Sources and dates: --format csv or json.');
}

function deviceTable(devices: readonly HardwareDevice[]): Table {
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

function figureTable(devices: readonly HardwareDevice[]): Table {
  const ids = ['id', 'figure', 'value', 'low', 'high', 'source', 'date', 'url', 'confidence', 'reason'];
  const rows = devices.flatMap(({ id, figures, price_usd: price }) => [
    ...Object.entries(figures).map(([name, figure]) => [id, name, ...figureCells(figure)]),
    price === null
      ? [id, 'price_usd', ...figureCells({ value: null, reason: 'no street price found' })]
      : [id, 'price_usd', ...figureCells({ ...price, value: price.typical })],
  ]);
  return { columns: ids.map((id) => ({ id, title: id })), rows };
}

function figureCells(figure: Figure): readonly string[] {
  if (figure.value === null) return ['', '', '', '', '', '', '', figure.reason];
  const { value, low, high, source, date, url, confidence } = figure;
  return [String(value), String(low), String(high), source, date, url ?? '', confidence, ''];
}

function valueText({ value }: Figure): string {
  return value === null ? '–' : String(value);
}
