import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { findPrices } from '../../../src/core/prices/find-prices.ts';
import { parseScenario } from '../../../src/core/scenario/parse.ts';
import { scenarioJsonSchema } from '../../../src/core/scenario/schema.ts';
import { loadHardware } from '../../../src/files/hardware.ts';
import { loadOpenModels } from '../../../src/files/llms.ts';
import { loadPriceBook } from '../../../src/files/price-book.ts';
import { loadTiers } from '../../../src/files/tiers.ts';
import { scenarioWith, withBox, withWorkload } from './example.ts';

const folder = new URL('../../../models/scenarios/', import.meta.url);
const names = readdirSync(folder);
const texts = new Map(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
const [hardware, llms, tiers, book] = await Promise.all([
  loadHardware('models/hardware.yaml'),
  loadOpenModels('models/llms.yaml'),
  loadTiers('models/tiers.yaml'),
  loadPriceBook('models/prices'),
]);
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(scenarioJsonSchema());

describe.each(names)('%s', (name) => {
  const text = texts.get(name) ?? '';
  const input: unknown = parse(text);
  const reading = parseScenario(input, { hardware, llms, tiers, today: '2026-11-22' });

  test('parses without a warning but that a speed is reckoned, and names the schema for editors', () => {
    expect(reading).toMatchObject({ ok: true });
    expect(reading.ok && reading.warnings.filter(({ code }) => code !== 'roofline-prior')).toEqual([]);
    expect(text.startsWith('# yaml-language-server: $schema=../scenario.schema.json\n')).toBe(true);
  });

  test('fits the JSON Schema', () => {
    expect(validate(input) ? [] : validate.errors).toEqual([]);
  });

  test('asks for models that the price book has', () => {
    if (!reading.ok) throw new Error('does not parse');
    const { workloads, as_of: asOf, start, prices: overrides } = reading.scenario;
    const asked = workloads.flatMap(({ model }) =>
      Object.entries(model).flatMap(([tier, id]) => {
        const provider = tiers.find((candidate) => candidate.id === tier)?.provider;
        return provider == null ? [] : [{ provider, model: id, asOf, months: [start], overrides }];
      }),
    );
    expect(asked.length).toBeGreaterThan(0);
    for (const question of asked) {
      const found = findPrices(book, question);
      expect(found).toMatchObject({ ok: true });
      for (const meter of ['input', 'output'] as const)
        expect(found.ok && found.meters.get(meter)?.[0]?.price).toBeTruthy();
    }
  });
});

describe('the JSON Schema', () => {
  test('is the one that is shipped', () => {
    expect(JSON.parse(readFileSync('models/scenario.schema.json', 'utf8'))).toMatchObject(scenarioJsonSchema());
  });

  test('describes every field', () => {
    const undescribed = fieldsOf(scenarioJsonSchema()).filter(
      ({ schema }) => typeof schema.description !== 'string' && schema.$ref === undefined,
    );
    expect(undescribed.map(({ path }) => path)).toEqual([]);
  });

  test.each([
    ['an unknown key', scenarioWith({ curency: 'USD' })],
    ['no workload', scenarioWith({ workloads: [] })],
    ['121 months', scenarioWith({ months: 121 })],
    ['a time to live that is none', withWorkload({ cache_ttl: '10m' })],
    ['an object that is no quantity', withBox({ gpu_price: { low: 1, high: 2 } })],
  ])('refuses %s, as the parser does', (_name, input) => {
    expect(validate(input)).toBe(false);
  });
});

type JsonSchema = Readonly<Record<string, unknown>>;

/** Every property of every object in the schema, but for the points of a range, whose names say it all. */
function fieldsOf(schema: JsonSchema, path = ''): readonly { readonly path: string; readonly schema: JsonSchema }[] {
  const inner = Object.entries(schema).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null ? fieldsOf(value as JsonSchema, `${path}/${key}`) : [],
  );
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>);
  return [...properties.map(([key, property]) => ({ path: `${path}/${key}`, schema: property })), ...inner];
}
