import { call, name } from '../formula/ast.ts';
import type { Problem } from '../problem.ts';
import { indexBelongings } from './belongings.ts';
import type { CostModel, InputDefinition, RowDefinition } from './definition.ts';
import type { Dimension } from './dimensions.ts';
import type { Names, Slot } from './names.ts';
import { lineOf, linesOf } from './names.ts';
import type { Block, InputValue, Instances, ProgramRow, Reference, ResolvedInput } from './program.ts';
import type { OwnRowPlan, ProgramPlan } from './program-plan.ts';
import type { Kept } from './zero-rows.ts';
import { withoutZeroRows } from './zero-rows.ts';

/** Where a formula stands: what its names mean, for which instance, and the pointer that its problems carry. */
export type Place = { readonly names: Names; readonly instance: string | null; readonly pointer: string };

/** A line whose names are still to be resolved; a line made in code has no place, because its references are known. */
export type Draft = { readonly row: ProgramRow; readonly place: Place | null };

export type Drafting = ReturnType<typeof startDrafting>;

/**
 * Lines of sheets as they come: every input and row of a model once per instance. An input is one line wherever it is
 * read; a row whose `only_if` input is constantly 0 is left out, and so is one whose formula is 0 without such inputs and rows.
 */
export function startDrafting({ instances, resolve }: Pick<ProgramPlan, 'instances' | 'resolve'>, problems: Problem[]) {
  const drafts: Draft[] = [];
  const blocks: Block[] = [];
  const inputLines = new Map<string, number>();
  const belongings = indexBelongings(instances);

  const add = (row: Omit<ProgramRow, 'index'>, place: Place | null): number => {
    drafts.push({ row: { index: drafts.length, ...row }, place });
    return drafts.length - 1;
  };

  const addInput = (definition: InputDefinition, instance: string | null, input: ResolvedInput): number => {
    const known = inputLines.get(input.key);
    if (known !== undefined) return known;
    const { id, unit, sheet } = definition;
    const line = add(
      {
        key: input.key,
        sheet,
        block: sheet,
        id,
        label: input.label,
        unit,
        instance,
        content: { kind: 'input', definition, input },
      },
      null,
    );
    inputLines.set(input.key, line);
    return line;
  };

  const addRow = (block: Block, definition: RowDefinition, place: Place): number => {
    const { id, label, unit, expression } = definition;
    return add(
      {
        key: keyOf(block, id, place.instance),
        sheet: block.sheet,
        block: block.id,
        id,
        label,
        unit,
        instance: place.instance,
        content: { kind: 'formula', definition, expression, references: new Map() },
      },
      place,
    );
  };

  /** A line whose references are lines already; `text` gives what differs from a working without instance. */
  const addFormula = (
    block: Block,
    text: Pick<RowDefinition, 'id' | 'label' | 'unit' | 'expression'> & Partial<RowDefinition>,
    references: ReadonlyMap<string, Reference>,
    instance: string | null = null,
  ): number => {
    const definition = workingRow(text);
    const { id, label, unit, expression } = definition;
    return add(
      {
        key: keyOf(block, id, instance),
        sheet: block.sheet,
        block: block.id,
        id,
        label,
        unit,
        instance,
        content: { kind: 'formula', definition, expression, references },
      },
      null,
    );
  };

  const addTotal = (
    block: Block,
    text: Pick<RowDefinition, 'id' | 'label'> & Partial<RowDefinition>,
    each: readonly number[],
  ): number =>
    addFormula(
      block,
      { unit: 'money', expression: call('TOTAL', name('lines')), ...text },
      new Map([['lines', { one: null, each }]]),
    );

  /** Whether a line is an input that is 0 in every month. */
  const isZero = (line: number | null): boolean => {
    if (line === null) return true;
    const content = drafts[line]?.row.content;
    if (content?.kind !== 'input') return false;
    return isZeroThroughout(content.input.value);
  };

  /** Whether it belongs to a workload of which nothing comes here: an offline one in what overflows. */
  const isOfNoDemand = ({ per }: InputDefinition | RowDefinition, instance: string | null, names: Names): boolean => {
    const share = names.get('demand_share');
    return share !== undefined && per !== null && lineOf(share, per, instance, belongings) === null;
  };

  const isLeftOut = (definition: InputDefinition | RowDefinition, instance: string | null, names: Names): boolean =>
    isOfNoDemand(definition, instance, names) || isSwitchedOff(definition, instance, names);

  const isSwitchedOff = (
    { onlyIf, per }: InputDefinition | RowDefinition,
    instance: string | null,
    names: Names,
  ): boolean =>
    onlyIf.some((input) => {
      const slot = names.get(input);
      if (slot === undefined) return false;
      const line = lineOf(slot, per, instance, belongings);
      return line === undefined ? linesOf(slot, per, instance, belongings).every(isZero) : isZero(line);
    });

  /** Every instance of a definition; `draw` makes the line of one that is not left out. */
  const slotOf = (
    definition: InputDefinition | RowDefinition,
    names: Names,
    draw: (instance: string | null) => number | null,
  ): Slot => ({
    definition,
    rows: new Map(
      instancesOf(instances, definition.per).map((instance) => [
        instance,
        isLeftOut(definition, instance, names) ? null : draw(instance),
      ]),
    ),
  });

  /** Which rows have a line, at which instances: not those that are 0 whatever the figures. */
  const keptRows = (rows: readonly RowDefinition[], names: Names): Kept => {
    const kept = rows.map((row) => {
      const lines = instancesOf(instances, row.per).map((one) => [one, !isLeftOut(row, one, names)] as const);
      return [row.id, new Map(lines)] as const;
    });
    return withoutZeroRows(rows, new Map(kept), names, belongings);
  };

  /** A model's inputs and rows as a block of a sheet, and the user's own rows after them. Gives what names mean there. */
  const addBlock = (
    block: Block,
    model: CostModel,
    inherited: Names,
    {
      tier = null,
      own = [],
      bound = new Set(),
    }: {
      readonly tier?: string | null;
      readonly own?: readonly OwnRowPlan[];
      /** Inputs that mean something else here: what they inherit. */
      readonly bound?: ReadonlySet<string>;
    } = {},
  ): Names => {
    if (!blocks.includes(block)) blocks.push(block);
    const names = new Map(inherited);
    for (const definition of model.inputs) {
      // A total of the tier is a line already.
      if (definition.origin.kind === 'tier-total' && names.has(definition.id)) continue;
      if (bound.has(definition.id)) continue;
      const draw = (instance: string | null): number | null => {
        const input = resolve(definition, { tier, instance });
        return definition.omitZero && isZeroThroughout(input.value) ? null : addInput(definition, instance, input);
      };
      names.set(definition.id, slotOf(definition, names, draw));
    }
    const kept = keptRows(model.rows, names);
    for (const definition of model.rows) {
      const pointer = `/models/${model.id}/${definition.id}`;
      const rows = [...(kept.get(definition.id) ?? [])].map(
        ([instance, isKept]) =>
          [instance, isKept ? addRow(block, definition, { names, instance, pointer }) : null] as const,
      );
      names.set(definition.id, { definition, rows: new Map(rows) });
    }
    for (const { row, pointer } of own) {
      if (!names.has(row.id)) {
        const draw = (instance: string | null): number => addRow(block, row, { names, instance, pointer });
        names.set(row.id, slotOf(row, names, draw));
      } else {
        const message = `"${row.id}" is a row or input of ${model.label} already; give yours another name.`;
        problems.push({ code: 'duplicate-row', pointer: `${pointer}/id`, message });
      }
    }
    return names;
  };

  const rowsOfBlock = (block: Block): readonly ProgramRow[] =>
    drafts.flatMap(({ row }) => (row.block === block.id && row.content.kind === 'formula' ? row : []));

  return { drafts, blocks, belongings, addInput, addBlock, addFormula, addTotal, isZero, rowsOfBlock };
}

/** A row that is made in code: a working, unless `text` says otherwise. */
export function workingRow(
  text: Pick<RowDefinition, 'id' | 'label' | 'unit' | 'expression'> & Partial<RowDefinition>,
): RowDefinition {
  return {
    kind: 'row',
    per: null,
    formula: '',
    perimeter: null,
    behaviour: null,
    cash: 'never',
    onlyIf: [],
    source: null,
    note: null,
    report: false,
    chargedAs: null,
    section: null,
    ...text,
  };
}

/** An input that is made in code: on the sheet `Inputs`, once, unless `text` says otherwise. */
export function inputDefinition(
  text: Pick<InputDefinition, 'id' | 'label' | 'unit' | 'origin'> & Partial<InputDefinition>,
): InputDefinition {
  return { kind: 'input', per: null, sheet: 'Inputs', omitZero: false, onlyIf: [], source: null, note: null, ...text };
}

export function instancesOf(instances: Instances, per: Dimension | null): readonly (string | null)[] {
  return per === null ? [null] : instances[per].map(({ id }) => id);
}

function isZeroThroughout(value: InputValue): boolean {
  if (value.kind === 'constant') return value.value.isZero();
  return value.kind === 'series' && value.values.every((one) => one.isZero());
}

function keyOf(block: Block, id: string, instance: string | null): string {
  return [block.id, id, ...(instance === null ? [] : [instance])].join('.');
}
