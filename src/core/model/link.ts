import { Decimal } from 'decimal.js';
import type { Problem } from '../problem.ts';
import { InvalidInput, withoutRepeats } from '../problem.ts';
import type { RowDefinition } from './definition.ts';
import type { Draft, Place } from './draft.ts';
import { inputDefinition, startDrafting } from './draft.ts';
import { draftTier } from './draft-tier.ts';
import { shortestLoop } from './loops.ts';
import type { Names } from './names.ts';
import type { Opening, Program, ProgramRow } from './program.ts';
import type { ProgramPlan } from './program-plan.ts';
import { collectOpenings, resolveNames } from './resolve-names.ts';
import type { Unit } from './units.ts';
import { parseUnit, sameUnit, unitOfFormula, unitText } from './units.ts';

/**
 * Puts cost models, inputs and tiers together into one program.
 *
 * STEP 1 every input and row becomes a line of a sheet, once per instance; rows whose `only_if` input is constantly 0
 * are left out and read as 0. STEP 2 names become lines. STEP 3 units are checked, and a loop is shown at its shortest.
 *
 * @throws InvalidInput with every problem, each with the pointer of the model or of the user's own row
 */
export function linkProgram(plan: ProgramPlan): Program {
  const problems: Problem[] = [];
  const { months } = plan;

  // STEP 1: lines of the sheets
  const drafting = startDrafting(plan, problems);
  const shared = plan.shared.reduce<Names>(
    (names, model) => drafting.addBlock({ id: model.id, sheet: model.id, label: model.label }, model, names),
    new Map(),
  );
  const drafted = plan.tiers.map((tier) => draftTier(drafting, tier, plan, shared));
  const { drafts, blocks, belongings } = drafting;

  // STEP 2: names
  const constants: ProgramRow[] = [];
  const constantLine = (value: '0' | '1'): number => {
    const known = constants.find(({ key }) => key === `constants.${value}`);
    const row = known ?? constantRow(value, drafts.length + constants.length);
    if (known === undefined) constants.push(row);
    return row.index;
  };
  const rows = [...drafts.map((draft) => resolveNames(draft, belongings, constantLine, problems)), ...constants];
  const openings = new Map<number, Opening>();
  for (const { row, place } of placed(drafts, rows)) collectOpenings(row, place, openings, problems);

  // STEP 3: units and loops
  const checked = new Set<RowDefinition>();
  for (const { row, place } of placed(drafts, rows)) {
    if (row.content.kind !== 'formula' || checked.has(row.content.definition)) continue;
    checked.add(row.content.definition);
    checkUnits(row.content.definition, place, problems);
  }
  if (problems.length === 0) reportLoop(drafts, rows, problems);
  if (problems.length > 0) throw new InvalidInput(withoutRepeats(problems));
  const tiers = drafted.map(({ tier }) => tier);
  return { months, rows, openings, blocks, tiers, alerts: drafted.flatMap(({ alerts }) => alerts) };
}

function placed(drafts: readonly Draft[], rows: readonly ProgramRow[]): readonly { row: ProgramRow; place: Place }[] {
  return rows.flatMap((row, index) => {
    const place = drafts[index]?.place ?? null;
    return place === null ? [] : [{ row, place }];
  });
}

/** What a line that was left out reads as, where a formula asks for its other months. */
function constantRow(value: '0' | '1', index: number): ProgramRow {
  const id = value === '0' ? 'nothing' : 'everything';
  const label = value === '0' ? 'A row that is 0 throughout' : 'A share that is 1 throughout';
  const definition = inputDefinition({ id, label, unit: '1', origin: { kind: 'value', value: new Decimal(value) } });
  const input = {
    key: `constants.${value}`,
    label,
    value: { kind: 'constant', value: new Decimal(value) },
    source: null,
  } as const;
  const content = { kind: 'input', definition, input } as const;
  return { index, key: input.key, sheet: 'Inputs', block: 'Inputs', id, label, unit: '1', instance: null, content };
}

function checkUnits(definition: RowDefinition, { names, pointer }: Place, problems: Problem[]): void {
  const declared = parseUnit(definition.unit);
  if (declared === null) {
    const message = `"${definition.unit}" is no unit; write for example money, kWh, tokens/s or 1.`;
    problems.push({ code: 'unknown-unit', pointer: `${pointer}/unit`, message });
    return;
  }
  const unitOf = (name: string): Unit => {
    const slot = names.get(name);
    return (slot && parseUnit(slot.definition.unit)) ?? 'any';
  };
  const found: { at: number; message: string }[] = [];
  const unit = unitOfFormula(definition.expression, unitOf, found);
  if (found.length === 0 && !sameUnit(unit, declared)) {
    const message = `"${definition.id}" is declared in ${unitText(declared)}, but its formula comes out in ${unitText(unit)}.`;
    found.push({ at: 0, message });
  }
  for (const { at, message } of found) {
    problems.push({
      code: 'unit-mismatch',
      pointer: `${pointer}/formula`,
      message: `At character ${at + 1}: ${message}`,
    });
  }
}

function reportLoop(drafts: readonly Draft[], rows: readonly ProgramRow[], problems: Problem[]): void {
  const loop = shortestLoop(rows);
  const [first] = loop ?? [];
  if (loop === null || first === undefined) return;
  const pointer = loop.map((index) => drafts[index]?.place?.pointer ?? '').find((found) => found.startsWith('/rows/'));
  const path = [...loop, first].map((index) => rows[index]?.id ?? '').join(' → ');
  problems.push({
    code: 'formula-loop',
    pointer: `${pointer ?? drafts[first]?.place?.pointer ?? ''}/formula`,
    message: `These rows wait for each other: ${path}. Use PREV(row) for last month's value.`,
  });
}
