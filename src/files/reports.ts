import path from 'node:path';
import type { Report } from '../core/workbook/report.ts';
import { parseReport } from '../core/workbook/report.ts';
import { readYamlFile } from './data-file.ts';

const reportsFolder = path.join(import.meta.dirname, '../../reports');

/** The layout of a forecast's workbook. Throws InvalidInput with every problem of the file. */
export async function loadForecastReport(folder = reportsFolder): Promise<Report> {
  return parseReport(await readYamlFile(path.join(folder, 'forecast.yaml')));
}
