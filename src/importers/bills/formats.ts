import { anthropicConsoleCost } from './anthropic-console-cost.ts';
import { anthropicConsoleUsage } from './anthropic-console-usage.ts';
import { anthropicCostReport } from './anthropic-cost-report.ts';
import { anthropicUsageReport } from './anthropic-usage-report.ts';
import type { BillFormat } from './bill-format.ts';
import { creditPurchases } from './credit-purchases.ts';
import { electricityBill } from './electricity-bill.ts';
import { fireworksMetrics } from './fireworks-metrics.ts';
import { focus } from './focus.ts';
import { googleCloudBilling } from './google-cloud-billing.ts';
import { liteLlmSpend } from './litellm-spend.ts';
import { meterReadings } from './meter-readings.ts';
import { openAiCosts } from './openai-costs.ts';
import { openAiUsage } from './openai-usage.ts';
import { openRouterActivity } from './openrouter-activity.ts';
import { openRouterGenerations } from './openrouter-generations.ts';
import { timesheet } from './timesheet.ts';
import { togetherUsage } from './together-usage.ts';

/** Every format that is known by its columns. No file may be two of them: the columns that one needs, no other has. */
export const BILL_FORMATS: readonly BillFormat[] = [
  focus,
  openAiCosts,
  openAiUsage,
  anthropicCostReport,
  anthropicUsageReport,
  anthropicConsoleCost,
  anthropicConsoleUsage,
  openRouterActivity,
  openRouterGenerations,
  googleCloudBilling,
  togetherUsage,
  fireworksMetrics,
  liteLlmSpend,
  creditPurchases,
  electricityBill,
  meterReadings,
  timesheet,
];
