import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { loadCatalogue } from '../src/compute/catalogue.ts';
import { defaultScenario, timeDefaultForecast } from './default-forecast.ts';
import { timeImports } from './imports.ts';
import { timeReferenceModel } from './reference-model.ts';
import { medianOf, milliseconds, printTable } from './timing.ts';

// Times of one machine mean little on another: read the shares and ratios. Nothing here passes or fails.
const rounds = 7;

console.log(
  `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}; medians of ${rounds} rounds`,
);

if (process.argv[2] === 'imports') {
  // By hand alone: it takes minutes, and two gigabytes of disk. A second argument says how many lines.
  const lines = Number(process.argv[3] ?? 5_000_000);
  printTable(`A bill of ${lines.toLocaleString('en')} lines, read and summed`, await timeImports(lines));
  process.exit();
}

const catalogue = await loadCatalogue();
printTable('The default forecast: 8 tiers × 36 months × 10,000 draws, warm', timeDefaultForecast(catalogue, rounds));

printTable(
  'The reference model: 108 cells × 36 months, 264 random numbers a draw',
  timeReferenceModel([1000, 10_000, 16_384], rounds),
);

const cli = path.join(import.meta.dirname, '../src/cli.ts');
const start = (...given: readonly string[]): unknown =>
  spawnSync(process.execPath, [cli, ...given], { stdio: 'ignore' });
printTable('From a cold start', [
  ['command', 'ms'],
  ['infercast --help', milliseconds(medianOf(3, () => start('--help')))],
  ['infercast forecast, default scenario', milliseconds(medianOf(3, () => start('forecast', defaultScenario)))],
]);
