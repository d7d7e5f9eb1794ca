import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseScenario } from '../../../src/core/scenario/parse.ts';
import { box, chat, context, problemsOf, scenarioWith, withMachines, withWorkload } from './example.ts';

describe('input no schema should have to look at', () => {
  test.each<[string, unknown, string]>([
    ['depth of 33', nested(33), 'limit-exceeded'],
    ['depth of 100,000', nested(100_000), 'limit-exceeded'],
    ['501 keys', Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`k${i}`, 1])), 'limit-exceeded'],
    ['10,001 elements', scenarioWith({ workloads: Array.from({ length: 10_001 }, () => 1) }), 'limit-exceeded'],
    ['a text of 10 MB', scenarioWith({ name: 'x'.repeat(10_000_000) }), 'limit-exceeded'],
    ['a number of 10 MB', withWorkload({ requests_per_month: '9'.repeat(10_000_000) }), 'limit-exceeded'],
    ['a key of 10 MB', scenarioWith({ ['k'.repeat(10_000_000)]: 1 }), 'limit-exceeded'],
    [
      '250,000 values',
      scenarioWith({ a: Array.from({ length: 25 }, () => Array.from({ length: 10_000 }, () => 1)) }),
      'limit-exceeded',
    ],
    ['a loop', loop(), 'limit-exceeded'],
    [
      '__proto__ as a key',
      JSON.parse('{"name": "a", "workloads": [], "__proto__": {"polluted": true}}'),
      'unknown-key',
    ],
    ['__proto__ as a tier', JSON.parse('{"name": "a", "workloads": [{"model": {"__proto__": "m"}}]}'), 'unknown-key'],
    ['a date', scenarioWith({ as_of: new Date(0) }), 'wrong-type'],
    ['a map', scenarioWith({ exchange_rates: new Map([['USD', 1]]) }), 'wrong-type'],
    ['a function', scenarioWith({ name: () => 'x' }), 'wrong-type'],
    ['a bigint', scenarioWith({ months: 12n }), 'wrong-type'],
    ['a symbol', scenarioWith({ name: Symbol('x') }), 'wrong-type'],
  ])('%s', (_name, input, code) => {
    const reading = parseScenario(input, context);
    expect(reading).toMatchObject({ ok: false, problems: expect.arrayContaining([expect.objectContaining({ code })]) });
    expect(JSON.stringify(reading).length).toBeLessThan(20_000);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test('depth of 32, 500 keys and 10,000 elements are looked at', () => {
    expect(problemsOf(nested(32)).join()).not.toContain('limit-exceeded');
    const keys = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 1]));
    expect(problemsOf(keys).join()).not.toContain('limit-exceeded');
    expect(problemsOf(withWorkload({ sizes: Array.from({ length: 10_000 }, () => 1) })).join()).not.toContain(
      '/workloads/0/sizes/1 limit',
    );
  });

  test('after 200 problems it is enough', () => {
    const reading = parseScenario(
      scenarioWith({ workloads: Array.from({ length: 50 }, () => ({ a: 1, b: 2, c: 3, d: 4, e: 5 })) }),
      context,
    );
    expect(reading).toMatchObject({ ok: false });
    expect(reading.ok ? [] : reading.problems.filter(({ code }) => code === 'too-many-problems')).toHaveLength(1);
    expect(reading.ok ? 0 : reading.problems.length).toBe(201);
  });
});

const quantityText = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.integer({ min: 1, max: 999 }).map((n) => `${n}k`),
  fc.tuple(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1001, max: 100_000 })).map(([a, b]) => `${a} to ${b}`),
  fc.integer({ min: 1, max: 1000 }).map((n) => ({ min: n, mode: n + 1, max: n + 3 })),
);
const shareText = fc.oneof(
  fc.integer({ min: 0, max: 50 }).map((n) => `${n}%`),
  fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 40 })).map(([a, b]) => `${a}% to ${b}%`),
);
const workload = fc.record(
  {
    id: fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/).filter((id) => id !== 'constructor'),
    requests_per_month: quantityText,
    input_tokens: fc.oneof(
      quantityText,
      fc.integer({ min: 1, max: 9999 }).map((mean) => ({ mean, p95: mean * 3 })),
    ),
    output_tokens: quantityText,
    cached_input_share: shareText,
    batch_share: shareText,
    growth_per_month: fc.constantFrom('0%', '-5%', '1% to 4%'),
    spikes: fc.constantFrom('none', { chance_per_month: '2%', multiplier: '2 to 10', carry_over: '60%' }),
    model: fc.constant({ openai: 'm' }),
  },
  { requiredKeys: ['id', 'requests_per_month', 'input_tokens', 'output_tokens', 'model'] },
);
const machine = fc.record(
  {
    id: fc.stringMatching(/^m[0-9]{1,3}$/),
    gpu: fc.constantFrom('custom', 'rtx-4090'),
    count: fc.integer({ min: 1, max: 9 }),
    gpu_price: quantityText,
    idle_watts: fc.integer({ min: 0, max: 100 }),
    load_watts: fc.integer({ min: 100, max: 1000 }),
    throughput: fc.record({ total_tokens_per_s: quantityText }),
    bought: fc.constantFrom('2025-06', '2027-06'),
  },
  { requiredKeys: ['id', 'gpu', 'gpu_price', 'idle_watts', 'load_watts', 'throughput'] },
);
const scenario = fc.record(
  {
    name: fc.stringMatching(/^[A-Za-z ,.-]{1,60}$/),
    months: fc.integer({ min: 1, max: 120 }),
    workloads: fc.uniqueArray(workload, { minLength: 1, maxLength: 4, selector: ({ id }) => id }),
    local: fc.record({ machines: fc.uniqueArray(machine, { minLength: 1, maxLength: 3, selector: ({ id }) => id }) }),
    energy: fc.record({ price_per_kwh: fc.constantFrom('0.1872', '0.15 to 0.22', 0.3) }),
  },
  { requiredKeys: ['name', 'workloads', 'energy'] },
);

describe('properties', () => {
  test('generated scenarios parse', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        expect(problemsOf(input)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('the order of keys changes nothing', () => {
    fc.assert(
      fc.property(scenario, (input) => {
        expect(parseScenario(reversedKeys(input), context)).toEqual(parseScenario(input, context));
      }),
      { numRuns: 100 },
    );
  });

  test('a scenario with one place overwritten parses, or has problems whose pointers lead into what was sent', () => {
    const valid = withMachines({
      workloads: [chat],
      hybrid: { local_share: '80%', cloud: 'openai' },
      rows: [{ tier: 'openai', id: 'audit', formula: '1' }],
    });
    const places = placesIn(valid);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), (place, value) => {
        const input = structuredClone(valid);
        overwrite(input, place, value);
        const reading = parseScenario(input, context);
        if (reading.ok) return;
        expect(reading.problems.length).toBeGreaterThan(0);
        for (const { pointer, message, code } of reading.problems) {
          expect(pointer).toMatch(/^(\/([^~/]|~[01])*)*$/);
          expect(message).toMatch(/\S/);
          expect(code).toMatch(/^[a-z-]+$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('a scenario with one key dropped parses or names what is missing', () => {
    const valid = withMachines({ workloads: [chat], hybrid: { local_share: '80%', cloud: 'openai' } });
    for (const place of placesIn(valid).filter((path) => path.length > 0)) {
      const input = structuredClone(valid);
      drop(input, place);
      const reading = parseScenario(input, context);
      const codes = reading.ok ? [] : reading.problems.map(({ code }) => code);
      for (const code of codes)
        expect(['missing', 'too-short', 'tier-incomplete', 'nothing-to-compare', 'wrong-type']).toContain(code);
    }
  });

  test('any JSON at all is answered', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (input) => {
        const reading = parseScenario(input, context);
        expect(reading.ok || reading.problems.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('canary: a check that lets the second of two equal ids pass would be seen', () => {
    expect(problemsOf(withMachines({ workloads: [chat, chat], local: { machines: [box, box] } }))).toHaveLength(2);
  });
});

type Path = readonly (string | number)[];

function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, child]) =>
      placesIn(child, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function overwrite(root: Record<string, unknown>, path: Path, value: unknown): void {
  const parent = parentOf(root, path);
  const key = path.at(-1);
  if (parent !== undefined && key !== undefined) parent[key] = value;
}

function drop(root: Record<string, unknown>, path: Path): void {
  const parent = parentOf(root, path);
  const key = path.at(-1);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else if (parent !== undefined && key !== undefined) delete parent[key];
}

function parentOf(root: Record<string, unknown>, path: Path): Record<string | number, unknown> | undefined {
  return path
    .slice(0, -1)
    .reduce<Record<string | number, unknown>>((at, key) => at[key] as Record<string | number, unknown>, root);
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = { a: value };
  return value;
}

function loop(): unknown {
  const value: Record<string, unknown> = scenarioWith();
  value.self = [value, value];
  return value;
}

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, child]) => [key, reversedKeys(child)]),
  );
}
