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

  const flat = { prices: { input_mtok: 1 } };
  const dated = { constraint: { type: 'start_date', start_date: '2026-08-17' }, prices: { input_mtok: 2 } };
  const window = (start_time: string, end_time: string) => ({
    constraint: { type: 'time_of_date', start_time, end_time },
    prices: { input_mtok: 4 },
  });

  test('hours that are listed after a date hold from that date, and not in all history', () => {
    expect(pricesOf([flat, dated, window('01:00:00Z', '04:00:00Z'), window('22:00:00Z', '02:00:00Z')])).toEqual([
      { valid_to: '2026-08-17', input: '1' },
      { valid_from: '2026-08-17', input: '2' },
      { valid_from: '2026-08-17', utc_hours: '01:00-04:00', input: '4' },
      { valid_from: '2026-08-17', utc_hours: '22:00-02:00', input: '4' },
    ]);
    expect(pricesOf([flat, window('01:00:00Z', '04:00:00Z')])).toEqual([
      { input: '1' },
      { utc_hours: '01:00-04:00', input: '4' },
    ]);
  });

  test('hours that are listed before a date end with it, because later entries win', () => {
    expect(pricesOf([flat, window('01:00:00Z', '04:00:00Z'), dated])).toEqual([
      { valid_to: '2026-08-17', input: '1' },
      { valid_from: '2026-08-17', input: '2' },
      { valid_to: '2026-08-17', utc_hours: '01:00-04:00', input: '4' },
    ]);
  });

  test('hours have a line for every threshold of the prices they replace', () => {
    const tiered = { prices: { input_mtok: { base: 1, tiers: [{ start: 200_000, price: 3 }] } } };
    expect(pricesOf([tiered, window('01:00:00Z', '04:00:00Z')])).toEqual([
      { input: '1' },
      { above_input_tokens: 200_000, input: '3' },
      { utc_hours: '01:00-04:00', input: '4' },
      { above_input_tokens: 200_000, utc_hours: '01:00-04:00', input: '4' },
    ]);
  });

  test('the days that the maintainers tell of in words are put beside the hours, from their day on', () => {
    const { file } = parseGenaiPrices(
      {
        id: 'acme',
        name: 'Acme',
        pricing_urls: ['https://acme.example'],
        models: [{ id: 'm', match: {}, prices: [flat, dated, window('01:00:00Z', '04:00:00Z')] }],
      },
      { ...edition, daysOfHours: { m: { from: '2026-08-23', days: 'mon-fri' } } },
    );
    expect(file.models[0]?.prices.slice(2)).toEqual([
      { valid_from: '2026-08-17', valid_to: '2026-08-23', utc_hours: '01:00-04:00', input: '4' },
      { valid_from: '2026-08-23', utc_hours: '01:00-04:00 mon-fri', input: '4' },
    ]);
  });

  test('hours that cannot be read are left out and named, never taken for the whole day', () => {
    const { file, leftOut } = importing([{ id: 'm', match: {}, prices: [flat, window('01:00:00+02:00', '04:00Z')] }]);
    expect(file.models[0]?.prices).toEqual([{ input: '1' }]);
    expect(leftOut).toEqual(['acme m: prices of hours that cannot be read']);
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
