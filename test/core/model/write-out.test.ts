import { expect, test } from '@jest/globals';
import { writeOut } from '../../../src/core/model/write-out.ts';

test('a row that differs in a word stands for one row each, in every text of it', () => {
  const row = {
    for: { class: ['batch', 'flex'] },
    id: '{class}_input',
    only_if: ['{class}_share', 'other'],
    label: 'Input, {class}',
  };
  expect(writeOut([{ id: 'first' }, row])).toEqual([
    { id: 'first' },
    { id: 'batch_input', only_if: ['batch_share', 'other'], label: 'Input, batch' },
    { id: 'flex_input', only_if: ['flex_share', 'other'], label: 'Input, flex' },
  ]);
});

test('two words are every pair of them, and other braces stay', () => {
  const row = { for: { a: ['x', 'y'], b: ['1', '2'] }, id: '{a}{b}', price: 'write_{ttl}' };
  expect((writeOut([row]) as { id: string; price: string }[]).map(({ id, price }) => `${id} ${price}`)).toEqual([
    'x1 write_{ttl}',
    'x2 write_{ttl}',
    'y1 write_{ttl}',
    'y2 write_{ttl}',
  ]);
});

test('what is no list of rows is left to the schema', () => {
  for (const odd of [null, 'rows', 5, { for: {} }, [null, 5, 'x']]) expect(writeOut(odd)).toEqual(odd);
});
