import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { providerOf } from '../../core/bills/bill-identity.ts';
import type { BillLine } from '../../core/bills/bill-line.ts';
import { openNamedAccounts } from '../../core/bills/line-account.ts';
import { didYouMean, nearestNames } from '../../core/nearest-name.ts';
import type { Problem, Warning } from '../../core/problem.ts';
import { InvalidInput } from '../../core/problem.ts';
import type { BillContext, BillFormat } from './bill-format.ts';
import type { BillImport, BillOutcome, BillProgress, BillRefusal, BillSource } from './bill-import.ts';
import type { BillLimits } from './bill-limits.ts';
import { BILL_LIMITS } from './bill-limits.ts';
import { decodeText } from './bill-text.ts';
import { checkMapping, mappedFormat } from './column-mapping.ts';
import type { Settled } from './conventions.ts';
import { checkAnswers, openConventions } from './conventions.ts';
import { openCsvRecords } from './csv-records.ts';
import { BILL_FORMATS } from './formats.ts';
import { openJsonRecords } from './json-records.ts';
import type { LineFile } from './line-file.ts';
import { openLineFile } from './line-file.ts';
import type { OpenedFile } from './open-bill-file.ts';
import { openBillFile, readBytes } from './open-bill-file.ts';
import { openParquetRecords } from './parquet-records.ts';
import type { Findings, RecordStream } from './record-stream.ts';
import { detached, problemAt, refuse } from './refuse.ts';
import { findNearestFormats, suggestMapping } from './suggest-mapping.ts';
import { openXlsxRecords } from './xlsx-records.ts';

/**
 * Reads the file of a bill: what kind it is by its first bytes, of which format by its columns, record by record in constant
 * memory. The lines go to `linesPath`; nothing is left there unless every record was read without a problem or question.
 *
 * A file that could be read in two ways (days and months, decimal marks) is read to its end first: where some line tells,
 * it is read again that way, else the question comes back.
 */
export async function importBill(
  source: BillSource,
  onProgress: (progress: BillProgress) => void = () => {},
  formats: readonly BillFormat[] = BILL_FORMATS,
): Promise<BillOutcome> {
  const limits: BillLimits = { ...BILL_LIMITS, ...source.limits };
  try {
    const wrong = checkAnswers(source.answers);
    if (wrong.length > 0) throw new InvalidInput(wrong);
    const file = await openBillFile(source.path, limits);
    const digest = await computeFileDigest(source.path);
    const reading = (answers: Readonly<Record<string, string>>): Promise<Pass> =>
      readOnce(file, { ...source, answers }, limits, candidates(source, formats), onProgress);
    const first = await reading(source.answers);
    if (!('read' in first)) return { ok: false, ...first };
    const again =
      first.settled.readAgain && first.settled.problems.length === 0 && first.settled.questions.length === 0;
    const last = again ? await reading({ ...source.answers, ...first.settled.decided }) : first;
    if (!('read' in last)) return { ok: false, ...last };
    const warnings = [...first.settled.warnings, ...last.read.warnings];
    return { ok: true, kind: file.kind, digest, bytes: file.bytes, ...last.read, warnings };
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    return { ok: false, problems: cause.problems.slice(0, limits.problems), problem_count: cause.problems.length };
  }
}

type Read = Omit<BillImport, 'kind' | 'digest' | 'bytes'>;
type Pass = { readonly read: Read; readonly settled: Settled } | BillRefusal;

/** One reading of the whole file under given answers. */
async function readOnce(
  file: OpenedFile,
  source: BillSource,
  limits: BillLimits,
  formats: readonly BillFormat[],
  onProgress: (progress: BillProgress) => void,
): Promise<Pass> {
  const findings = openFindings(limits);
  let bytes = 0;
  const stream = await openRecords(file, limits, findings, formats, (more) => {
    bytes += more;
  });
  const columns = new Set(stream.columns);
  const format = findFormat(stream, columns, source, formats);
  if (format === null) return describeUnknown(stream.columns, formats);

  const conventions = openConventions({ points: hasPoints(file, stream, source) });
  const context: BillContext = { answers: source.answers, hear: conventions.hear };
  const lines = await openLineFile(source.linesPath, limits);
  const accounts = openNamedAccounts();
  let records = 0;
  try {
    for (const note of format.notes ?? []) findings.warn({ code: 'format-note', pointer: '', message: note });
    for await (const batch of stream.batches) {
      const read: BillLine[] = [];
      for (const record of batch) {
        records++;
        if (records > limits.records) refuseRecords(record.line, limits);
        const { lines: found, problems, warnings } = format.read(record, context);
        for (const problem of problems) findings.report(problem);
        for (const warning of warnings ?? []) findings.warn(warning);
        for (const line of found) {
          accounts.add(providerOf(line), line.BillingAccountId);
          read.push(line);
        }
      }
      if (findings.count() === 0) await lines.add(read);
      onProgress({ bytes, of: file.bytes, records });
    }
    if (records === 0)
      refuse('no-records', null, 'The file has a header and no record. Export it again for days with use.');
    const settled = conventions.settle(source.answers);
    for (const problem of settled.problems) findings.report(problem);
    const { written, ...kept } = await close(
      lines,
      findings.count() === 0 && settled.questions.length === 0 && !settled.readAgain,
    );
    const label = format.labelOf?.(columns) ?? format.label;
    return {
      settled,
      read: {
        format: { id: format.id, label },
        columns: stream.columns,
        records,
        ...kept,
        lines: written,
        accounts: accounts.settle(),
        questions: settled.questions,
        problems: findings.problems,
        problem_count: findings.count(),
        warnings: findings.warnings,
      },
    };
  } catch (cause) {
    await lines.discard();
    throw cause;
  }
}

async function close(
  lines: LineFile,
  keep: boolean,
): Promise<{ readonly written: number; readonly summed: boolean; readonly content_digest: string | null }> {
  if (keep) {
    const { lines: written, ...rest } = await lines.finish();
    return { written, ...rest };
  }
  await lines.discard();
  return { written: 0, summed: false, content_digest: null };
}

type Gathered = Findings & {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
  readonly count: () => number;
};

function openFindings(limits: BillLimits): Gathered {
  const problems: Problem[] = [];
  const warnings: Warning[] = [];
  let count = 0;
  return {
    problems,
    warnings,
    count: () => count,
    report: (problem) => {
      count++;
      if (problems.length < limits.problems)
        problems.push({ ...problem, pointer: detached(problem.pointer), message: detached(problem.message) });
    },
    warn: (warning) => {
      if (warnings.length < limits.problems)
        warnings.push({ code: warning.code, pointer: detached(warning.pointer), message: detached(warning.message) });
    },
  };
}

function openRecords(
  file: OpenedFile,
  limits: BillLimits,
  findings: Findings,
  formats: readonly BillFormat[],
  onBytes: (more: number) => void,
): Promise<RecordStream> {
  let before = 0;
  if (file.kind === 'xlsx') return openXlsxRecords(file.path, limits, findings, formats);
  if (file.kind === 'parquet')
    return openParquetRecords(file.path, limits, (bytes) => {
      onBytes(bytes - before);
      before = bytes;
    });
  const texts = decodeText(readBytes(file, limits, (piece) => onBytes(piece.length)));
  return file.kind === 'json'
    ? openJsonRecords(texts, limits, findings, formats)
    : openCsvRecords(texts, limits, findings);
}

/** A mapping wins over every format, a format that was named over those that would match. */
function candidates({ source, mapping }: BillSource, formats: readonly BillFormat[]): readonly BillFormat[] {
  if (mapping !== null) return [];
  if (source === null) return formats;
  const named = formats.find(({ id }) => id === source);
  if (named !== undefined) return [named];
  const suggestions = nearestNames(
    source,
    formats.map(({ id }) => id),
  );
  const message = `There is no format "${source.slice(0, 60)}".${didYouMean(suggestions)}`;
  throw new InvalidInput([{ code: 'unknown-format', pointer: '/source', message, suggestions }]);
}

function findFormat(
  stream: RecordStream,
  columns: ReadonlySet<string>,
  { mapping }: BillSource,
  formats: readonly BillFormat[],
): BillFormat | null {
  if (mapping === null) return stream.format ?? formats.find((format) => format.matches(columns)) ?? null;
  const problems = checkMapping(mapping, stream.columns);
  if (problems.length > 0) throw new InvalidInput(problems);
  return mappedFormat(mapping);
}

function describeUnknown(columns: readonly string[], formats: readonly BillFormat[]): BillRefusal {
  const nearest = findNearestFormats(columns, formats);
  const shown = columns
    .slice(0, 20)
    .map((column) => column.slice(0, 60))
    .join(', ');
  const near =
    nearest[0] === undefined
      ? ''
      : ` It is nearest to ${nearest[0].label}, but lacks ${nearest[0].missing.slice(0, 5).join(', ')}.`;
  const message = `No known export has these columns: ${shown}${columns.length > 20 ? ' …' : ''}.${near} Say what they are with a mapping.`;
  return {
    problems: [problemAt('unknown-format', 1, message)],
    problem_count: 1,
    columns: columns.slice(0, 1000),
    nearest_formats: nearest,
    suggested_mapping: suggestMapping(columns),
  };
}

/** Numbers of JSON and Parquet have a point by grammar, those of a known CSV by its maker, unless a spreadsheet saved it. */
function hasPoints({ kind }: OpenedFile, stream: RecordStream, { mapping }: BillSource): boolean {
  if (kind === 'json' || kind === 'parquet') return true;
  return mapping === null && !('delimiter' in stream && stream.delimiter === ';');
}

function refuseRecords(line: number, limits: BillLimits): never {
  const most = limits.records.toLocaleString('en');
  return refuse(
    'too-many-records',
    line,
    `The file has more than ${most} records. Split it by month.`,
    String(limits.records),
  );
}

async function computeFileDigest(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) digest.update(piece as Buffer);
  return `sha256:${digest.digest('hex')}`;
}
