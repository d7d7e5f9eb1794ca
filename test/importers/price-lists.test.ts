import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { ProposedPrice } from '../../src/core/prices/proposed-price.ts';
import { InvalidInput } from '../../src/core/problem.ts';
import { parsePriceList } from '../../src/importers/price-list.ts';

const fixture = (name: string): string => readFileSync(`test/fixtures/prices/${name}`, 'utf8');

/** `openai gpt-5 input` or `… input >200000`, and the price. */
function table(prices: readonly ProposedPrice[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    prices.map(({ provider, model, meter, price, above_input_tokens: above, utc_hours: hours }) => [
      `${provider} ${model} ${meter}${above === null ? '' : ` >${above}`}${hours === null ? '' : ` @${hours}`}`,
      price.toFixed(),
    ]),
  );
}

describe('LiteLLM', () => {
  const { format, prices } = parsePriceList(fixture('litellm.json'));

  test('exponents become exact decimals per million, for every class of service and threshold', () => {
    expect(format).toBe('litellm');
    expect(table(prices)).toEqual({
      'openai gpt-5 cached_input': '0.125',
      'openai gpt-5 flex_cached_input': '0.0625',
      'openai gpt-5 priority_cached_input': '0.25',
      'openai gpt-5 input': '1.25',
      'openai gpt-5 flex_input': '0.625',
      'openai gpt-5 priority_input': '2.5',
      'openai gpt-5 output': '10',
      'openai gpt-5 flex_output': '5',
      'openai gpt-5 priority_output': '20',
      'google gemini-2.5-pro cached_input': '0.125',
      'google gemini-2.5-pro input': '1.25',
      'google gemini-2.5-pro input >200000': '2.5',
      'google gemini-2.5-pro output': '10',
      'google gemini-2.5-pro output >200000': '15',
      'anthropic claude-haiku-4-5 cache_write_5m': '1.25',
      'anthropic claude-haiku-4-5 cache_write_1h': '2',
      'anthropic claude-haiku-4-5 cached_input': '0.1',
      'anthropic claude-haiku-4-5 input': '1',
      'anthropic claude-haiku-4-5 output': '5',
      'anthropic claude-haiku-4-5 web_searches': '10',
    });
  });
});

describe('OpenRouter', () => {
  const { format, prices, leftOut } = parsePriceList(fixture('openrouter-models.json'));

  test('discounts come off, longer requests have their own price, and zero says nothing of requests', () => {
    expect(format).toBe('openrouter');
    expect(table(prices)).toEqual({
      'openrouter anthropic/claude-opus-4.8 input': '5',
      'openrouter anthropic/claude-opus-4.8 output': '25',
      'openrouter anthropic/claude-opus-4.8 cached_input': '0.5',
      'openrouter anthropic/claude-opus-4.8 cache_write_5m': '6.25',
      'openrouter anthropic/claude-opus-4.8 cache_write_1h': '10',
      'openrouter anthropic/claude-opus-4.8 web_searches': '10',
      'openrouter openai/gpt-5.5 input': '5',
      'openrouter openai/gpt-5.5 output': '30',
      'openrouter openai/gpt-5.5 input >272000': '10',
      'openrouter openai/gpt-5.5 output >272000': '45',
      // Later entries win: at those hours a long request pays what the last one says.
      'openrouter openai/gpt-5.5 input @01:00-04:00 mon-fri': '7.5',
      'openrouter openai/gpt-5.5 input >272000 @01:00-04:00 mon-fri': '7.5',
      'openrouter deepseek/deepseek-v4-pro input': '0.66',
      'openrouter deepseek/deepseek-v4-pro input @01:00-04:00': '1.32',
      'openrouter deepseek/deepseek-v4-pro input @06:00-10:00': '1.32',
      'openrouter deepseek/deepseek-v4-pro input @00:00-24:00 sat,sun': '0.33',
      'openrouter deepseek/deepseek-v4-pro output': '1.98',
      'openrouter deepseek/deepseek-v4-pro output @01:00-04:00': '3.96',
      'openrouter deepseek/deepseek-v4-pro output @06:00-10:00': '3.96',
      'openrouter meta-llama/llama-3.1-8b-instruct input': String(0.02 * (1 - 0.25)),
      'openrouter meta-llama/llama-3.1-8b-instruct output': '0.0225',
    });
  });

  test('what the book cannot hold is told: conditions it does not know, and −1 for "it depends"', () => {
    expect(leftOut).toEqual([
      'deepseek/deepseek-v4-pro: a price under conditions that are not known here',
      'openrouter/auto: no price of its own',
    ]);
  });
});

describe('models.dev', () => {
  test('gives the prices of the providers themselves, not of their resellers', () => {
    const { format, prices } = parsePriceList(fixture('models-dev.json'));
    expect(format).toBe('models-dev');
    expect(table(prices)).toEqual({
      'anthropic claude-sonnet-4-20250514 input': '3',
      'anthropic claude-sonnet-4-20250514 output': '15',
      'anthropic claude-sonnet-4-20250514 cached_input': '0.3',
      'anthropic claude-sonnet-4-20250514 cache_write_5m': '3.75',
    });
  });
});

describe('a price file of this project', () => {
  test('is read as it is shipped, dates and thresholds included', () => {
    const { format, prices } = parsePriceList(readFileSync('models/prices/google.json', 'utf8'));
    expect(format).toBe('price-file');
    expect(prices.filter(({ model, meter }) => model === 'gemini-3.8-flash' && meter === 'output')).toMatchObject([
      { valid_from: null, valid_to: '2027-01-01' },
      { valid_from: '2027-01-01', valid_to: null },
    ]);
  });
});

describe('negotiated prices', () => {
  const header = 'Provider,Model,Meter,Price,Valid_from,Valid_to,Above_input_tokens,Note';

  test('columns are found by name, and a price without an end ends where the next begins', () => {
    const { prices } = parsePriceList(
      `\uFEFF${header}\r\nopenai,gpt-5.5,input,4.10,2027-01-01,,,from the contract\r\nopenai,gpt-5.5,input,4.50,,,,\r\nopenai,gpt-5.5,input,8.20,2027-01-01,,271999,\r\n`,
    );
    expect(
      prices.map(({ price, valid_from, valid_to, above_input_tokens }) => [
        price.toFixed(),
        valid_from,
        valid_to,
        above_input_tokens,
      ]),
    ).toEqual([
      ['4.5', null, '2027-01-01', null],
      ['4.1', '2027-01-01', null, null],
      ['8.2', '2027-01-01', null, 271_999],
    ]);
  });

  test('everything wrong is told at once, each with its line', () => {
    const text = [header, 'OpenAI,m,inputs,-1,2027-02-30,,,', 'openai,m,input,0x10,2027-01-01,2027-01-01,0,'].join(
      '\n',
    );
    try {
      parsePriceList(text);
      throw new Error('it was let through');
    } catch (error) {
      expect((error as InvalidInput).problems.map(({ pointer }) => pointer)).toEqual([
        '/2/provider',
        '/2/meter',
        '/2/price',
        '/2/valid_from',
        '/3/price',
        '/3/above_input_tokens',
        '/3/valid_to',
      ]);
    }
  });

  test('a header without the needed columns is refused with those that are', () => {
    expect(() => parsePriceList('model,price\nx,1\n')).toThrow('The header lacks provider, meter');
  });

  test.each([
    '[1, 2',
    '{}',
    '[]',
    '{"data": 5}',
    '{"models": []}',
    '"text"',
    '\u0000',
    '{"a": {"litellm_provider": "openai", "input_cost_per_token": "lots"}}',
  ])('hostile or empty text %j gives no price, and nothing but InvalidInput', (text) => {
    try {
      expect(parsePriceList(text).prices).toEqual([]);
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInput);
    }
  });
});
