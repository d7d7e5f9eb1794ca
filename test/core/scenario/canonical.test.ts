import { describe, expect, test } from '@jest/globals';
import { canonicalScenario } from '../../../src/core/scenario/canonical.ts';
import { parsed, scenarioWith, withMachines, withWorkload } from './example.ts';

const canonical = (input: unknown) => JSON.stringify(canonicalScenario(parsed(input)));

describe('the canonical form', () => {
  test.each([
    [1, '1.00'],
    ['0.10', '10%'],
    ['1000', '1k'],
    ['5 to 15', '5..15'],
    ['5 to 15', '5.0  to  15.00'],
    ['5 to 15', { range: '5 to 15', varies: 'once' }],
  ])('is the same for %p and %p', (a, b) => {
    expect(canonical(withWorkload({ requests_per_month: a }))).toBe(canonical(withWorkload({ requests_per_month: b })));
  });

  test('is the same whatever the order of keys, and for a default left out or stated', () => {
    const { name, workloads } = scenarioWith();
    expect(canonical({ workloads, name })).toBe(canonical({ name, workloads }));
    expect(canonical(scenarioWith({ months: 12, currency: 'USD', tiers: ['openai'] }))).toBe(canonical(scenarioWith()));
  });

  test('differs where the meaning does', () => {
    const forms = [1, 2, '1 to 2', { min: 1, mode: 1.5, max: 2 }, { range: '1 to 2', varies: 'monthly' }];
    const texts = forms.map((requests_per_month) => canonical(withWorkload({ requests_per_month })));
    expect(new Set(texts).size).toBe(forms.length);
    expect(canonical(scenarioWith({ as_of: '2026-11-21', start: '2026-12' }))).not.toBe(canonical(scenarioWith()));
  });

  test('is plain JSON with sorted keys and decimals as text', () => {
    const value = canonicalScenario(parsed(withMachines())) as Record<string, unknown>;
    expect(JSON.parse(JSON.stringify(value))).toEqual(value);
    expect(Object.keys(value)).toEqual(Object.keys(value).toSorted());
    expect(value.hours_per_month).toBe('730');
  });
});
