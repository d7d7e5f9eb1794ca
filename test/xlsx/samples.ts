import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { calculateForecast, layOutForecast } from '../../src/compute/calculate.ts';
import { loadCatalogue } from '../../src/compute/catalogue.ts';
import type { Forecast } from '../../src/core/forecast/result.ts';
import type { LaidOut } from '../../src/core/workbook/layout.ts';
import { writeXlsx } from '../../src/xlsx/write.ts';

export type SampleWorkbook = LaidOut & {
  readonly name: string;
  readonly forecast: Forecast;
  readonly bytes: Uint8Array;
  readonly task: { readonly inputs: string; readonly body: string };
};

const folder = join(import.meta.dirname, '../../models/scenarios');
const draws = 500;

export const sampleNames: readonly string[] = readdirSync(folder).map((file) => file.replace('.yaml', ''));

/** A sample scenario's forecast of few draws, laid out and written. */
export async function writeSample(name: string): Promise<SampleWorkbook> {
  const scenario = parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')) as Record<string, unknown>;
  return writeScenario(name, { ...scenario, sampling: { draws, seed: 42 } });
}

/** The same for a scenario as it is sent. */
export async function writeScenario(name: string, scenario: unknown): Promise<SampleWorkbook> {
  const catalogue = await loadCatalogue();
  const outcome = calculateForecast({ scenario, today: '2026-11-22' }, catalogue);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const task = { inputs: outcome.inputs, body: outcome.body };
  const laidOut = await layOutForecast(task, catalogue);
  const bytes = await writeXlsx(laidOut.workbook);
  return { ...laidOut, name, forecast: JSON.parse(outcome.body) as Forecast, bytes, task };
}
