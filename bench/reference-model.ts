import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Decimal } from 'decimal.js';
import { bandOf } from '../src/core/forecast/bands.ts';
import { evaluateProgram } from '../src/core/model/evaluate.ts';
import { asUncertain, lowerProgram } from '../src/core/model/lower.ts';
import { createQuantileScratch } from '../src/core/sampling/quantiles.ts';
import { recordTape, runTape } from '../src/core/sampling/tape.ts';
import { keptSeries, linkReferenceModel, rowNamed } from '../test/helpers/reference-model.ts';
import { medianOf, milliseconds } from './timing.ts';

type NumpyTimes = { readonly draw: number; readonly evaluate: number; readonly bands: number };

/** Draw, evaluate and band the reference model, beside NumPy in the same run where there is one. */
export function timeReferenceModel(draws: readonly number[], rounds: number): readonly (readonly string[])[] {
  const program = linkReferenceModel();
  const months = Array.from({ length: program.months }, (_, m) => m + 1);
  const lowered = lowerProgram(program, asUncertain);
  const outputs = keptSeries.flatMap((series) =>
    months.map((month) => lowered.cell(rowNamed(program, series).index, month)),
  );
  const tape = recordTape(lowered.graph(), outputs);
  const numpy = runNumpy(draws, rounds);
  const zero = new Decimal(0);
  const rows = draws.map((count): readonly string[] => {
    const sampling = medianOf(rounds, () => runTape(tape, { draws: count, seed: 1 }));
    const columns = runTape(tape, { draws: count, seed: 1 });
    const scratch = createQuantileScratch(count);
    const bands = medianOf(rounds, () => columns.map((column) => bandOf(column, zero, scratch)));
    const own = [String(count), milliseconds(sampling), milliseconds(bands)];
    const theirs = numpy?.[String(count)];
    if (theirs === undefined) return own;
    const theirSampling = theirs.draw + theirs.evaluate;
    const ratios = [
      theirSampling / sampling,
      theirs.bands / bands,
      (theirSampling + theirs.bands) / (sampling + bands),
    ];
    return [
      ...own,
      milliseconds(theirSampling),
      milliseconds(theirs.bands),
      ...ratios.map((ratio) => `${ratio.toFixed(2)}×`),
    ];
  });
  if (numpy === null) console.log('\npython3 with numpy is not there: the comparison with it is left out.');
  const beside = numpy === null ? [] : ['NumPy: draw + evaluate', 'bands', 'speed against NumPy', 'bands', 'both'];
  return [
    ['draws', 'draw + evaluate, ms', 'bands, ms', ...beside],
    ...rows,
    ['exact base case', milliseconds(medianOf(rounds, () => evaluateProgram(program)))],
    ['formulas to tape', milliseconds(medianOf(rounds, () => lowerProgram(program, asUncertain)))],
  ];
}

function runNumpy(draws: readonly number[], rounds: number): Readonly<Record<string, NumpyTimes>> | null {
  const script = path.join(import.meta.dirname, 'numpy_reference.py');
  const run = spawnSync('python3', [script, String(rounds), ...draws.map(String)], { encoding: 'utf8' });
  return run.status === 0 ? (JSON.parse(run.stdout) as Readonly<Record<string, NumpyTimes>>) : null;
}
