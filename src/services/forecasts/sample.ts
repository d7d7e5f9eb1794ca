import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findForecast } from '../../db/forecasts.ts';
import { findScenario, hasAnyScenario } from '../../db/scenarios.ts';
import type { App } from '../app.ts';
import { createForecast } from './forecasts.ts';
import { parseYamlText } from './scenario-text.ts';
import { createScenario } from './scenarios.ts';

const sampleFile = join(import.meta.dirname, '../../../models/scenarios/support-assistant.yaml');

/** Fixed, so that a start that was cut short goes on where it stopped; they sort before every id that is drawn. */
export const sampleScenarioId = 'sc_00sample';
export const sampleForecastId = 'fc_00sample';

/** On a database that never held a scenario: stores the sample and forecasts it, so that the page has something to show. */
export async function storeSampleOnce(app: App): Promise<void> {
  if (!(await hasAnyScenario(app.db)))
    await createScenario(app, sampleScenarioId, parseYamlText(readFileSync(sampleFile, 'utf8')));
  const sample = await findScenario(app.db, sampleScenarioId);
  if (sample?.version !== 1 || (await findForecast(app.db, sampleForecastId)) !== undefined) return;
  await createForecast(app, sampleForecastId, { scenario_id: sampleScenarioId });
}
