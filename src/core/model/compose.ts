import type { Problem } from '../problem.ts';
import { InvalidInput, pointerTo } from '../problem.ts';
import type { CostModel, InputDefinition, RowDefinition } from './definition.ts';

/**
 * Models with what they include written out: the inputs and rows of the included models, in the order in which they are
 * named, then the model's own. An input that several of them state in the same words is one input. Every row remembers
 * the model it was written in.
 * @throws InvalidInput with every name that is missing, included in a circle, or defined twice in different words
 */
export function composeModels(models: ReadonlyMap<string, CostModel>): ReadonlyMap<string, CostModel> {
  const problems: Problem[] = [];
  const composed = new Map([...models].map(([id, model]) => [id, composeModel(model, models, [id], problems)]));
  if (problems.length > 0) throw new InvalidInput(problems);
  return composed;
}

function composeModel(
  model: CostModel,
  models: ReadonlyMap<string, CostModel>,
  within: readonly string[],
  problems: Problem[],
): CostModel {
  if (model.includes.length === 0) return model;
  const members = model.includes.flatMap((id, i): CostModel[] => {
    const member = models.get(id);
    const pointer = pointerTo([model.id, 'includes', i]);
    if (member === undefined || within.includes(id)) {
      const message = member === undefined ? `There is no cost model "${id}".` : `"${id}" includes itself.`;
      problems.push({ code: member === undefined ? 'unknown-model' : 'model-loop', pointer, message });
      return [];
    }
    return [composeModel(member, models, [...within, id], problems)];
  });
  const own = new Set(members.map(({ id }) => id));
  return {
    ...model,
    uses: [...new Set([...members.flatMap(({ uses }) => uses), ...model.uses])].filter((id) => !own.has(id)),
    inputs: together(
      [...members, model].flatMap(({ id, inputs }) => inputs.map((one) => [id, one] as const)),
      problems,
    ),
    rows: [
      ...rowsTogether(
        members.flatMap(({ id, label, rows }) => rows.map((row) => [id, inSection(row, label)] as const)),
        problems,
      ),
      ...model.rows,
    ],
    spills: [...members, model].flatMap(({ spills }) => spills),
    alerts: [...members, model].flatMap(({ alerts }) => alerts),
  };
}

function inSection(row: RowDefinition, label: string): RowDefinition {
  return { ...row, section: row.section ?? label };
}

function together(
  given: readonly (readonly [string, InputDefinition])[],
  problems: Problem[],
): readonly InputDefinition[] {
  const known = new Map<string, InputDefinition>();
  for (const [model, input] of given) {
    const before = known.get(input.id);
    if (before === undefined) known.set(input.id, input);
    else if (JSON.stringify(before) !== JSON.stringify(input)) problems.push(definedTwice(model, 'inputs', input.id));
  }
  return [...known.values()];
}

function rowsTogether(
  given: readonly (readonly [string, RowDefinition])[],
  problems: Problem[],
): readonly RowDefinition[] {
  const seen = new Set<string>();
  for (const [model, { id }] of given) {
    if (seen.has(id)) problems.push(definedTwice(model, 'rows', id));
    seen.add(id);
  }
  return given.map(([, row]) => row);
}

function definedTwice(model: string, list: string, id: string): Problem {
  const message = `"${id}" is defined in another of the models that are put together, in other words.`;
  return { code: 'duplicate-row', pointer: pointerTo([model, list, id]), message };
}
