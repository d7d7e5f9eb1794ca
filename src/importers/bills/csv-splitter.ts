import type { BillLimits } from './bill-limits.ts';
import { refuse, sizeInWords } from './refuse.ts';

/** The fields of one record and the line on which it begins, from 1. */
export type CsvRow = { readonly line: number; readonly fields: readonly string[] };

export type CsvSplitter = {
  /** Cuts a piece of text into rows; what may go on in the next piece is kept. `last` is true with the last piece. */
  readonly split: (text: string, last: boolean) => readonly CsvRow[];
  readonly delimitBy: (delimiter: string) => void;
};

/**
 * Cuts CSV into records as RFC 4180 has them, piece by piece: fields in quotes may hold delimiters, quotes and line ends;
 * lines end with LF, CRLF or CR, mixed as they come. Lines without any text give no row. Holds one record at most.
 *
 * Throws InvalidInput with the line for a quote that never closes, text behind a closing quote, a NUL, bytes that are no
 * UTF-8, and a record or field over its limit.
 */
export function openCsvSplitter(limits: BillLimits): CsvSplitter {
  let delimiter = ',';
  let kept = '';
  let line = 1;

  function split(text: string, last: boolean): readonly CsvRow[] {
    const all = kept === '' ? text : kept + text;
    const suspicious = all.includes('\0') || all.includes('\uFFFD');
    const rows: CsvRow[] = [];
    let at = 0;
    let quote = all.indexOf('"');
    let carriage = all.indexOf('\r');
    let feed = all.indexOf('\n');
    while (at < all.length) {
      if (quote !== -1 && quote < at) quote = all.indexOf('"', at);
      if (carriage !== -1 && carriage < at) carriage = all.indexOf('\r', at);
      if (feed !== -1 && feed < at) feed = all.indexOf('\n', at);
      let end = carriage === -1 ? feed : feed === -1 ? carriage : Math.min(carriage, feed);
      // A CR at the very end of a piece may be the first half of CRLF.
      if (!last && end === all.length - 1 && end === carriage) end = -1;
      const quoted = quote !== -1 && (end === -1 || quote < end);
      if (end === -1 && (!last || quoted)) {
        if (!quoted) break;
      } else if (end === -1) end = all.length;

      let fields: readonly string[];
      let lines = 1;
      if (quoted) {
        const found = splitQuoted(all, at, last);
        if (found === null) break;
        fields = found.fields;
        end = found.end;
        lines += found.lineEnds;
      } else fields = all.slice(at, end).split(delimiter);
      if (end - at > limits.recordText) refuseLong(end - at);
      if (end - at > limits.fieldText) refuseLongFields(fields);
      if (suspicious) refuseSuspicious(all.slice(at, end));
      if (fields.length > 1 || (fields[0] ?? '').trim() !== '') rows.push({ line, fields });
      line += lines;
      at = end + (all[end] === '\r' && all[end + 1] === '\n' ? 2 : 1);
    }
    kept = all.slice(at);
    if (kept.length > limits.recordText) refuseLong(kept.length);
    return rows;
  }

  /** From the first character of a record with quotes to its end; null where the piece ends before the record does. */
  function splitQuoted(
    all: string,
    start: number,
    last: boolean,
  ): { readonly fields: readonly string[]; readonly end: number; readonly lineEnds: number } | null {
    const fields: string[] = [];
    let lineEnds = 0;
    let at = start;
    for (;;) {
      let field: string;
      if (all[at] === '"') {
        const close = closingQuote(all, at + 1);
        if (close === -1 || (!last && close === all.length - 1)) {
          if (last)
            refuse('unclosed-quote', line, 'A quotation mark opens on this line and never closes. Close or remove it.');
          return null;
        }
        field = all.slice(at + 1, close).replaceAll('""', '"');
        lineEnds += countLineEnds(field);
        at = close + 1;
      } else {
        const from = at;
        while (at < all.length && all[at] !== delimiter && all[at] !== '\n' && all[at] !== '\r') at++;
        field = all.slice(from, at);
      }
      fields.push(field);
      if (at >= all.length) return last ? { fields, end: at, lineEnds } : null;
      const next = all[at];
      if (next === '\n') return { fields, end: at, lineEnds };
      if (next === '\r') return !last && at === all.length - 1 ? null : { fields, end: at, lineEnds };
      if (next !== delimiter)
        refuse(
          'malformed-csv',
          line,
          'Text follows a closing quotation mark. A quotation mark within a field is written twice.',
        );
      at++;
    }
  }

  function refuseLong(length: number): never {
    const mend = 'Look for a quotation mark that never closes; a record has no more.';
    return refuse(
      'record-too-long',
      line,
      `The record that begins here has ${length} characters or more, of at most ${limits.recordText}. ${mend}`,
      sizeInWords(limits.recordText),
    );
  }

  function refuseLongFields(fields: readonly string[]): void {
    const place = fields.findIndex((field) => field.length > limits.fieldText);
    if (place === -1) return;
    const message = `Field ${place + 1} has more than ${limits.fieldText} characters. Leave that column out of the export.`;
    refuse('field-too-long', line, message, sizeInWords(limits.fieldText));
  }

  function refuseSuspicious(record: string): void {
    if (record.includes('\0'))
      refuse(
        'nul-byte',
        line,
        'The line holds a NUL byte: the file is damaged, or UTF-16 without its byte-order mark. Save it as UTF-8.',
      );
    if (record.includes('\uFFFD'))
      refuse(
        'no-utf-8',
        line,
        'The line is no UTF-8. Save the file as "CSV UTF-8", or the system that wrote it as UTF-8.',
      );
  }

  return {
    split,
    delimitBy: (chosen) => {
      delimiter = chosen;
    },
  };
}

function closingQuote(all: string, from: number): number {
  let at = all.indexOf('"', from);
  while (at !== -1 && all[at + 1] === '"') at = all.indexOf('"', at + 2);
  return at;
}

function countLineEnds(field: string): number {
  if (!field.includes('\n') && !field.includes('\r')) return 0;
  return field.split(/\r\n|\r|\n/).length - 1;
}
