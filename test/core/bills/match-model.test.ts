import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { matchModel } from '../../../src/core/bills/match-model.ts';
import { loadPriceBook } from '../../../src/files/price-book.ts';

const book = await loadPriceBook(join(import.meta.dirname, '../../../models/prices'));

describe('a billed name of a model', () => {
  test.each([
    ['openai', 'gpt-5.4-mini', 'gpt-5.4-mini', 'exact'],
    ['openai', 'gpt-4.1-2025-04-14', 'gpt-4.1', 'alias'],
    ['openai', 'gpt-5.4-mini-2031-04-14', 'gpt-5.4-mini', 'date-suffix'],
    ['anthropic', 'Claude Opus 4.6', 'claude-opus-4-6', 'display-name'],
    ['anthropic', 'Claude Haiku 4.5', 'claude-haiku-4-5', 'display-name'],
    ['anthropic', 'claude-sonnet-4-5-20301231', 'claude-sonnet-4-5', 'date-suffix'],
  ])('of %s, %s, is %s (%s)', (provider, billed, model, certainty) => {
    expect(matchModel(book, provider, billed, undefined)).toMatchObject({ model, certainty, nearest: [] });
  });

  test.each([
    ['anthropic', 'claude-sonnet-5-5', 'the next model of a family'],
    ['anthropic', 'Claude Opus', 'a family'],
    ['openai', 'gpt-5.4-mini-2031-13-14', 'a date that is none'],
    ['openai', '', 'nothing'],
    ['nobody', 'gpt-5.4-mini', 'a provider without prices'],
  ])('of %s, %s, is none: %s', (provider, billed) => {
    expect(matchModel(book, provider, billed, undefined)).toMatchObject({ model: null, certainty: 'none' });
  });

  test('that is near to one is shown with it, never taken for it', () => {
    const match = matchModel(book, 'openai', 'gpt-5.4-mimi', undefined);
    expect(match.model).toBeNull();
    expect(match.nearest).toContain('gpt-5.4-mini');
  });

  test('is what a person said, also where that is nothing', () => {
    const stated = { model: null, certainty: 'remembered' as const };
    expect(matchModel(book, 'openai', 'gpt-5.4-mini', stated)).toMatchObject({ model: null, certainty: 'remembered' });
  });
});
