import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { withValueAt } from '../../src/cli/set-value.ts';

describe('a value set at a path', () => {
  const scenario = {
    months: 3,
    workloads: [{ id: 'chat', model: { openai: 'a' } }, { id: 'code' }],
    tiers: ['local', 'openai'],
  };

  test('is found by the id of a list element', () => {
    expect(withValueAt(scenario, 'workloads.code.months', 5)).toEqual({
      ok: true,
      path: ['workloads', 1, 'months'],
      value: { ...scenario, workloads: [scenario.workloads[0], { id: 'code', months: 5 }] },
    });
  });

  test('is found by place, by text, and one past the end', () => {
    expect(withValueAt(scenario, 'tiers.openai', 'google')).toMatchObject({
      path: ['tiers', 1],
      value: { tiers: ['local', 'google'] },
    });
    expect(withValueAt(scenario, 'tiers.2', 'google')).toMatchObject({
      value: { tiers: ['local', 'openai', 'google'] },
    });
    expect(withValueAt(scenario, 'tiers.3', 'google')).toMatchObject({ ok: false });
  });

  test('makes the keys that are not there', () => {
    expect(withValueAt(scenario, 'energy.pue', 1.1)).toMatchObject({ value: { ...scenario, energy: { pue: 1.1 } } });
  });

  test('never changes what it was given, nor any prototype', () => {
    const before = structuredClone(scenario);
    const segment = fc.constantFrom(
      'workloads',
      'chat',
      '0',
      '2',
      'tiers',
      '__proto__',
      'constructor',
      'prototype',
      'x',
    );
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.jsonValue(), (keys, value) => {
        withValueAt(scenario, keys.join('.'), value);
        expect(scenario).toEqual(before);
        expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
      }),
    );
  });
});
