import { Decimal } from 'decimal.js';
import type { Expression } from '../formula/ast.ts';
import { referencesOf } from '../formula/references.ts';
import { didYouMean, nearestNames } from '../nearest-name.ts';
import type { Problem } from '../problem.ts';
import { InvalidInput } from '../problem.ts';
import type { CostModel, Dimension, InputDefinition, RowDefinition } from './definition.ts';
import { shortestLoop } from './loops.ts';
import type {
  Instances,
  Opening,
  Program,
  ProgramLine,
  ProgramRow,
  ProgramTier,
  Reference,
  ResolvedInput,
} from './program.ts';
import { withoutNames } from './simplify.ts';
import type { Unit } from './units.ts';
import { parseUnit, sameUnit, unitOfFormula, unitText } from './units.ts';

/** How much of each workload a part serves: all of it, or a share that is an input (null: what the other parts leave). */
export type Demand =
  | { readonly kind: 'whole' }
  | { readonly kind: 'share'; readonly inputs: ReadonlyMap<string, ResolvedInput> | null };

/** One member of a tier: a cost model at its share of the demand. A plain tier is the composition of one part. */
export type PartPlan = {
  readonly tier: string;
  readonly label: string;
  readonly model: CostModel;
  /** The user's own lines, with the pointer under which their problems are reported. */
  readonly ownRows: readonly { readonly row: RowDefinition; readonly pointer: string }[];
  readonly demand: Demand;
  /** Where the model hands demand on to, if anywhere. */
  readonly spillTo: { readonly tier: string; readonly label: string; readonly model: CostModel } | null;
};

export type TierPlan = { readonly id: string; readonly label: string; readonly parts: readonly PartPlan[] };

export type ProgramPlan = {
  readonly months: number;
  readonly instances: Instances;
  /** Models that every tier may read, as the volume. */
  readonly shared: readonly CostModel[];
  readonly tiers: readonly TierPlan[];
  readonly resolve: (
    definition: InputDefinition,
    place: { readonly tier: string | null; readonly instance: string | null },
  ) => ResolvedInput;
};

type Slot = {
  readonly definition: InputDefinition | RowDefinition;
  readonly rows: ReadonlyMap<string | null, number | null>;
};
type Names = ReadonlyMap<string, Slot>;
type Draft = { row: ProgramRow; place: Place | null };
type Place = { readonly names: Names; readonly instance: string | null; readonly pointer: string };
type Block = { readonly id: string; readonly sheet: string; readonly label: string };

const zero = new Decimal(0);

/**
 * Puts cost models, inputs and tiers together into one program.
 *
 * STEP 1 every input and row becomes a line of a sheet, once per instance; rows whose `only_if` input is constantly 0
 * are left out and read as 0. STEP 2 names become rows. STEP 3 units are checked, and loops are shown at their shortest.
 *
 * @throws InvalidInput with every problem, each with the pointer of the model or of the user's own row.
 */
export function linkProgram(plan: ProgramPlan): Program {
  const drafts: Draft[] = [];
  const blocks: Block[] = [];
  const problems: Problem[] = [];
  const inputRows = new Map<string, number>();
  const places = placesOf(plan.instances);

  const addInput = (definition: InputDefinition, instance: string | null, input: ResolvedInput): number => {
    const known = inputRows.get(input.key);
    if (known !== undefined) return known;
    const index = drafts.length;
    const { id, unit, sheet } = definition;
    const row: ProgramRow = {
      index,
      key: input.key,
      sheet,
      block: sheet,
      id,
      label: input.label,
      unit,
      instance,
      content: { kind: 'input', definition, input },
    };
    drafts.push({ row, place: null });
    inputRows.set(input.key, index);
    return index;
  };

  const isZero = (index: number | null): boolean => {
    if (index === null) return true;
    const content = drafts[index]?.row.content;
    if (content?.kind !== 'input') return false;
    const { value } = content.input;
    return value.kind === 'constant'
      ? value.value.isZero()
      : value.kind === 'series' && value.values.every((one) => one.isZero());
  };

  const addBlock = (
    block: Block,
    model: CostModel,
    own: PartPlan['ownRows'],
    inherited: Names,
    tier: string | null,
  ): Map<string, Slot> => {
    blocks.push(block);
    const names = new Map(inherited);
    const instancesOf = (per: Dimension | null): readonly (string | null)[] =>
      per === null ? [null] : plan.instances[per].map(({ id }) => id);
    const leftOut = ({ onlyIf, per }: InputDefinition | RowDefinition, instance: string | null): boolean =>
      onlyIf.some((name) => {
        const slot = names.get(name);
        if (slot === undefined) return false;
        const one = oneSeen(slot, per, instance, places);
        return one === undefined ? instancesSeen(slot, per, instance, places).every(isZero) : isZero(one);
      });

    for (const definition of model.inputs) {
      const rows = new Map<string | null, number | null>();
      for (const instance of instancesOf(definition.per)) {
        rows.set(
          instance,
          leftOut(definition, instance)
            ? null
            : addInput(definition, instance, plan.resolve(definition, { tier, instance })),
        );
      }
      names.set(definition.id, { definition, rows });
    }
    const definitions = [...model.rows.map((row) => ({ row, pointer: `/models/${model.id}/${row.id}` })), ...own];
    for (const { row: definition, pointer } of definitions) {
      if (
        names.has(definition.id) &&
        inherited.get(definition.id) === undefined &&
        own.some(({ row }) => row === definition)
      ) {
        problems.push({
          code: 'duplicate-row',
          pointer: `${pointer}/id`,
          message: `"${definition.id}" is a row of ${model.label} already.`,
        });
        continue;
      }
      const rows = new Map<string | null, number | null>();
      for (const instance of instancesOf(definition.per)) {
        if (leftOut(definition, instance)) {
          rows.set(instance, null);
          continue;
        }
        const index = drafts.length;
        const { id, label, unit, expression } = definition;
        const row: ProgramRow = {
          index,
          key: [block.id, id, ...(instance === null ? [] : [instance])].join('.'),
          sheet: block.sheet,
          block: block.id,
          id,
          label,
          unit,
          instance,
          content: { kind: 'formula', definition, expression, references: new Map() },
        };
        drafts.push({ row, place: { names, instance, pointer } });
        rows.set(instance, index);
      }
      names.set(definition.id, { definition, rows });
    }
    return names;
  };

  const addFormula = (
    block: Block,
    text: Pick<RowDefinition, 'id' | 'label' | 'unit'> & Partial<RowDefinition>,
    expression: Expression,
    references: ReadonlyMap<string, Reference>,
  ): number => {
    const index = drafts.length;
    const definition: RowDefinition = {
      kind: 'row',
      per: null,
      formula: '',
      expression,
      perimeter: null,
      behaviour: null,
      cash: 'never',
      onlyIf: [],
      source: null,
      note: null,
      ...text,
    };
    drafts.push({
      row: {
        index,
        key: `${block.id}.${text.id}`,
        sheet: block.sheet,
        block: block.id,
        id: text.id,
        label: text.label,
        unit: text.unit,
        instance: null,
        content: { kind: 'formula', definition, expression, references },
      },
      place: null,
    });
    return index;
  };
  const addTotal = (
    block: Block,
    text: Pick<RowDefinition, 'id' | 'label'> & Partial<RowDefinition>,
    each: readonly number[],
  ): number =>
    addFormula(block, { unit: 'money', ...text }, totalOf('lines'), new Map([['lines', { one: null, each }]]));

  // STEP 1: lines of the sheets
  let sharedNames: Names = new Map();
  for (const model of plan.shared)
    sharedNames = addBlock({ id: model.id, sheet: model.id, label: model.label }, model, [], sharedNames, null);

  const tiers = plan.tiers.map((tier): ProgramTier => {
    const lines: ProgramLine[] = [];
    const cash: number[] = [];
    const capacity: ProgramTier['capacity'][number][] = [];
    const purchases: number[] = [];
    const plain = tier.parts.length === 1;
    const shareRows: ReadonlyMap<string, number>[] = [];
    for (const part of tier.parts) {
      const block: Block = { id: plain ? tier.id : `${tier.id}.${part.tier}`, sheet: tier.id, label: part.label };
      const demand = demandSlot(plan, part, block, shareRows, addInput, drafts);
      const names = addBlock(
        block,
        part.model,
        part.ownRows,
        new Map([...sharedNames, ['demand_share', demand]]),
        part.tier,
      );
      const own = drafts
        .filter(({ row }) => row.block === block.id && row.content.kind === 'formula')
        .map(({ row }) => row);
      const prefix = plain ? [] : [part.tier];
      const partLines = moneyLines(own, prefix);
      const { spill } = part.model;
      if (spill !== null && part.spillTo !== null && !isZero(names.get(spill.onlyIf)?.rows.get(null) ?? null)) {
        const spillBlock: Block = {
          id: `${block.id}.${spill.line}`,
          sheet: tier.id,
          label: `${spill.label}: ${part.spillTo.label}`,
        };
        const share = names.get(spill.share);
        if (share !== undefined) {
          addBlock(
            spillBlock,
            part.spillTo.model,
            [],
            new Map([...sharedNames, ['demand_share', share]]),
            part.spillTo.tier,
          );
          const billed = drafts
            .filter(({ row }) => row.block === spillBlock.id && isLine(row, 'bill'))
            .map(({ row }) => row.index);
          const total = addTotal(
            spillBlock,
            { id: spill.line, label: spill.label, perimeter: 'bill', behaviour: 'usage', cash: 'too' },
            billed,
          );
          partLines.push({ id: [...prefix, spill.line].join('.'), row: total });
          cash.push(total);
        }
      }
      lines.push(...partLines);
      cash.push(...own.filter((row) => countsInCash(row)).map(({ index }) => index));
      purchases.push(...own.filter((row) => row.id === 'purchases').map(({ index }) => index));
      const at = (id: string): number | undefined => own.find((row) => row.id === id)?.index;
      const [peak, overflow, unserved] = [at('peak_utilization'), at('overflow_tokens'), at('unserved_tokens')];
      if (peak !== undefined && overflow !== undefined && unserved !== undefined)
        capacity.push({ peak, overflow, unserved });
    }
    const totals: Block = { id: `${tier.id}.total`, sheet: tier.id, label: 'Totals' };
    blocks.push(totals);
    const inPerimeter = (perimeter: string): number[] =>
      lines
        .filter(({ row }) => {
          const content = drafts[row]?.row.content;
          return content?.kind === 'formula' && content.definition.perimeter === perimeter;
        })
        .map(({ row }) => row);
    const billTotal = addTotal(totals, { id: 'bill_total', label: 'Bill' }, inPerimeter('bill'));
    const fullTotal = addTotal(totals, { id: 'full_total', label: 'Full cost' }, [billTotal, ...inPerimeter('full')]);
    const cashTotal = addTotal(
      totals,
      { id: 'cash_total', label: 'Cash' },
      cash.sort((a, b) => a - b),
    );
    return { id: tier.id, label: tier.label, lines, billTotal, fullTotal, cashTotal, capacity, purchases };
  });

  // STEP 2: names become rows
  const openings = new Map<number, Opening>();
  const rows = drafts.map(({ row, place }) => (place === null ? row : linkRow(row, place, places, problems)));
  for (const [index, draft] of drafts.entries()) {
    const row = rows[index];
    if (row !== undefined && draft.place !== null) collectOpenings(row, draft.place.pointer, openings, problems);
  }

  // STEP 3: units and loops
  const checked = new Set<RowDefinition>();
  for (const [index, { place }] of drafts.entries()) {
    const row = rows[index];
    if (place === null || row?.content.kind !== 'formula' || checked.has(row.content.definition)) continue;
    checked.add(row.content.definition);
    checkUnits(row.content.definition, place, problems);
  }
  if (problems.length === 0) {
    const loop = shortestLoop(rows);
    if (loop !== null) {
      const [first] = loop;
      const pointer = drafts[first ?? 0]?.place?.pointer ?? '';
      const path = [...loop, first ?? 0].map((index) => rows[index]?.id ?? '').join(' → ');
      problems.push({
        code: 'formula-loop',
        pointer: `${pointer}/formula`,
        message: `These rows wait for each other: ${path}. Use PREV(row) for last month's value.`,
      });
    }
  }
  if (problems.length > 0) throw new InvalidInput(problems);
  return { months: plan.months, rows, openings, blocks, tiers };
}

/** `demand_share` of a part as a name: the number 1, a share given as input, or what earlier parts leave. */
function demandSlot(
  plan: ProgramPlan,
  part: PartPlan,
  block: Block,
  earlier: ReadonlyMap<string, number>[],
  addInput: (definition: InputDefinition, instance: string | null, input: ResolvedInput) => number,
  drafts: Draft[],
): Slot {
  const definition: RowDefinition = {
    kind: 'row',
    id: 'demand_share',
    label: 'Share of the requests',
    unit: '1',
    per: 'workload',
    formula: '',
    expression: numberOf('1'),
    perimeter: null,
    behaviour: null,
    cash: 'never',
    onlyIf: [],
    source: null,
    note: null,
  };
  const rows = new Map<string | null, number | null>();
  for (const { id: workload } of plan.instances.workload) {
    let expression: Expression = numberOf('1');
    let references = new Map<string, Reference>();
    if (part.demand.kind === 'whole') {
      rows.set(workload, wholeDemand);
      continue;
    }
    const given = part.demand.inputs?.get(workload);
    if (given !== undefined) {
      const inputDefinition: InputDefinition = {
        kind: 'input',
        id: 'share',
        label: given.label,
        unit: '1',
        per: 'workload',
        sheet: 'Inputs',
        origin: { kind: 'value', value: zero },
        onlyIf: [],
        source: null,
        note: null,
      };
      const index = addInput(inputDefinition, workload, given);
      rows.set(workload, index);
      continue;
    }
    references = new Map(
      earlier.map((shares, i) => [`share_${i + 1}`, { one: shares.get(workload) ?? null, each: [] }]),
    );
    for (const name of references.keys())
      expression = { kind: 'binary', operator: '-', left: expression, right: { kind: 'name', name, at: 0 }, at: 0 };
    const index = drafts.length;
    drafts.push({
      row: {
        index,
        key: `${block.id}.demand_share.${workload}`,
        sheet: block.sheet,
        block: block.id,
        id: 'demand_share',
        label: definition.label,
        unit: '1',
        instance: workload,
        content: { kind: 'formula', definition: { ...definition, expression }, expression, references },
      },
      place: null,
    });
    rows.set(workload, index);
  }
  earlier.push(
    new Map(
      [...rows].flatMap(([workload, index]) =>
        workload === null || index === null ? [] : [[workload, index] as const],
      ),
    ),
  );
  return { definition, rows };
}

/** Stands for "all of it" in a slot: no row is needed, the name reads as the number 1. */
const wholeDemand = -1;

function linkRow(row: ProgramRow, place: Place, places: Places, problems: Problem[]): ProgramRow {
  if (row.content.kind !== 'formula') return row;
  const { definition } = row.content;
  const references = new Map<string, { one: number | null; each: number[] }>();
  const constants = new Map<string, string>();
  for (const { name, how, at } of referencesOf(definition.expression)) {
    const slot = place.names.get(name);
    if (slot === undefined) {
      const suggestions = nearestNames(name, place.names.keys());
      problems.push({
        code: 'unknown-name',
        pointer: `${place.pointer}/formula`,
        message: `At character ${at + 1}: there is no row or input "${name}".${didYouMean(suggestions)}`,
        suggestions,
      });
      continue;
    }
    const reference = references.get(name) ?? { one: null, each: [] };
    references.set(name, reference);
    if (how === 'each') {
      reference.each = instancesSeen(slot, definition.per, place.instance, places).filter(
        (index): index is number => index !== null && index >= 0,
      );
      continue;
    }
    const found = oneSeen(slot, definition.per, place.instance, places);
    if (found === undefined) {
      problems.push({
        code: 'many-rows',
        pointer: `${place.pointer}/formula`,
        message: `At character ${at + 1}: "${name}" exists once per ${slot.definition.per}; write TOTAL(${name}).`,
      });
    } else if (found === null) constants.set(name, '0');
    else if (found === wholeDemand) constants.set(name, '1');
    else reference.one = found;
  }
  const expression = constants.size === 0 ? definition.expression : withoutNames(definition.expression, constants);
  return { ...row, content: { kind: 'formula', definition, expression, references } };
}

/** The row a name means at one place: its own instance, or the one it belongs to; undefined where there are several. */
function oneSeen(
  slot: Slot,
  per: Dimension | null,
  instance: string | null,
  places: Places,
): number | null | undefined {
  const wanted = slot.definition.per;
  if (wanted === null) return slot.rows.get(null);
  if (wanted === per) return slot.rows.get(instance);
  const owner = per === null ? undefined : places.owner(per, instance, wanted);
  return owner === undefined ? undefined : slot.rows.get(owner);
}

/** Every row a name means at one place: those that belong to its instance, or all where nothing ties the two together. */
function instancesSeen(
  slot: Slot,
  per: Dimension | null,
  instance: string | null,
  places: Places,
): readonly (number | null)[] {
  const wanted = slot.definition.per;
  const own = wanted === null || per === null ? null : places.owned(wanted, per, instance);
  return own === null ? [...slot.rows.values()] : own.map((id) => slot.rows.get(id) ?? null);
}

/** Who belongs to whom among the instances, looked up in one step each. */
type Places = {
  readonly owner: (per: Dimension, instance: string | null, wanted: Dimension) => string | undefined;
  /** null where instances of `wanted` do not belong to those of `per`. */
  readonly owned: (wanted: Dimension, per: Dimension, instance: string | null) => readonly string[] | null;
};

function placesOf(instances: Instances): Places {
  const owners = new Map<string, string>();
  const belongings = new Map<string, string[]>();
  const tied = new Set<string>();
  for (const [dimension, list] of Object.entries(instances)) {
    for (const { id, of } of list) {
      for (const [per, owner] of Object.entries(of)) {
        tied.add(`${dimension} ${per}`);
        owners.set(`${dimension} ${per} ${id}`, owner);
        const known = belongings.get(`${dimension} ${per} ${owner}`);
        if (known === undefined) belongings.set(`${dimension} ${per} ${owner}`, [id]);
        else known.push(id);
      }
    }
  }
  return {
    owner: (per, instance, wanted) => owners.get(`${per} ${wanted} ${instance}`),
    owned: (wanted, per, instance) =>
      tied.has(`${wanted} ${per}`) ? (belongings.get(`${wanted} ${per} ${instance}`) ?? []) : null,
  };
}

function collectOpenings(row: ProgramRow, pointer: string, openings: Map<number, Opening>, problems: Problem[]): void {
  if (row.content.kind !== 'formula') return;
  const { expression, references } = row.content;
  for (const { name, first } of previousWithFirst(expression)) {
    const target = references.get(name)?.one ?? null;
    if (target === null) continue;
    const known = openings.get(target);
    if (
      known !== undefined &&
      JSON.stringify(known.expression, withoutPositions) !== JSON.stringify(first, withoutPositions)
    ) {
      problems.push({
        code: 'two-openings',
        pointer: `${pointer}/formula`,
        message: `PREV(${name}, …) begins with two different values; a row has one value before month 1.`,
      });
    }
    openings.set(target, { expression: first, references });
  }
}

function previousWithFirst(expression: Expression): readonly { name: string; first: Expression }[] {
  const inner =
    expression.kind === 'binary'
      ? [expression.left, expression.right]
      : expression.kind === 'unary'
        ? [expression.operand]
        : expression.kind === 'call'
          ? expression.arguments
          : [];
  const found = inner.flatMap(previousWithFirst);
  if (expression.kind !== 'call' || expression.name !== 'PREV') return found;
  const [row, first] = expression.arguments;
  return row?.kind === 'name' && first !== undefined ? [...found, { name: row.name, first }] : found;
}

function withoutPositions(key: string, value: unknown): unknown {
  return key === 'at' ? undefined : value;
}

function checkUnits(definition: RowDefinition, place: Place, problems: Problem[]): void {
  const declared = parseUnit(definition.unit);
  if (declared === null) {
    problems.push({
      code: 'unknown-unit',
      pointer: `${place.pointer}/unit`,
      message: `"${definition.unit}" is no unit; write for example money, kWh, tokens/s or 1.`,
    });
    return;
  }
  const unitOf = (name: string): Unit => {
    const slot = place.names.get(name);
    return (slot && parseUnit(slot.definition.unit)) ?? 'any';
  };
  const found: { at: number; message: string }[] = [];
  const unit = unitOfFormula(definition.expression, unitOf, found);
  if (found.length === 0 && !sameUnit(unit, declared)) {
    found.push({
      at: 0,
      message: `"${definition.id}" is declared in ${unitText(declared)}, but its formula comes out in ${unitText(unit)}.`,
    });
  }
  for (const { at, message } of found)
    problems.push({
      code: 'unit-mismatch',
      pointer: `${place.pointer}/formula`,
      message: `At character ${at + 1}: ${message}`,
    });
}

function moneyLines(rows: readonly ProgramRow[], prefix: readonly string[]): ProgramLine[] {
  return rows
    .filter((row) => isLine(row, 'bill') || isLine(row, 'full'))
    .map((row) => ({
      id: [...prefix, row.id, ...(row.instance === null ? [] : [row.instance])].join('.'),
      row: row.index,
    }));
}

function isLine(row: ProgramRow, perimeter: 'bill' | 'full'): boolean {
  return row.content.kind === 'formula' && row.content.definition.perimeter === perimeter;
}

function countsInCash(row: ProgramRow): boolean {
  if (row.content.kind !== 'formula') return false;
  const { perimeter, cash } = row.content.definition;
  return cash === 'only' || (cash === 'too' && perimeter !== null);
}

function numberOf(text: string): Expression {
  return { kind: 'number', text, at: 0 };
}

function totalOf(name: string): Expression {
  return { kind: 'call', name: 'TOTAL', arguments: [{ kind: 'name', name, at: 0 }], at: 0 };
}
