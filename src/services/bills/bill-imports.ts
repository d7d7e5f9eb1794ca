import { join } from 'node:path';
import { makeLinePricer } from '../../core/bills/price-lines.ts';
import type { StoredBill } from '../../db/bills.ts';
import { findBillsOfFile, findBillsOfPeriods, mayBeSame } from '../../db/bills.ts';
import type { BillStorage, NewBillLine } from '../../db/store-bills.ts';
import { insertBills } from '../../db/store-bills.ts';
import type { Db } from '../../db/tables.ts';
import type { App } from '../app.ts';
import { nowText } from '../app.ts';
import { todayOf } from '../forecasts/calculations.ts';
import { makeId } from '../ids.ts';
import { loadPrices } from '../prices/prices.ts';
import { Refusal, refuseInput } from '../refusal.ts';
import { requireRoom, requireTemporaryRoom } from '../storage.ts';
import type { FinishedLine, OverlappingBill } from './bill-judgement.ts';
import { compareWithStored, finishLines, matchModels, sumBills } from './bill-judgement.ts';
import type { LineFile } from './bill-line-file.ts';
import { compressFile, digestLines } from './bill-line-file.ts';
import type { BilledModel, ModelView } from './bill-models.ts';
import { judgeBilledModels, loadRememberedModels } from './bill-models.ts';
import { reconcileBills } from './bill-reconciliation.ts';
import type { BillImportReport, JudgedBill } from './bill-report.ts';
import { OpenQuestions, refuseOverlap, reportImport, reportRepeated } from './bill-report.ts';
import type { BillImportRequest, UploadedFile } from './bill-request.ts';
import type { SurveyedBill } from './bill-survey.ts';
import { surveyBills } from './bill-survey.ts';
import type { ReadBill, ReadWatch } from './read-bill-file.ts';
import { knownAccounts, readBillFile } from './read-bill-file.ts';
import { statedModels } from './stated-models.ts';

/**
 * Reads a file of bills and shows, or stores, one bill for each provider, account, month and currency in it. The same
 * bytes, and the same lines under other names, in another order or with other line ends, are stored once. Nothing is
 * stored while a question is open, a line is wrong, or an overlap undecided; then, or where no format fits, throws Refusal.
 */
export async function importBills(
  app: App,
  id: string,
  upload: UploadedFile,
  request: BillImportRequest,
  watch: ImportWatch = {},
): Promise<BillImportReport> {
  const known = request.dryRun || !isPlain(request) ? null : await findRepeated(app, upload, request);
  if (known !== null) return known;
  const linesPath = join(upload.folder, 'lines.ndjson');
  await requireTemporaryRoom(app, upload.bytes / 1_000_000);
  const read = await readBillFile(app, upload, request, linesPath, watch);
  if (read.questions.length > 0) {
    if (!request.dryRun) throw new OpenQuestions(read.questions);
    return reportImport({ request, upload, read, bills: [], models: [], leftOut: [], stored: false });
  }
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    watch.signal?.throwIfAborted();
    const report = await judgeAndStore(app, id, {
      upload,
      request,
      read,
      file: { path: linesPath, accounts: knownAccounts(read, request), signal: watch.signal },
      watch,
    });
    if (report !== null) return report;
  }
  throw new Refusal('conflict', 'Other imports keep changing these months: send the file again a little later.');
}

const mostAttempts = 5;

/** Who watches an import. */
export type ImportWatch = ReadWatch & {
  /** The last step of the transaction that stores the bills; what it throws undoes it all. */
  readonly end?: (trx: Db, report: BillImportReport) => Promise<void>;
};

/** null where another import changed what this one was judged against, in the moment before it was stored. */
async function judgeAndStore(
  app: App,
  id: string,
  { upload, request, read, file, watch }: ReadUpload & { readonly file: LineFile; readonly watch: ImportWatch },
): Promise<BillImportReport | null> {
  const judged = await judgeFile(app, id, file, request);
  const report = { request, upload, read, ...judged };
  if (request.dryRun) return reportImport({ ...report, stored: false });
  refuseOverlap(judged.bills, request);
  if (judged.bills.every(({ repeated }) => repeated)) return reportImport({ ...report, stored: false });
  await requireRoom(app, upload.bytes / 1_000_000);
  const done = reportImport({ ...report, stored: true });
  const stored = await insertBills(app.db, {
    ...storageOf(app, { upload, request, read, judged, onProgress: watch.onProgress }),
    last: async (trx) => watch.end?.(trx, done),
  });
  return stored ? done : null;
}

/** Whether a request says nothing about how to read its file: then a file that was read before needs no reading. */
function isPlain({ answers, mapping, models, payable, overlap, source, account }: BillImportRequest): boolean {
  return (
    source === null &&
    account === null &&
    mapping === null &&
    overlap === 'refuse' &&
    payable.length === 0 &&
    Object.keys(answers).length + Object.keys(models).length === 0
  );
}

/** The bills of a file whose bytes are stored, whole: all its months, each as the file has it, and none reversed. */
async function findRepeated(
  app: App,
  upload: UploadedFile,
  request: BillImportRequest,
): Promise<BillImportReport | null> {
  const bills = await findBillsOfFile(app.db, upload.sha256);
  const isWhole = bills.every(({ status, reading }) => {
    const { period, overlap } = reading as Pick<BillImportRequest, 'period' | 'overlap'>;
    return status !== 'reversed' && overlap !== 'add' && (period === null || period === request.period);
  });
  const asked = bills.filter(({ period }) => request.period === null || request.period === period);
  return isWhole && asked.length > 0 ? reportRepeated(request, upload, asked) : null;
}

type ReadUpload = { readonly upload: UploadedFile; readonly request: BillImportRequest; readonly read: ReadBill };

type JudgedFile = {
  readonly bills: readonly JudgedBill[];
  readonly models: readonly ModelView[];
  readonly leftOut: readonly { readonly period: string; readonly lines: number }[];
  /** Lines as they are to be stored. */
  readonly lines: () => AsyncGenerator<FinishedLine>;
  readonly remembered: readonly BilledModel[];
  readonly judged: BillStorage['judged'];
};

async function judgeFile(app: App, id: string, file: LineFile, request: BillImportRequest): Promise<JudgedFile> {
  const { bills, leftOut } = await surveyBills(file, request.period);
  const book = await loadPrices(app);
  const said = statedModels(bills, request.models);
  const problems = judgeBilledModels(book, said.models, ({ billed }) => `/models/${billed}`);
  const models = matchModels(book, bills, new Map([...(await loadRememberedModels(app)), ...said.byName]));
  const stored = await findBillsOfPeriods(app.db, [...new Set(bills.map(({ period }) => period))]);
  const compared = await compareWithStored(app, file, bills, stored);
  const changed = compared
    .filter(({ repeated }) => !repeated)
    .map((entry) => (request.overlap === 'add' ? entry : { ...entry, isNew: () => true }));
  const pricer = makeLinePricer(book, todayOf(app));
  const sums = await sumBills(file, changed, models, pricer);
  const reconciled = reconcileBills(
    changed.map(({ bill }) => bill),
    sums,
    request.payable,
  );
  const unused = request.unusedModels === 'allow' ? [] : said.problems;
  const wrong = [...problems, ...(changed.length === 0 ? [] : reconciled.problems), ...unused];
  if (wrong.length > 0) throw refuseInput(wrong);
  const judgedBills = compared.map((entry): JudgedBill => {
    const { key } = entry.bill;
    const own = { ...entry, id: null, sums: sums.get(key), reconciliation: reconciled.byBill.get(key) };
    // All that the file would add is there, though there is more.
    return { ...own, repeated: entry.repeated || own.sums?.lines === 0 };
  });
  const fresh = judgedBills.filter(({ repeated }) => !repeated);
  const ids = new Map(fresh.map(({ bill }, i) => [bill.key, i === 0 ? id : makeId('bill')]));
  return {
    bills: judgedBills.map((bill) => ({ ...bill, id: ids.get(bill.bill.key) ?? null })),
    models,
    leftOut,
    lines: () => finishLines(file, changed, models, pricer),
    remembered: said.models,
    judged: {
      identities: bills,
      bills: stored.filter((bill) => bills.some((identity) => mayBeSame(bill, identity))).map((bill) => bill.id),
    },
  };
}

const linesAtOnce = 500;

function storageOf(
  app: App,
  {
    upload,
    request,
    read,
    judged,
    onProgress,
  }: ReadUpload & { readonly judged: JudgedFile; readonly onProgress: ReadWatch['onProgress'] },
): BillStorage {
  const created_at = nowText(app);
  const fresh = judged.bills.filter(({ repeated }) => !repeated);
  const ids = new Map(fresh.map(({ bill, id }) => [bill.key, id ?? '']));
  const total = fresh.reduce((sum, { sums }) => sum + (sums?.lines ?? 0), 0);
  return {
    file: {
      id: makeId('bill').replace(/^bill/, 'file'),
      sha256: upload.sha256,
      file_name: request.fileName,
      media_type: upload.mediaType,
      bytes: String(upload.bytes),
      created_at,
    },
    chunks: () => compressFile(upload.path),
    bills: fresh.map(({ bill, standing, sums, reconciliation, id }) => ({
      id: id ?? '',
      kind: bill.kind,
      provider: bill.provider,
      account: bill.account,
      period: bill.period,
      currency: bill.currency,
      content_sha256: contentOf(bill, standing, request.overlap),
      reading: JSON.stringify({
        file_name: request.fileName,
        format: read.format,
        kind: read.kind,
        records: read.records,
        summed: read.summed,
        charges: bill.charges,
        source: request.source,
        account: request.account,
        period: request.period,
        overlap: request.overlap,
        answers: request.answers,
        mapping: request.mapping,
        warnings: read.warnings,
      }),
      lines: sums?.lines ?? 0,
      billed: sums?.billed.toFixed() ?? '0',
      effective: sums?.effective.toFixed() ?? '0',
      categories: JSON.stringify(
        Object.fromEntries([...(sums?.categories ?? [])].map(([name, sum]) => [name, sum.toFixed()])),
      ),
      invoices: JSON.stringify(reconciliation?.invoices ?? []),
      balance: reconciliation?.balance ?? 'not-stated',
      models: JSON.stringify(
        judged.models.filter(({ provider, billed }) => provider === bill.provider && bill.models.has(billed)),
      ),
      created_at,
    })),
    lines: () => inBatches(judged.lines(), ids, (done) => onProgress?.({ done, total, unit: 'lines' })),
    reversals:
      request.overlap === 'replace' || request.overlap === 'restate' ? fresh.flatMap((bill) => reversalsFor(bill)) : [],
    models: judged.remembered.map((model) => ({ ...model, updated_at: created_at })),
    judged: judged.judged,
  };
}

/** What a bill adds to others is not what its file says: sent again, the file is compared line by line. */
function contentOf(
  { content_sha256 }: SurveyedBill,
  standing: readonly StoredBill[],
  decision: BillImportRequest['overlap'],
): string {
  if (decision !== 'add' || standing.length === 0) return content_sha256;
  return digestLines([content_sha256, ...standing.map(({ id }) => id)]);
}

function reversalsFor({ standing, id }: OverlappingBill & { readonly id: string | null }): BillStorage['reversals'] {
  return standing.map((bill) => ({ bill_id: bill.id, reason: 'replaced by a later file', replaced_by: id }));
}

async function* inBatches(
  lines: AsyncGenerator<FinishedLine>,
  ids: ReadonlyMap<string, string>,
  onLines: (done: number) => void,
): AsyncGenerator<readonly NewBillLine[]> {
  let done = 0;
  const places = new Map<string, number>();
  let batch: NewBillLine[] = [];
  for await (const { bill, line, model } of lines) {
    const place = places.get(bill.key) ?? 0;
    places.set(bill.key, place + 1);
    batch.push({ bill_id: ids.get(bill.key) ?? '', place, line, model });
    if (batch.length < linesAtOnce) continue;
    yield batch;
    done += batch.length;
    onLines(done);
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
