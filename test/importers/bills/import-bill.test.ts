import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BillDecimal } from '../../../src/core/bills/bill-decimal.ts';
import type { BillOutcome } from '../../../src/importers/bills/bill-import.ts';
import { focusCsv, importBytes, refusalOf } from '../../helpers/import-bytes.ts';

const costsOf = (
  lines: readonly { readonly BilledCost: { toFixed(): string } | null }[],
): readonly (string | undefined)[] => lines.map(({ BilledCost }) => BilledCost?.toFixed());
const questionsOf = (outcome: BillOutcome): readonly unknown[] =>
  outcome.ok ? outcome.questions.map(({ id }) => id) : [];
const contentOf = async (text: string | Uint8Array): Promise<string | null> => {
  const { outcome } = await importBytes(text);
  if (!outcome.ok || outcome.content_digest === null) throw new Error(JSON.stringify(outcome));
  return outcome.content_digest;
};

describe('what could be read in two ways', () => {
  test('the order of day and month is asked with both readings, and nothing is written', async () => {
    const { outcome, left } = await importBytes(focusCsv([['4/1/26', '1.00']]));
    expect(outcome).toMatchObject({
      ok: true,
      lines: 0,
      questions: [
        {
          id: 'date-order',
          column: 'ChargePeriodStart',
          examples: [
            { line: 2, text: '4/1/26' },
            { line: 2, text: '4/1/26' },
          ],
          choices: [
            { value: 'month-first', label: '4/1/26 is 2026-04-01' },
            { value: 'day-first', label: '4/1/26 is 2026-01-04' },
          ],
        },
      ],
    });
    expect(left).toBe(false);
  });

  test('the answer decides', async () => {
    const { lines } = await importBytes(focusCsv([['4/1/26', '1.00']]), { answers: { 'date-order': 'day-first' } });
    expect(lines.map((line) => line.ChargePeriodStart)).toEqual(['2026-01-04T00:00:00Z']);
  });

  test('one day after the twelfth decides for the whole column, and the reader is told by which line', async () => {
    const { outcome, lines } = await importBytes(
      focusCsv([
        ['4/1/26', '1'],
        ['25/1/26', '2'],
      ]),
    );
    expect(lines.map((line) => line.ChargePeriodStart)).toEqual(['2026-01-04T00:00:00Z', '2026-01-25T00:00:00Z']);
    expect(outcome.ok && outcome.warnings.map(({ code, pointer }) => `${code} ${pointer}`)).toContain(
      'date-order /lines/2',
    );
  });

  test('a column in two orders is a problem that names both lines', async () => {
    const { outcome } = await importBytes(
      focusCsv([
        ['4/1/26', '1'],
        ['25/1/26', '2'],
        ['1/25/26', '3'],
      ]),
    );
    expect(outcome.problems[0]?.code).toBe('mixed-conventions');
    expect(outcome.problems[0]?.message).toMatch(/line 3 is day-first .*line 4 month-first/);
  });

  test('an answer that a line contradicts is a problem of that line', async () => {
    const rows = [
      ['4/1/26', '1'],
      ['25/1/26', '2'],
    ] as const;
    const answers = { 'date-order': 'month-first' };
    expect(await refusalOf(focusCsv(rows), { answers })).toContain('contradicted-answer /lines/3');
  });

  test('a comma that could mark thousands is asked about; a point is not, as exports of machines have one', async () => {
    expect(questionsOf((await importBytes(focusCsv([['2026-10-01', '1,234']]))).outcome)).toEqual(['number-format']);
    expect(costsOf((await importBytes(focusCsv([['2026-10-01', '1.234']]))).lines)).toEqual(['1.234']);
  });

  test('a spreadsheet saved with semicolons may have points for thousands: asked, or decided by another line', async () => {
    expect(questionsOf((await importBytes(focusCsv([['2026-10-01', '1.234']], ';'))).outcome)).toEqual([
      'number-format',
    ]);
    const decided = focusCsv(
      [
        ['2026-10-01', '1.234'],
        ['2026-10-02', '0,50'],
      ],
      ';',
    );
    expect(costsOf((await importBytes(decided)).lines)).toEqual(['1234', '0.5']);
  });

  test('answers to no question, or that are none, are refused with the nearest right thing', async () => {
    const csv = focusCsv([['2026-10-01', '1']]);
    const wrong = { 'date-ordr': 'month-first', 'number-format': 'dots', zone: 'Mars', currency: 'dollars' };
    const { outcome } = await importBytes(csv, { answers: wrong });
    expect(outcome.problems.map(({ code, pointer, suggestions }) => [code, pointer, suggestions?.[0]])).toEqual([
      ['unknown-question', '/answers/date-ordr', 'date-order'],
      ['impossible-answer', '/answers/number-format', 'point'],
      ['impossible-answer', '/answers/zone', undefined],
      ['impossible-answer', '/answers/currency', undefined],
    ]);
  });
});

describe('the same bill', () => {
  const rows = [
    ['2026-10-01', '1.50'],
    ['2026-10-02', '2.5'],
    ['2026-10-02', '2.5'],
  ] as const;
  const csv = focusCsv(rows);

  test('is known again with another order of lines, byte-order mark, line ends, encoding, delimiter or spelling of numbers', async () => {
    const same = await contentOf(csv);
    const [header, ...lines] = csv.trimEnd().split('\n');
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(csv, 'utf16le')]);
    const utf16be = Buffer.from(utf16).swap16();
    const others = [
      [header, ...lines.toReversed()].join('\n'),
      `\uFEFF${csv}`,
      csv.replaceAll('\n', '\r\n'),
      csv.replaceAll('\n', '\r'),
      focusCsv(rows, ';'),
      csv.replace('1.50', '1.5'),
      utf16,
      utf16be,
      gzipSync(csv),
    ];
    expect(await Promise.all(others.map((other) => contentOf(other)))).toEqual(others.map(() => same));
  });

  test('is another one with a line more, a line less, or a cent changed', async () => {
    const same = await contentOf(csv);
    for (const other of [
      focusCsv([...rows, ['2026-10-02', '2.5']]),
      focusCsv(rows.slice(0, 2)),
      csv.replace('1.50', '1.51'),
    ])
      expect(await contentOf(other)).not.toBe(same);
  });

  test('the digest of the file is that of its bytes', async () => {
    const { outcome } = await importBytes('x');
    expect(outcome.ok).toBe(false);
    const read = await importBytes(csv);
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(csv));
    expect(read.outcome.ok && read.outcome.digest).toBe(`sha256:${Buffer.from(bytes).toString('hex')}`);
  });
});

describe('files of too many lines', () => {
  const day = fc.constantFrom('2026-10-01', '2026-10-02', '2026-10-03');
  const cost = fc
    .tuple(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 12 }))
    .map(([digits, scale]) => new BillDecimal(digits).div(new BillDecimal(10).pow(scale)).toFixed());

  test('are summed by day, and no sum differs from that of the lines', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(day, cost), { minLength: 6, maxLength: 40 }), async (rows) => {
        const csv = focusCsv(rows);
        const { outcome, lines } = await importBytes(csv, { limits: { linesKept: 5 } });
        const days = [...new Set(rows.map(([each]) => each))];
        expect(outcome).toMatchObject({ ok: true, records: rows.length, summed: true, lines: days.length });
        for (const each of days) {
          const own = rows.flatMap(([when, amount], i) => (when === each ? [{ amount, line: i + 2 }] : []));
          const sum = own.reduce((total, { amount }) => total.plus(amount), new BillDecimal(0));
          expect(lines.find((line) => line.ChargePeriodStart.startsWith(each))).toMatchObject({
            ChargePeriodEnd: new Date(Date.parse(`${each}T00:00:00Z`) + 86_400_000).toISOString().replace('.000', ''),
            x_FirstLine: own[0]?.line,
            x_LastLine: own.at(-1)?.line,
          });
          expect(costsOf(lines.filter((line) => line.ChargePeriodStart.startsWith(each)))).toEqual([sum.toFixed()]);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('keep their lines at the limit, and are summed with one more', async () => {
    const rows = Array.from({ length: 5 }, (): [string, string] => ['2026-10-01', '1']);
    const kept = await importBytes(focusCsv(rows), { limits: { linesKept: 5 } });
    expect(kept.outcome).toMatchObject({ summed: false, lines: 5 });
    const summed = await importBytes(focusCsv([...rows, ['2026-10-01', '1']]), { limits: { linesKept: 5 } });
    expect(summed.outcome).toMatchObject({ summed: true, lines: 1 });
  });

  test('are refused where too many of their lines differ', async () => {
    const rows = Array.from({ length: 9 }, (_, i): [string, string] => [`2026-10-0${i + 1}`, '1']);
    const limits = { linesKept: 5, sums: 8 };
    expect(await refusalOf(focusCsv(rows), { limits })).toBe('too-many-sums /lines/10');
    expect((await importBytes(focusCsv(rows.slice(0, 8)), { limits })).outcome).toMatchObject({ lines: 8 });
  });

  test('an amount that some lines lack is summed apart: unknown never becomes 0', async () => {
    const rows = Array.from({ length: 8 }, (_, i): [string, string] => ['2026-10-01', i % 2 === 0 ? '1.25' : '']);
    const csv = focusCsv(rows)
      .replaceAll('ChargeCategory', 'ChargeCategory,ConsumedQuantity,ConsumedUnit')
      .replaceAll(',Usage', ',Usage,10,Tokens');
    const { outcome, lines } = await importBytes(csv, { limits: { linesKept: 5 } });
    expect(outcome.problems).toEqual([]);
    expect(costsOf(lines)).toEqual(['5', undefined]);
    expect(lines.map((line) => line.ConsumedQuantity?.toFixed())).toEqual(['40', '40']);
  });

  test('are refused over the limit of records, with the line', async () => {
    const rows = Array.from({ length: 6 }, (): [string, string] => ['2026-10-01', '1']);
    expect((await importBytes(focusCsv(rows), { limits: { records: 6 } })).outcome).toMatchObject({ records: 6 });
    expect(await refusalOf(focusCsv(rows), { limits: { records: 5 } })).toBe('too-many-records /lines/7');
  });
});

describe('what is refused', () => {
  const csv = focusCsv([['2026-10-01', '1']]);

  test.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'empty-file'],
    ['blank lines', '\n \n', 'empty-file'],
    ['a header alone', csv.split('\n')[0] as string, 'no-records'],
    ['a web page', '<!doctype html><title>Sign in</title>', 'unknown-file'],
    ['a PDF', '%PDF-1.7', 'unknown-file'],
    ['an old workbook', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), 'unknown-file'],
    ['zstd', Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'unknown-file'],
    ['a gzip that ends too early', gzipSync(csv.repeat(100)).subarray(0, 60), 'truncated-file'],
    ['a gzip bomb', gzipSync(csv + '2026,'.repeat(2_000_000)), 'record-too-long /lines/3'],
    ['UTF-16 without its mark', Buffer.from(csv, 'utf16le'), 'nul-byte /lines/1'],
    ['Latin 1', Buffer.from(csv.replace('Example', 'Exämple'), 'latin1'), 'no-utf-8 /lines/2'],
  ])('%s', async (_what, bytes, refused) => {
    expect(await refusalOf(bytes)).toBe(refused);
  });

  test('a gzip that inflates too far, though its lines are short', async () => {
    const long = csv + csv.split('\n')[1]?.concat('\n').repeat(40_000);
    expect(await refusalOf(gzipSync(long), { limits: { zipRatio: 10 } })).toBe('inflates-too-far');
  });

  test('a file over the limit of its bytes; not one at the limit', async () => {
    expect(await refusalOf(csv, { limits: { bytes: csv.length - 1 } })).toBe('too-large');
    expect((await importBytes(csv, { limits: { bytes: csv.length } })).lines).toHaveLength(1);
  });

  test('bad lines, each with its place, shown up to a hundred and counted on', async () => {
    const rows = Array.from({ length: 150 }, (_, i): [string, string] => ['2026-10-01', i === 7 ? '1' : 'x']);
    const { outcome, left } = await importBytes(focusCsv(rows));
    expect(outcome).toMatchObject({ ok: true, records: 150, lines: 0, problem_count: 149 });
    expect(outcome.problems).toHaveLength(100);
    expect(outcome.problems[0]).toMatchObject({ code: 'no-number', pointer: '/lines/2/BilledCost' });
    expect(left).toBe(false);
  });

  test('a format that does not exist, or that the file is not', async () => {
    const { outcome } = await importBytes(csv, { source: 'focsu' });
    expect(outcome.problems[0]).toMatchObject({ code: 'unknown-format', pointer: '/source', suggestions: ['focus'] });
    expect(await refusalOf(csv, { source: 'openai-costs' })).toBe('unknown-format /lines/1');
    expect((await importBytes(csv, { source: 'focus' })).lines).toHaveLength(1);
  });
});
