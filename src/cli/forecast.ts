import { writeFile } from 'node:fs/promises';
import { calculateForecast, writeWorkbook } from '../compute/calculate.ts';
import type { LoadedCatalogue } from '../compute/catalogue.ts';
import { loadCatalogue } from '../compute/catalogue.ts';
import type { ForecastOutcome } from '../compute/tasks.ts';
import type { Forecast } from '../core/forecast/result.ts';
import type { Problem } from '../core/problem.ts';
import { forecastCsv } from '../services/forecasts/forecast-csv.ts';
import { CommandFailed, exitCodes } from './exit.ts';
import { renderForecast } from './forecast-table.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { ScenarioChanges, ScenarioFile } from './scenario-file.ts';
import { describeProblems, readScenarioFile } from './scenario-file.ts';
import { loadCalculationSettings } from './settings.ts';

/** The options of every command that reads a scenario. */
export type ScenarioOptions = GlobalOptions & {
  readonly set?: readonly string[];
  readonly draws?: string;
  readonly seed?: string;
  readonly asOf?: string;
};

export type ForecastOptions = ScenarioOptions & {
  readonly format: Format;
  readonly xlsx?: string;
  readonly lines?: string;
};

export type CalculatedFile = {
  readonly file: ScenarioFile;
  readonly forecast: Forecast;
  readonly outcome: Extract<ForecastOutcome, { ok: true }>;
  readonly catalogue: LoadedCatalogue;
};

/** `infercast forecast FILE`: in this process, without database and network. */
export async function runForecast(path: string, options: ForecastOptions): Promise<void> {
  const output = outputOf(options);
  const { forecast, outcome, catalogue, file } = await calculateFile(path, options);
  if (options.xlsx !== undefined) await writeWorkbookFile(options.xlsx, outcome, catalogue);
  switch (options.format) {
    case 'json':
      output.print(outcome.body);
      break;
    case 'csv':
      output.print(forecastCsv(forecast));
      break;
    default: {
      const machines = new Set(
        [...catalogue.tiers.values()]
          .filter((tier) => tier.runs_machines || tier.cost_model === 'composition')
          .map(({ id }) => id),
      );
      const place = (pointer: string): string => file.placeOf(pointer);
      output.print(
        renderForecast(forecast, {
          format: options.format,
          terminal: output.terminal,
          machines,
          place,
          lines: options.lines ?? null,
        }),
      );
    }
  }
  if (options.xlsx !== undefined) output.say(`Wrote ${options.xlsx}.`);
  if (usesPriceBook(forecast, catalogue)) output.say(shippedBookOnly);
}

const shippedBookOnly =
  'Prices are those shipped with infercast: what a running service has learned since is not in this forecast.';

function usesPriceBook({ tiers }: Forecast, catalogue: LoadedCatalogue): boolean {
  return tiers.some(({ id }) => catalogue.tiers.get(id)?.runs_machines === false);
}

/** Throws CommandFailed with every problem, each at its place. */
export async function calculateFile(
  path: string,
  options: ScenarioOptions & { readonly tolerance?: string },
): Promise<CalculatedFile> {
  const settings = loadCalculationSettings();
  const [file, catalogue] = await Promise.all([
    readScenarioFile(path, changesOf(options, settings.currency)),
    loadCatalogue(),
  ]);
  const outcome = calculateForecast({ scenario: file.scenario, today: settings.today }, catalogue);
  if (!outcome.ok) throw refuseScenario(outcome.problems, file);
  return { file, forecast: JSON.parse(outcome.body) as Forecast, outcome, catalogue };
}

export function changesOf(
  options: ScenarioOptions & { readonly tolerance?: string },
  currency: string,
): ScenarioChanges {
  const { set = [], draws, seed, asOf, tolerance } = options;
  return {
    given: set,
    currency,
    ...(draws !== undefined && { draws }),
    ...(seed !== undefined && { seed }),
    ...(asOf !== undefined && { asOf }),
    ...(tolerance !== undefined && { tolerance }),
  };
}

export function refuseScenario(problems: readonly Problem[], file: ScenarioFile): CommandFailed {
  const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  return new CommandFailed(exitCodes.badUsage, [
    ...describeProblems(problems, file),
    `${count}; nothing was calculated.`,
  ]);
}

async function writeWorkbookFile(
  path: string,
  { inputs, body }: Extract<ForecastOutcome, { ok: true }>,
  catalogue: LoadedCatalogue,
): Promise<void> {
  const bytes = await writeWorkbook({ inputs, body }, catalogue);
  try {
    await writeFile(path, bytes);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new CommandFailed(
      exitCodes.failed,
      [`${path} cannot be written (${code}): choose a place that exists and may be written.`],
      { cause },
    );
  }
}
