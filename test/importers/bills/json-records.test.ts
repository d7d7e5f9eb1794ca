import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJsonText } from '../../../src/importers/bills/json-text.ts';
import { importBytes, refusalOf } from '../../helpers/import-bytes.ts';

const read = (text: string): unknown => parseJsonText(text, { jsonDepth: 32 });

const costs = (cost: string, more = ''): string =>
  `{"object":"page","data":[{"object":"bucket","start_time":1730419200,"end_time":1730505600,"results":[${cost === '' ? '' : `{"object":"organization.costs.result","amount":{"value":${cost},"currency":"usd"},"line_item":null,"project_id":null}`}]}]${more}}`;

describe('JSON text', () => {
  test('numbers stay the text they were written in', () => {
    expect(read('{"a":[1.25e-07,9007199254740993.10,-0,1E5]}')).toEqual({
      a: ['1.25e-07', '9007199254740993.10', '-0', '1E5'],
    });
  });

  test('any document is read as JSON.parse reads it, numbers apart', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const expected = JSON.parse(text, (_key, value, context?: { source?: string }) =>
          typeof value === 'number' ? (context?.source ?? value) : value,
        );
        // A member named __proto__ is refused, which JSON.parse takes.
        if (!text.includes('__proto__')) expect(read(text)).toEqual(expected);
      }),
    );
  });

  test.each([
    ['', 'malformed-json /lines/1'],
    ['{"a":1', 'malformed-json /lines/1'],
    ['{"a":\n1,}', 'malformed-json /lines/2'],
    ['{"a":01}', 'malformed-json /lines/1'],
    ['{"a":NaN}', 'malformed-json /lines/1'],
    ["{'a':1}", 'malformed-json /lines/1'],
    ['["a\n"]', 'malformed-json /lines/1'],
    ['["\\x"]', 'malformed-json /lines/1'],
    ['[1] 2', 'malformed-json /lines/1'],
    ['{"a":1,\n"a":2}', 'member-twice /lines/2'],
    ['{"__proto__":1}', 'member-twice /lines/1'],
    ['['.repeat(33), 'json-too-deep /lines/1'],
    ['['.repeat(1_000_000), 'json-too-deep /lines/1'],
  ])('%.40j is refused: %s', (text, refused) => {
    let found = 'was read';
    try {
      read(text);
    } catch (cause) {
      const [problem] = (cause as { problems: { code: string; pointer: string }[] }).problems;
      found = `${problem?.code} ${problem?.pointer}`;
    }
    expect(found).toBe(refused);
  });
});

describe('bills as JSON', () => {
  const billed = async (text: string): Promise<readonly (string | undefined)[]> =>
    (await importBytes(text)).lines.map((line) => line.BilledCost?.toFixed());

  test('one answer, several in an array, and one a line are the same bill', async () => {
    const pages = [costs('0.06'), costs(''), costs('1.25e-07')];
    expect(await billed(costs('0.06'))).toEqual(['0.06']);
    expect(await billed(`[${pages.join(',\n')}]`)).toEqual(['0.06', '0.000000125']);
    expect(await billed(pages.join('\n'))).toEqual(['0.06', '0.000000125']);
    expect(await billed(`\uFEFF${pages.join('\r\n\r\n')}\r\n`)).toEqual(['0.06', '0.000000125']);
  });

  test('an answer after which more pages follow is read with a warning', async () => {
    const { outcome } = await importBytes(costs('0.06', ',"has_more":true,"next_page":"page_2"'));
    expect(outcome.ok && outcome.warnings.map(({ code }) => code)).toContain('more-pages');
  });

  test('lines of two kinds are refused, as one of them would be missing unseen', async () => {
    expect(await refusalOf(`${costs('0.06')}\n{"data":[]}\n{"other":1}\n`)).toMatch(/^mixed-json \/lines\/2/);
  });

  test.each([
    ['{"data":[],"has_more":false}', /^(empty-file|unknown-json|unknown-format)/],
    ['[1,2,3]', /^unknown-json/],
    ['{"hello":"world"}', /^unknown-format/],
    ['{"object":"page","data":[{', /^malformed-json \/lines\/1/],
  ])('%s is refused', async (text, refused) => {
    expect(await refusalOf(text)).toMatch(refused);
  });

  test('a document over the limit is refused, many smaller ones a line are not', async () => {
    const limits = { jsonBytes: 2000 };
    const page = costs('0.06');
    expect((await importBytes(`${page}\n`.repeat(100), { limits })).lines).toHaveLength(100);
    expect(await refusalOf(`[${Array<string>(100).fill(page).join(',')}]`, { limits })).toBe('too-large /lines/1');
  });
});
