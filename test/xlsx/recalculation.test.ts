import { describe, expect, test } from '@jest/globals';
import { readCells, withCell } from './cells.ts';
import { wrongMoney } from './money.ts';
import type { SampleWorkbook } from './samples.ts';
import { sampleNames, writeSample, writeScenario } from './samples.ts';
import { smallScenario as small } from './small-scenario.ts';
import { differences, recalculate } from './spreadsheet-engine.ts';

const patience = 300_000;

describe('every sample, calculated by a spreadsheet with no cached value left', () => {
  test.each(sampleNames)(
    '%s says what the service says, to the cent',
    async (name) => {
      const sample = await writeSample(name);
      const calculated = await recalculate(sample.bytes);
      const { compared, wrong } = wrongMoney(sample, calculated);
      expect(wrong.slice(0, 10)).toEqual([]);
      expect(compared).toBeGreaterThan(500);
      expect(differences(readCells(sample.bytes), calculated).slice(0, 10)).toEqual([]);
      expect(calculated.get('Summary!A3')).toBe('Checks: OK');
    },
    patience,
  );
});

describe('unusual scenarios', () => {
  const unusual: readonly (readonly [string, Record<string, unknown>])[] = [
    ['one month', { ...small, months: 1 }],
    [
      'yen, which have no decimals',
      { ...small, currency: 'JPY', exchange_rates: { USD: 155 }, energy: { price_per_kwh: 31 } },
    ],
    ['one tier only, without any price', { ...small, tiers: ['local'] }],
    ['a tier without a model', { ...small, tiers: ['local', 'openai', 'google'] }],
    [
      'series, calendar hours, and own rows that look back',
      {
        ...small,
        hours_per_month: 'calendar',
        energy: { price_per_kwh: { series: [0.2, 0.25, 0.19] } },
        rows: [
          { tier: 'local', id: 'audit', unit: 'USD', perimeter: 'bill', formula: 'IF(month_number = 2, 5000.005, 0)' },
          { tier: 'local', id: 'to_date', unit: 'USD', formula: 'CUM(audit) + PREV(to_date, 12)' },
          {
            tier: 'local',
            id: 'whole',
            unit: 'USD/kWh',
            formula: 'PREV(price_per_kwh) + SUM(MONTHS(price_per_kwh))',
          },
        ],
      },
    ],
    [
      'two workloads shared out by routes',
      {
        ...small,
        workloads: [
          ...small.workloads,
          { ...small.workloads[0], id: 'search', batch_share: '25%', input_tokens: { mean: 3000, p95: 9000 } },
        ],
        tiers: ['hybrid', 'openai'],
        hybrid: { local_share: '60%', cloud: 'openai' },
      },
    ],
    [
      'every term that can be agreed with a provider',
      {
        ...small,
        price_changes: { chance_per_month: '5%', multiplier: 0.8 },
        migrations: [
          { provider: 'openai', model: 'gpt-5.4-mini', at: '2027-12', to: 'gpt-5.4-nano', token_ratio: 1.1 },
        ],
        workloads: [
          {
            ...small.workloads[0],
            input_tokens: { mean: 90_000, p95: 300_000 },
            batch_share: '20%',
            flex_share: '10%',
            priority_share: '5%',
            web_searches_per_request: 0.5,
            effective_price_volatility: '8%',
            cache_write_share: '5%',
            cached_input_share: '30%',
            model: {
              ...small.workloads[0]?.model,
              openai: 'gpt-5.4-mini',
              anthropic: 'claude-sonnet-4-5',
              google: 'gemini-2.5-pro',
              together: 'meta-llama/Llama-3.3-70B-Instruct-Turbo',
            },
          },
        ],
        tiers: [
          {
            id: 'openai',
            credits: { amount: 500, until: '2027-12' },
            free_allowance: 20,
            commitment: { per_month: 5000 },
            rate_limits: { requests_per_minute: 10, tokens_per_minute: 100_000 },
          },
          {
            id: 'anthropic',
            provisioned: { units: 2, price_per_hour: 3, tokens_per_minute: 60_000 },
          },
        ],
        comparison: { baseline: 'openai' },
      },
    ],
  ];
  test.each(unusual)(
    '%s: every formula gives what is cached',
    async (name, scenario) => {
      const sample = await writeScenario(name, scenario);
      const calculated = await recalculate(sample.bytes);
      expect(wrongMoney(sample, calculated).wrong).toEqual([]);
      expect(differences(readCells(sample.bytes), calculated)).toEqual([]);
    },
    patience,
  );
});

describe('canaries', () => {
  const found = async (edit: (sample: SampleWorkbook) => Uint8Array): Promise<readonly string[]> => {
    const sample = await writeScenario('small', small);
    const bytes = edit(sample);
    return differences(readCells(bytes), await recalculate(bytes));
  };
  const total = ({ book }: SampleWorkbook): string =>
    `K${book.placed.places.get(book.program.tiers[0]?.fullTotal ?? -1)?.row}`;

  test(
    'a wrong cached value is seen: the engine calculates, it does not read the cache',
    async () => {
      let address = '';
      const seen = await found((sample) => {
        address = total(sample);
        return withCell(sample.bytes, 'Local', address, (cell) => cell.replace(/<v>.*<\/v>/, '<v>999</v>'));
      });
      expect(seen.length).toBe(1);
      expect(seen[0]).toMatch(new RegExp(`^Local!${address} =.*: 999 in the file`));
    },
    patience,
  );

  test(
    'a wrong formula is seen, and the checks of the workbook itself see it too',
    async () => {
      const sample = await writeScenario('small', small);
      const bytes = withCell(sample.bytes, 'Local', total(sample), (cell) => cell.replace('</f>', '+0.01</f>'));
      const calculated = await recalculate(bytes);
      expect(wrongMoney(sample, calculated).wrong.length).toBeGreaterThan(1);
      expect(calculated.get('Summary!A3')).toMatch(/^Checks: ERROR/);
    },
    patience,
  );

  test(
    'a changed input is told, and is no error',
    async () => {
      const sample = await writeScenario('small', small);
      const row = sample.book.program.rows.find(({ id }) => id === 'gpu_price');
      const place = sample.book.placed.places.get(row?.index ?? -1);
      const bytes = withCell(sample.bytes, 'Hardware', `E${place?.row}`, (cell) =>
        cell.replace('<v>1999</v>', '<v>2999</v>'),
      );
      const calculated = await recalculate(bytes);
      expect(calculated.get('Summary!A3')).toBe('Checks: OK');
      expect([...calculated.values()]).toContain('inputs changed');
      // 1,000 dearer over 36 months, in the first three of them
      const depreciation = sample.book.program.rows.find(({ key }) => key === 'local.depreciation.box');
      const at = `Local!J${sample.book.placed.places.get(depreciation?.index ?? -1)?.row}`;
      const before = Number(readCells(sample.bytes).find(({ sheet, address }) => `${sheet}!${address}` === at)?.value);
      const residual = 0.1;
      expect(Number(calculated.get(at)) - before).toBeCloseTo((1000 * (1 - residual)) / 36, 9);
    },
    patience,
  );
});
