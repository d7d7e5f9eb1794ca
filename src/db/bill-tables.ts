import type { BillLineText } from '../core/bills/bill-line-text.ts';
import type { Defaulted, Instant, Json } from './column-types.ts';

export type BillFilesTable = {
  workspace_id: Defaulted<string>;
  id: string;
  sha256: string;
  file_name: string;
  media_type: string;
  bytes: string;
  created_at: Instant;
};

export type BillFileChunksTable = { workspace_id: Defaulted<string>; file_id: string; place: number; content: Buffer };

export type WaitingFilesTable = {
  workspace_id: Defaulted<string>;
  run_id: string;
  sha256: string;
  media_type: string;
  bytes: string;
  created_at: Instant;
};

export type WaitingFileChunksTable = {
  workspace_id: Defaulted<string>;
  run_id: string;
  place: number;
  content: Buffer;
};

/** Sums are text, as all money. */
export type BillsTable = {
  workspace_id: Defaulted<string>;
  id: string;
  file_id: string;
  kind: 'billed' | 'usage';
  provider: string;
  account: string;
  period: string;
  currency: string;
  content_sha256: string;
  reading: Json;
  lines: number;
  billed: string;
  effective: string;
  categories: Json;
  invoices: Json;
  balance: 'balanced' | 'unbalanced' | 'not-stated';
  models: Json;
  created_at: Instant;
};

export type BillEventsTable = {
  workspace_id: Defaulted<string>;
  bill_id: string;
  event: 'locked' | 'reversed';
  reason: string | null;
  replaced_by: string | null;
  payable: string | null;
  difference: string | null;
  created_at: Instant;
};

/** The columns of a bill line as the database folds their names. */
type FoldedBillLine = { [Column in keyof BillLineText as Lowercase<Column>]: BillLineText[Column] };

export type BillLinesTable = FoldedBillLine & {
  workspace_id: Defaulted<string>;
  bill_id: string;
  place: number;
  x_modelid: string | null;
};

export type BillModelsTable = {
  workspace_id: Defaulted<string>;
  provider: string;
  billed: string;
  model: string | null;
  updated_at: Instant;
};

export type BillStatesView = {
  workspace_id: string;
  id: string;
  status: 'provisional' | 'locked' | 'reversed';
  counts: boolean;
};

export type ComparisonsTable = {
  workspace_id: Defaulted<string>;
  id: string;
  scenario_id: string | null;
  forecast_id: string;
  name: string;
  period: string;
  status: 'provisional' | 'final';
  supersedes: string | null;
  body: string;
  created_at: Instant;
};

export type ComparisonScoresTable = {
  workspace_id: Defaulted<string>;
  comparison_id: string;
  tier: string;
  perimeter: 'bill' | 'full';
  status: 'provisional' | 'final';
  forecast: string;
  actual: string;
  hit: boolean;
  z: number;
};
