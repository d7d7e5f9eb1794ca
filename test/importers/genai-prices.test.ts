import { describe, expect, test } from '@jest/globals';
import { parsePriceFile } from '../../src/core/prices/price-file.ts';
import { parseGenaiPrices, printPriceFile } from '../../src/importers/genai-prices.ts';

const edition = { version: '9.9.9', published: '2026-01-02' };

function importing(models: readonly unknown[]) {
  return parseGenaiPrices({ id: 'acme', name: 'Acme', pricing_urls: ['https://acme.example'], models }, edition);
}

function pricesOf(prices: unknown) {
  return importing([{ id: 'm', match: { equals: 'm' }, prices }]).file.models[0]?.prices;
}

describe('importing @pydantic/genai-prices', () => {
  test('maps its price keys to meters and keeps every digit', () => {
    const prices = {
      input_mtok: 0.000_000_1,
      cache_read_mtok: 0.25,
      cache_write_mtok: 1,
      cache_write_1h_mtok: 2,
      output_mtok: 0.1,
    };
    expect(pricesOf(prices)).toEqual([
      { input: '0.0000001', cached_input: '0.25', cache_write_5m: '1', cache_write_1h: '2', output: '0.1' },
    ]);
  });

  test('refuses a price key without a meter, by name', () => {
    expect(() => pricesOf({ input_mtok: 1, input_moonbeams: 2 })).toThrow('input_moonbeams');
    expect(() => pricesOf({ constructor: 2 })).toThrow('constructor');
  });

  test('a start date begins a price and ends the one before it, whatever the order', () => {
    const entries = [
      { constraint: { type: 'start_date', start_date: '2026-08-01' }, prices: { input_mtok: 3 } },
      { prices: { input_mtok: 1 } },
      { constraint: { type: 'start_date', start_date: '2026-06-01' }, prices: { input_mtok: 2 } },
    ];
    expect(pricesOf(entries)).toEqual([
      { valid_to: '2026-06-01', input: '1' },
      { valid_from: '2026-06-01', valid_to: '2026-08-01', input: '2' },
      { valid_from: '2026-08-01', input: '3' },
    ]);
  });

  test('a tier becomes the price above its start, only for the meters that have it', () => {
    const tiered = {
      base: 1,
      tiers: [
        { start: 200_000, price: 2 },
        { start: 500_000, price: 3 },
      ],
    };
    expect(
      pricesOf({
        input_mtok: tiered,
        output_mtok: { base: 5, tiers: [{ start: 200_000, price: 7 }] },
        web_searches_kcount: 10,
      }),
    ).toEqual([
      { input: '1', output: '5', web_searches: '10' },
      { above_input_tokens: 200_000, input: '2', output: '7' },
      { above_input_tokens: 500_000, input: '3' },
    ]);
  });

  test('prices by time of day are left out and named, never blended in', () => {
    const entries = [
      { prices: { input_mtok: 1 } },
      {
        constraint: { type: 'time_of_date', start_time: '01:00:00Z', end_time: '04:00:00Z' },
        prices: { input_mtok: 9 },
      },
    ];
    const { file, leftOut } = importing([{ id: 'm', match: {}, prices: entries }]);
    expect(file.models[0]?.prices).toEqual([{ input: '1' }]);
    expect(leftOut).toEqual(['acme m: prices by time of day']);
  });

  test('only rules that name one model exactly become aliases', () => {
    const match = {
      or: [
        { equals: 'm' },
        { equals: 'M-1' },
        { starts_with: 'm-' },
        { regex: '^m' },
        { and: [{ equals: 'm-2' }, { contains: 'x' }] },
      ],
    };
    const { file } = importing([
      { id: 'm', match, prices: {} },
      { id: 'n', match: { or: [{ equals: 'M-1' }, { equals: 'm' }, { equals: 'n-1' }] }, prices: {} },
    ]);
    expect(file.models).toEqual([
      { id: 'm', aliases: ['M-1'], prices: [] },
      { id: 'n', aliases: ['n-1'], prices: [] },
    ]);
  });

  test('a cache write below plain input and a cache read above it are marked as doubtful', () => {
    const doubts = [
      { cache_write_mtok: 0.5 },
      { cache_read_mtok: 1.5 },
      { cache_write_mtok: 1, cache_read_mtok: 1 },
    ].map((cache) => importing([{ id: 'm', match: {}, prices: { input_mtok: 1, ...cache } }]).file.models[0]?.doubt);
    expect(doubts).toEqual([
      expect.stringContaining('below plain input'),
      expect.stringContaining('above plain input'),
      undefined,
    ]);
  });

  test('a printed file reads back as the same file', () => {
    const { file } = importing([
      { id: 'm', match: { equals: 'x"y' }, context_window: 5, prices: { input_mtok: 1 } },
      { id: 'e', match: {}, prices: {} },
    ]);
    expect(JSON.parse(printPriceFile(file))).toEqual(file);
    expect(parsePriceFile(JSON.parse(printPriceFile(file)), 'acme.json').models.size).toBe(2);
  });
});
