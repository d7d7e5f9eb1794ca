import type { ScenarioContext } from '../../../src/core/scenario/parse.ts';
import { parseScenario } from '../../../src/core/scenario/parse.ts';
import type { Scenario } from '../../../src/core/scenario/scenario.ts';

export const context: ScenarioContext = {
  today: '2026-11-22',
  tiers: ['local', 'openrouter', 'together', 'fireworks', 'openai', 'anthropic', 'google', 'hybrid'].map((id) => ({
    id,
    label: id === 'local' ? 'Local inference' : id,
    runs_machines: id === 'local' || id === 'hybrid',
  })),
  hardware: {
    gpus: new Map([
      [
        'rtx-4090',
        {
          id: 'rtx-4090',
          label: 'RTX 4090',
          idle_watts: 27.5,
          load_watts: null,
          price_usd: { low: 2000, high: 2755, typical: 2378, source: 'a price list', date: '2026-06' },
        },
      ],
      ['spark', { id: 'spark', label: 'DGX Spark', idle_watts: 5, load_watts: 136, price_usd: null }],
    ]),
  },
};

/** A workload of the smallest shape. */
export const chat = {
  id: 'chat',
  requests_per_month: 1000,
  input_tokens: 1200,
  output_tokens: 300,
  model: { openai: 'm' },
};

export const box = {
  id: 'box',
  gpu: 'rtx-4090',
  gpu_price: 2000,
  idle_watts: 60,
  load_watts: 500,
  throughput: { total_tokens_per_s: 900 },
};

/** The smallest scenario that parses, with parts of its own. */
export function scenarioWith(parts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { name: 'Example', workloads: [chat], ...parts };
}

/** The smallest scenario with machines. */
export function withMachines(parts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return scenarioWith({ local: { machines: [box] }, energy: { price_per_kwh: 0.2 }, ...parts });
}

export function withWorkload(parts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return scenarioWith({ workloads: [{ ...chat, ...parts }] });
}

export function withBox(parts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return withMachines({ local: { machines: [{ ...box, ...parts }] } });
}

export function parsed(input: unknown): Scenario {
  const reading = parseScenario(input, context);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems, null, 1));
  return reading.scenario;
}

/** `pointer code` of each problem, in the order they were reported. */
export function problemsOf(input: unknown): readonly string[] {
  const reading = parseScenario(input, context);
  return reading.ok ? [] : reading.problems.map(({ pointer, code }) => `${pointer} ${code}`);
}

export function warningsOf(input: unknown): readonly string[] {
  const reading = parseScenario(input, context);
  return reading.ok ? reading.warnings.map(({ pointer, code }) => `${pointer} ${code}`) : ['does not parse'];
}
