import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoredLine } from '../../core/bills/actual-spend.ts';
import { openNamedAccounts } from '../../core/bills/line-account.ts';
import { makeLinePricer } from '../../core/bills/price-lines.ts';
import type { PulledFile } from '../../sources/bill-source.ts';
import type { App } from '../app.ts';
import type { FinishedLine } from '../bills/bill-judgement.ts';
import { finishLines, matchModels, repeatsBill } from '../bills/bill-judgement.ts';
import { loadRememberedModels } from '../bills/bill-models.ts';
import type { SurveyedBill } from '../bills/bill-survey.ts';
import { surveyBills } from '../bills/bill-survey.ts';
import { knownAccounts, readBillFile } from '../bills/read-bill-file.ts';
import { statedModels } from '../bills/stated-models.ts';
import { todayOf } from '../forecasts/calculations.ts';
import { loadPrices } from '../prices/prices.ts';
import { Refusal } from '../refusal.ts';
import type { PullControl } from './bill-pulls.ts';
import { pullFiles } from './bill-pulls.ts';
import type { OpenSource } from './bill-sources.ts';
import { hasNoLines, isEmptyReport, layDown, noteBilled } from './pulled-bills.ts';
import { askReading, refuseUnanswered } from './source-reading.ts';

/** What sources give of a month: who bills, and the lines, which may be gone through as often as one likes. */
export type PulledLines = {
  readonly providers: ReadonlySet<string>;
  readonly lines: () => AsyncGenerator<StoredLine>;
};

type ReadFile = { readonly bills: readonly SurveyedBill[]; readonly lines: () => AsyncGenerator<FinishedLine> };

/**
 * Reads what sources give of a month as a pull reads it, and stores none of it: a month under way is looked at each day,
 * and thirty bills of which each takes the place of the one before would be its history. The files lie in a temporary
 * folder while `use` goes through their lines. Throws Refusal where a pull would be refused.
 */
export async function withPulledLines<Outcome>(
  app: App,
  sources: readonly OpenSource[],
  period: string,
  control: PullControl,
  use: (pulled: PulledLines) => Promise<Outcome>,
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'infercast-look-'));
  try {
    const files: ReadFile[] = [];
    for (const source of sources) {
      const accounts = openNamedAccounts();
      const pulled = await pullFiles(app, source, period, control);
      for (const file of pulled.files) {
        const read = await readPulled(app, source, file, {
          folder,
          name: `file-${files.length}`,
          period,
          billedAccounts: accounts.settle(),
          signal: control.signal,
        });
        if (read === null) continue;
        for (const bill of read.bills) noteBilled(accounts, bill);
        files.push(
          withoutRepeats(
            read,
            files.flatMap(({ bills }) => bills),
            file.name,
          ),
        );
      }
    }
    return await use(gather(files));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Place = {
  readonly folder: string;
  readonly name: string;
  readonly period: string;
  readonly billedAccounts: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
};

/** null where nothing was used. */
async function readPulled(
  app: App,
  { account, reading }: OpenSource,
  file: PulledFile,
  { folder, name, period, billedAccounts, signal }: Place,
): Promise<ReadFile | null> {
  if (isEmptyReport(file)) return null;
  const upload = await layDown(app, folder, file, name);
  const linesPath = `${upload.path}.ndjson`;
  const said = askReading(reading);
  const request = { fileName: file.name, ...said };
  const opened = await readBillFile(app, upload, request, linesPath, { signal }).catch((error: unknown) => {
    if (hasNoLines(error)) return null;
    throw error;
  });
  if (opened === null) return null;
  if (opened.questions.length > 0) throw refuseUnanswered(file.name, opened.questions);
  const lineFile = { path: linesPath, accounts: knownAccounts(opened, { account, billedAccounts }) };
  const { bills } = await surveyBills(lineFile, period);
  const book = await loadPrices(app);
  const { byName } = statedModels(bills, said.models);
  const models = matchModels(book, bills, new Map([...(await loadRememberedModels(app)), ...byName]));
  const pricer = makeLinePricer(book, todayOf(app));
  const all = bills.map((bill) => ({ bill, standing: [], overlap: null, repeated: false, isNew: () => true }));
  return { bills, lines: () => finishLines(lineFile, all, models, pricer) };
}

/** What an import would take for the same again counts once; what it would refuse beside a bill before it, is refused. */
function withoutRepeats(read: ReadFile, before: readonly SurveyedBill[], name: string): ReadFile {
  const bills = read.bills.filter((bill) => {
    const other = before.find((known) => repeatsBill(known, bill));
    if (other === undefined || other.content_sha256 === bill.content_sha256) return other === undefined;
    const message = `${name} has another bill of ${bill.provider} for ${bill.period} than a file before it: only one of them can count.`;
    throw new Refusal('conflict', message);
  });
  const kept = new Set(bills.map(({ key }) => key));
  return {
    bills,
    lines: async function* () {
      for await (const line of read.lines()) if (kept.has(line.bill.key)) yield line;
    },
  };
}

/** Quantities of a month that the provider's own amounts cover are no second cost, as with bills that are stored. */
function gather(files: readonly ReadFile[]): PulledLines {
  const bills = files.flatMap((file) => file.bills);
  const billed = new Set(bills.flatMap(({ kind, provider }) => (kind === 'billed' ? [provider] : [])));
  return {
    providers: new Set(bills.map(({ provider }) => provider)),
    lines: async function* () {
      for (const file of files)
        for await (const { bill, line, model } of file.lines()) {
          const ofUsage = bill.kind === 'usage';
          yield { ...line, x_ModelId: model, ofUsage, counts: !(ofUsage && billed.has(bill.provider)) };
        }
    },
  };
}
