import { z } from 'zod';
import { billId } from '../../services/bills/bills.ts';
import { exportBill, exportForecast } from '../../services/bills/focus-exports.ts';
import { forecastId } from '../../services/forecasts/forecasts.ts';
import { fileName } from '../file-name.ts';
import { operation } from '../operation.ts';
import { idOf, optionalText } from '../schemas/parameters.ts';

const csv = 'text/csv; charset=utf-8';

/** They stand before the operations whose addresses are shorter: `{id}.csv` would take `{id}.focus.csv` for its own. */
export const focusExportOperations = [
  operation({
    id: 'exportForecastAsFocus',
    method: 'get',
    path: '/v1/forecasts/{id}.focus.csv',
    tag: 'Forecasts',
    summary: 'Read the base case of a forecast in the words of FOCUS 1.2, tokens as quantities',
    description:
      'A line a month for each thing that is paid for; `x_Forecast` and `x_Tier` say whose expectation it is.',
    scope: 'read',
    rate: 'compute',
    params: idOf(forecastId, 'forecast'),
    query: z.strictObject({ tiers: optionalText('Only these tiers, apart by commas') }),
    answers: { 200: { description: 'FOCUS as CSV', mediaType: csv, headers: ['Content-Disposition'] } },
    refusals: ['not-found', 'engine-changed', 'too-expensive', 'too-many-jobs'],
    handle: async ({ app }, { params: { id }, query: { tiers }, signal }) => {
      const { name, text } = await exportForecast(app, id, tiers === null ? null : tiers.split(','), signal);
      const headers = { 'Content-Disposition': fileName(`${name} FOCUS`, 'csv') };
      return { status: 200, body: text, mediaType: csv, headers };
    },
  }),
  operation({
    id: 'exportBillAsFocus',
    method: 'get',
    path: '/v1/bills/{id}.focus.csv',
    tag: 'Bills',
    summary: 'Read a bill in the words of FOCUS 1.2',
    description: 'Importing the file again gives the same lines.',
    scope: 'read',
    rate: 'read',
    params: idOf(billId, 'bill'),
    answers: { 200: { description: 'FOCUS as CSV', mediaType: csv, headers: ['Content-Disposition'] } },
    refusals: ['not-found'],
    handle: async ({ app }, { params: { id } }) => {
      const { name, content } = await exportBill(app, id);
      const headers = { 'Content-Disposition': fileName(`${name} FOCUS`, 'csv') };
      return { status: 200, stream: { bytes: null, content }, mediaType: csv, headers };
    },
  }),
];
