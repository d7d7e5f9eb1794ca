import type { Operation } from './operation.ts';
import { apiKeyOperations } from './operations/api-keys.ts';
import { billSourceOperations } from './operations/bill-sources.ts';
import { billOperations } from './operations/bills.ts';
import { catalogueOperations } from './operations/catalogues.ts';
import { comparisonOperations } from './operations/comparisons.ts';
import { documentationOperations } from './operations/documentation.ts';
import { focusExportOperations } from './operations/focus-exports.ts';
import { forecastOperations } from './operations/forecasts.ts';
import { healthOperations } from './operations/health.ts';
import { lookOperations } from './operations/looks.ts';
import { noticeOperations } from './operations/notices.ts';
import { runOperations } from './operations/runs.ts';
import { scenarioOperations } from './operations/scenarios.ts';
import { scheduleOperations } from './operations/schedules.ts';
import { webhookOperations } from './operations/webhooks.ts';

/** Everything the API does, in the order its documentation shows it. An address that is not here does not exist. */
export const operations: readonly Operation[] = [
  ...focusExportOperations,
  ...scenarioOperations,
  ...forecastOperations,
  ...scheduleOperations,
  ...lookOperations,
  ...runOperations,
  ...billSourceOperations,
  ...webhookOperations,
  ...noticeOperations,
  ...catalogueOperations,
  ...billOperations,
  ...comparisonOperations,
  ...apiKeyOperations,
  ...healthOperations,
  ...documentationOperations,
];
