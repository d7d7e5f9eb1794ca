import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Forecast } from '../../src/core/forecast/result.ts';
import type { TestService } from '../helpers/app.ts';

/** The sample scenario, shorter and with fewer draws; Google has no model, and the name is one to escape. */
export function pageScenario(): Record<string, unknown> {
  const scenario = parse(readFileSync('models/scenarios/support-assistant.yaml', 'utf8')) as {
    workloads: { model: Record<string, string> }[];
  };
  const { google: _google, ...model } = scenario.workloads[0]?.model ?? {};
  return {
    ...scenario,
    name: 'Assistant <b>"A" & B</b>',
    months: 12,
    workloads: [{ ...scenario.workloads[0], model }],
    sampling: { draws: 500, seed: 42 },
  };
}

/** Stores a forecast of a scenario, and gives it as the service does. */
export async function store(
  service: TestService,
  scenario: Record<string, unknown>,
): Promise<Forecast & { id: string }> {
  const response = await service.fetch('/v1/forecasts', { json: { scenario } });
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json()) as Forecast & { id: string };
}
