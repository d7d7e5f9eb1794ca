import type { BillImportRequest } from '../../src/services/bills/bill-request.ts';

/** An import of which nothing is said but the file. */
export const plainImport: BillImportRequest = {
  fileName: 'bill.csv',
  source: null,
  account: null,
  period: null,
  dryRun: false,
  answers: {},
  mapping: null,
  models: {},
  payable: [],
  overlap: 'refuse',
};
