import { calibrationOnSeries } from './calibration.ts';
import { printCoverage, printVerdicts } from './coverage.ts';
import { printFindings } from './findings.ts';
import { printNowcasts } from './nowcasts.ts';
import { neededStability, pointForecasts, workedTiers } from './worked-tiers.ts';

/**
 * Computes the figures that the statistics rest on from the code as shipped and prints them beside the stated ones. Exits
 * with 1 where one is further away than chance explains, or a promise is not kept. `-- --quick` takes a tenth of the series.
 */
const scale = process.argv.includes('--quick') ? 0.1 : 1;
const started = performance.now();
const apart = [
  printFindings('How steady usage has to be', neededStability()),
  printFindings('The point forecast, with spikes of 2 to 10 times the month', pointForecasts()),
  printFindings('Worked tiers, 1,500 Mtok a month', workedTiers()),
  printFindings('Calibration by bills, on generated series', calibrationOnSeries()),
  printCoverage(Math.round(100 * scale)),
  printVerdicts(Math.round(60 * scale)),
].reduce((sum, count) => sum + count, 0);
printNowcasts(Math.round(200 * scale));
console.log(
  `\n${apart === 0 ? 'Everything agrees' : `${apart} figures or promises do not hold`}, after ${Math.round((performance.now() - started) / 1000)} s.`,
);
process.exitCode = apart === 0 ? 0 : 1;
