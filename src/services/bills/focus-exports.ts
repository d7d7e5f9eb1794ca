import { focusHeader, focusLine, otherColumnsOf } from '../../core/bills/focus-export.ts';
import { forecastAsFocus } from '../../core/bills/forecast-focus.ts';
import type { Forecast } from '../../core/forecast/result.ts';
import { findBill, streamBillLines } from '../../db/bills.ts';
import { findForecast } from '../../db/forecasts.ts';
import type { App } from '../app.ts';
import { refusing } from '../forecasts/calculations.ts';
import { requireSameEngine } from '../forecasts/forecasts.ts';
import { refuseInput, refuseUnknown } from '../refusal.ts';

/** A bill as FOCUS 1.2 CSV, a thousand lines at a time: as long as a bill may be, it is never whole in memory. */
export async function exportBill(app: App, id: string): Promise<{ name: string; content: AsyncIterable<Uint8Array> }> {
  const bill = await findBill(app.db, id);
  if (bill === undefined) throw refuseUnknown('bill', id);
  const names = new Set<string>();
  for await (const { line } of streamBillLines(app.db, id)) for (const name of otherColumnsOf([line])) names.add(name);
  const others = [...names].sort();
  async function* write(): AsyncGenerator<Uint8Array> {
    let text = focusHeader(others);
    let lines = 0;
    for await (const { line } of streamBillLines(app.db, id)) {
      text += focusLine(line, others);
      lines++;
      if (lines % linesAtOnce !== 0) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text);
  }
  return { name: `${bill.provider} ${bill.period}`, content: write() };
}

const linesAtOnce = 1000;

/** The base case of a forecast as FOCUS 1.2 CSV, one line a month for each thing that is paid for. */
export async function exportForecast(
  app: App,
  id: string,
  tiers: readonly string[] | null,
  signal?: AbortSignal,
): Promise<{ name: string; text: string }> {
  const row = await findForecast(app.db, id);
  if (row === undefined) throw refuseUnknown('forecast', id);
  requireSameEngine(row);
  const outcome = await refusing(() => app.compute.forecastLines({ inputs: row.inputs, tiers }, signal));
  if (!outcome.ok) throw refuseInput(outcome.problems);
  const { currency } = JSON.parse(row.result) as Forecast;
  const lines = outcome.months.flatMap(({ tier, month, lines: own }) =>
    own.map((line) => forecastAsFocus(line, { forecast: id, tier, month, currency })),
  );
  const others = otherColumnsOf(lines);
  return { name: row.name, text: focusHeader(others) + lines.map((line) => focusLine(line, others)).join('') };
}
