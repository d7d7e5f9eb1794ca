import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findPrices } from '../../src/core/prices/find-prices.ts';
import type { PriceRow } from '../../src/core/prices/price.ts';
import { loadHardware } from '../../src/files/hardware.ts';
import { loadOpenModels } from '../../src/files/llms.ts';
import { loadPriceBook } from '../../src/files/price-book.ts';
import { loadMeasuredHardware, loadThroughput } from '../../src/files/throughput.ts';
import { DIMENSIONS, loadTiers } from '../../src/files/tiers.ts';

const models = path.join(import.meta.dirname, '../../models');
const book = await loadPriceBook(path.join(models, 'prices'));
const hardware = await loadHardware(path.join(models, 'hardware.yaml'));
const tiers = await loadTiers(path.join(models, 'tiers.yaml'));
const everyRow = [...book.providers.values()].flatMap((prices) =>
  [...prices.models.values()].flatMap((model) => model.rows),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'infercast-catalogues-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the shipped price book', () => {
  test('has the six providers, DeepSeek and a cloud that sells others’ models, each price with its source and dates', () => {
    expect([...book.providers.keys()]).toEqual([
      'anthropic',
      'aws',
      'deepseek',
      'fireworks',
      'google',
      'openai',
      'openrouter',
      'together',
    ]);
    expect(everyRow.length).toBeGreaterThan(2000);
    const incomplete = everyRow.filter(
      (row) =>
        !(row.source.startsWith('https://') && row.known_at && row.checked_at && row.catalogue && row.price.isFinite()),
    );
    expect(incomplete).toEqual([]);
  });

  test('holds exactly one price for each model, meter, threshold and window on any day that a price changes', () => {
    const days = [
      ...new Set([
        '2020-01-01',
        ...everyRow.flatMap((row) => [row.valid_from, row.valid_to].filter((day) => day !== null)),
      ]),
    ];
    const key = (row: PriceRow) =>
      [row.provider, row.model, row.meter, row.above_input_tokens, row.utc_hours].join('|');
    for (const day of days) {
      const inForce = everyRow.filter(
        (row) => (row.valid_from ?? '') <= day && (row.valid_to === null || day < row.valid_to),
      );
      expect(new Set(inForce.map(key)).size).toBe(inForce.length);
    }
  });

  test.each([
    ['openai', 'gpt-5.4-mini', '0.75', '4.5'],
    ['anthropic', 'claude-haiku-4-5', '1', '5'],
    ['openrouter', 'meta-llama/llama-3.1-8b-instruct', '0.02', '0.03'],
    ['together', 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo', '0.18', '0.18'],
    ['fireworks', 'accounts/fireworks/models/llama-v3p1-8b-instruct', '0.2', '0.2'],
  ])('prices %s %s', (provider, model, input, output) => {
    const answer = findPrices(book, { provider, model, asOf: '2026-11-22', months: ['2027-01'], overrides: [] });
    const prices = answer.ok
      ? ['input', 'output'].map((meter) => answer.meters.get(meter as 'input')?.[0]?.price?.toFixed())
      : answer;
    expect(prices).toEqual([input, output]);
  });

  test('knows that introductory Gemini prices end with the year', () => {
    const months = ['2026-12', '2027-01'];
    const answer = findPrices(book, {
      provider: 'google',
      model: 'gemini-3.8-flash',
      asOf: '2026-11-22',
      months,
      overrides: [],
    });
    expect(answer.ok && answer.meters.get('output')?.map((point) => point.price?.toFixed())).toEqual(['3.75', '7.5']);
  });

  test('refuses the next model of a family instead of pricing it as its predecessor', () => {
    const answer = findPrices(book, {
      provider: 'anthropic',
      model: 'claude-sonnet-5-5',
      asOf: '2026-11-22',
      months: ['2027-01'],
      overrides: [],
    });
    expect(answer).toMatchObject({
      ok: false,
      problem: { code: 'unknown-model', suggestions: expect.arrayContaining(['claude-sonnet-5']) },
    });
  });

  test('has a fee for every credit fee a tier names, and prices for every provider', () => {
    const fees = tiers.flatMap((tier) => tier.credit_fee ?? []);
    expect(fees.filter((id) => !book.fees.some((fee) => fee.id === id))).toEqual([]);
    expect(tiers.flatMap((tier) => tier.provider ?? []).filter((id) => !book.providers.has(id))).toEqual([]);
    expect(book.multipliers.filter((row) => !book.providers.has(row.provider))).toEqual([]);
  });
});

describe('gen:prices --check', () => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, ['scripts/gen-prices.ts', ...args], { cwd: path.join(models, '..') });

  test('agrees with the shipped files', async () => {
    await expect(run('--check')).resolves.toMatchObject({ stdout: '' });
  });

  test('fails and names the file when one digit of one price is changed', async () => {
    const copy = path.join(folder, 'prices');
    await cp(path.join(models, 'prices'), copy, { recursive: true });
    const file = path.join(copy, 'openai.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"input":"0.75"', '"input":"0.76"'));
    await expect(run('--check', '--to', copy)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(file),
    });
  });
});

describe('the hardware catalogue', () => {
  test('has every device, found by id and alias', () => {
    const ids = [
      'rtx-3090 rtx-4090 rtx-5090 rtx-a6000 rtx-6000-ada rtx-pro-6000 l4 l40s a100-40 a100-80 h100-sxm h100-pcie h100-nvl h200',
      'b200 gb200 mi300x mi325x mi355x mac-studio-m4-max mac-studio-m3-ultra dgx-spark strix-halo',
    ];
    expect(hardware.devices.map((device) => device.id)).toEqual(ids.join(' ').split(' '));
    expect(hardware.gpus.get('gb10')?.id).toBe('dgx-spark');
    expect(hardware.gpus.get('h100')).toBeUndefined();
  });

  test('gives every figure and street price a source and a date, or a reason for having none', () => {
    const bare = hardware.devices.flatMap(({ id, figures, price_usd: price }) => {
      const missing = Object.entries(figures).filter(([, item]) =>
        item.value === null ? !item.reason : !(item.source && item.date),
      );
      return [
        ...missing.map(([name]) => `${id} ${name}`),
        ...(price !== null && !(price.source && price.date) ? [`${id} price`] : []),
      ];
    });
    expect(bare).toEqual([]);
  });

  test('keeps its figures in order: low, value, high; usable within installed memory; idle below load', () => {
    for (const { figures, price_usd: price } of hardware.devices) {
      for (const item of Object.values(figures)) {
        if (item.value === null) continue;
        expect(item.low).toBeLessThanOrEqual(item.value);
        expect(item.value).toBeLessThanOrEqual(item.high);
      }
      expect(figures.usable_memory_gb.value ?? 0).toBeLessThanOrEqual(figures.memory_gb.value ?? 0);
      if (figures.load_watts.value !== null)
        expect(figures.idle_watts.value ?? 0).toBeLessThan(figures.load_watts.value);
      if (price !== null)
        expect([price.low, price.typical, price.high]).toEqual(
          [price.low, price.typical, price.high].toSorted((a, b) => a - b),
        );
    }
  });

  test('is refused when a figure names a source that is not listed', async () => {
    const file = path.join(folder, 'hardware.yaml');
    await writeFile(
      file,
      (await readFile(path.join(models, 'hardware.yaml'), 'utf8')).replace(
        '{value: 936, source: epoch}',
        '{value: 936, source: hearsay}',
      ),
    );
    await expect(loadHardware(file)).rejects.toThrow('rtx-3090 names the source hearsay');
  });
});

test('the tiers have a rating on each of the ten dimensions, or say why not', () => {
  expect(tiers.map((tier) => tier.id)).toEqual([
    'local',
    'openrouter',
    'together',
    'fireworks',
    'openai',
    'anthropic',
    'google',
    'bedrock',
    'deepseek',
    'hybrid',
  ]);
  const unrated = tiers.filter((tier) => DIMENSIONS.some((id) => tier.ratings?.[id] === undefined));
  expect(unrated.map((tier) => [tier.id, tier.ratings_reason])).toEqual([
    ['hybrid', 'follows from its members and their shares'],
  ]);
});

test('the open models have the shape of their cache, a source and a date', async () => {
  const llama = (await loadOpenModels(path.join(models, 'llms.yaml'))).models.find(({ id }) => id === 'llama-3.1-8b');
  const bytesPerToken = 2 * (llama?.layers ?? 0) * (llama?.kv_heads ?? 0) * (llama?.head_dim ?? 0) * 2;
  expect(bytesPerToken).toBe(2 * 32 * 8 * 128 * 2);
});

test('every open model is published in a quantization that is listed, with a source and a date', async () => {
  const { models, quantizations, llms } = await loadOpenModels(path.join('models', 'llms.yaml'));
  expect(models.length).toBeGreaterThan(20);
  expect(models.filter(({ quantization }) => !quantizations.has(quantization))).toEqual([]);
  expect(quantizations.get('q4_k_m')?.id).toBe('q4');
  for (const { active_parameters_b: active, parameters_b: all } of models) expect(active).toBeLessThanOrEqual(all);
  expect(llms.get('gpt-oss-120b')?.source).toContain('openai/gpt-oss-120b');
});

test('every open model was compared with its maker’s configuration, on a day and by evidence that is named', async () => {
  const { models: open } = await loadOpenModels(path.join('models', 'llms.yaml'));
  expect(open.filter(({ source }) => !/^https:\/\/huggingface\.co\/.+\/config\.json$/.test(source))).toEqual([]);
  expect(open.filter(({ checked, date }) => checked.length === 0 || date < '2026-11-22')).toEqual([]);
  const file = path.join(folder, 'llms.yaml');
  const text = await readFile(path.join(models, 'llms.yaml'), 'utf8');
  await writeFile(file, text.replace('checked: [kvcache, kvfit]', 'checked: [memory]'));
  await expect(loadOpenModels(file)).rejects.toThrow('llama-3.1-8b was checked by memory');
});

test('parameters of a dense model are those that its layers, heads and head size leave room for', async () => {
  // Llama 3.1: d = heads × head size, three feed-forward matrices, two norms a layer, input and output embeddings apart.
  const counted = (layers: number, width: number, inner: number, kvWidth: number): number =>
    layers * (2 * width ** 2 + 2 * width * kvWidth + 3 * width * inner + 2 * width) + width + 2 * 128_256 * width;
  const { llms } = await loadOpenModels(path.join('models', 'llms.yaml'));
  const inner = { 'llama-3.1-8b': [4096, 14_336], 'llama-3.1-70b': [8192, 28_672], 'llama-3.1-405b': [16_384, 53_248] };
  for (const [id, [width = 0, wide = 0]] of Object.entries(inner)) {
    const { layers = 0, kv_heads: heads = 0, head_dim: size = 0, parameters_b: stated = 0 } = llms.get(id) ?? {};
    expect(counted(layers, width, wide, heads * size) / 1e9).toBeCloseTo(stated, 1);
  }
});

describe('measured speeds', () => {
  test('name a source and a date, and devices and models that the catalogues have', async () => {
    const measured = await loadThroughput(path.join('models', 'throughput.yaml'));
    const { llms } = await loadOpenModels(path.join('models', 'llms.yaml'));
    expect(measured.length).toBe(77);
    expect(measured.filter(({ device }) => device !== null && !hardware.gpus.has(device))).toEqual([]);
    expect(measured.filter(({ llm }) => llm !== null && !llms.has(llm))).toEqual([]);
  });

  test('stand beside the device they were measured on, with the number of requests at once', async () => {
    const devices = await loadMeasuredHardware('models');
    const speeds = devices.find(({ id }) => id === 'rtx-4090')?.measured_throughput ?? [];
    expect(speeds.filter(({ llm, requests_at_once: users }) => llm === 'mistral-7b' && users === 48)).toMatchObject([
      { tokens_per_s: 1190, source: 'mushfiqrahman.dev', date: '2026' },
    ]);
  });
});

test('a data file over the limit or with an alias bomb is refused', async () => {
  const large = path.join(folder, 'large.yaml');
  await writeFile(large, '#'.repeat(4_000_001));
  await expect(loadTiers(large)).rejects.toThrow('at most 4000000');
  const bomb = path.join(folder, 'bomb.yaml');
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`);
  await writeFile(bomb, ['l0: &l0 [a]', ...levels].join('\n'));
  await expect(loadTiers(bomb)).rejects.toThrow(/alias/i);
});
