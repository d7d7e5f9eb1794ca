import path from 'node:path';
import type { ComparisonReport } from '../core/workbook/comparison/comparison-report.ts';
import { parseComparisonReport } from '../core/workbook/comparison/comparison-report.ts';
import type { Report } from '../core/workbook/report.ts';
import { parseReport } from '../core/workbook/report.ts';
import { readYamlFile } from './data-file.ts';

const reportsFolder = path.join(import.meta.dirname, '../../reports');

/** The layout of a forecast's workbook. Throws InvalidInput with every problem of the file. */
export async function loadForecastReport(folder = reportsFolder): Promise<Report> {
  return parseReport(await readYamlFile(path.join(folder, 'forecast.yaml')));
}

/** The layout of a comparison's workbook. Throws InvalidInput with every problem of the file. */
export async function loadComparisonReport(folder = reportsFolder): Promise<ComparisonReport> {
  return parseComparisonReport(await readYamlFile(path.join(folder, 'comparison.yaml')));
}
