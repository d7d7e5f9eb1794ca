import { describe, expect, test } from '@jest/globals';
import { loadCostModels } from '../src/files/cost-models.ts';
import { rationalOf, textOf } from './helpers/rational.ts';
import { runExample } from './helpers/run-example.ts';

const models = await loadCostModels('models/cost-models');
const digits = 12;
const shown = (value: string) => (value === 'left out' ? value : textOf(rationalOf(value), digits));

for (const model of models.values()) {
  describe(`cost model ${model.id}`, () => {
    test('has at least one worked example', () => expect(model.examples.length).toBeGreaterThan(0));

    for (const example of model.examples) {
      test(`${example.name}`, () => {
        const found = [...runExample(model, example, models)].map(([id, value]) => [id, shown(value)]);
        const expected = Object.entries(example.expect).map(([id, arithmetic]) => [id, shown(arithmetic)]);
        expect(found).toEqual(expected);
      });
    }
  });
}

test('an example with a wrong cent fails', () => {
  const model = [...models.values()].find(({ id }) => id === 'token-api');
  const example = model?.examples[0];
  if (model === undefined || example === undefined) throw new Error('the canary needs an example');
  const found = runExample(model, example, models).get('input') ?? '';
  expect(textOf(rationalOf(found), 2)).not.toEqual(textOf(rationalOf(`${example.expect.input} + 0.01`), 2));
});
