import { Decimal } from 'decimal.js';
import { add, binary, name, number } from '../formula/ast.ts';
import type { CostModel, InputDefinition, Spill } from './definition.ts';
import type { Drafting } from './draft.ts';
import { inputDefinition, workingRow } from './draft.ts';
import type { Names, Slot } from './names.ts';
import { wholeDemand } from './names.ts';
import type { Block, Instances, ProgramAlert, ProgramLine, ProgramRow, ProgramTier, Reference } from './program.ts';
import type { PartPlan, ProgramPlan, TierPlan } from './program-plan.ts';

export type DraftedTier = { readonly tier: ProgramTier; readonly alerts: readonly ProgramAlert[] };

/** The sheet of a tier: a block for each part, one for what a part hands on, and the totals with what rests on them. */
export function draftTier(
  drafting: Drafting,
  tier: TierPlan,
  { instances, closing }: Pick<ProgramPlan, 'instances' | 'closing'>,
  shared: Names,
): DraftedTier {
  const shares: Slot[] = [];
  const parts = tier.parts.map((part) => draftPart(drafting, tier, part, shares, instances, shared));
  const own = draftOwnRows(drafting, tier, shared);
  const lines = [...parts.flatMap((part) => part.lines), ...own.lines];
  const cash = [...parts.flatMap((part) => part.cash), ...own.cash].sort((a, b) => a - b);
  const inPerimeter = (perimeter: 'bill' | 'full'): number[] =>
    lines.flatMap(({ row }) => (isLine(drafting.drafts[row]?.row, perimeter) ? row : []));

  const totals: Block = { id: `${tier.id}.total`, sheet: tier.id, label: 'Totals' };
  drafting.blocks.push(totals);
  const billTotal = drafting.addTotal(totals, { id: 'bill_total', label: 'Bill' }, inPerimeter('bill'));
  const full = [billTotal, ...inPerimeter('full')];
  const fullTotal = drafting.addTotal(totals, { id: 'full_total', label: 'Full cost' }, full);
  const cashTotal = drafting.addTotal(totals, { id: 'cash_total', label: 'Cash' }, cash);
  if (closing !== null) {
    const known = withTotals(shared, closing, { bill: billTotal, full: fullTotal, cash: cashTotal });
    drafting.addBlock(totals, closing, known, { tier: tier.id });
  }
  const reported = drafting.rowsOfBlock(totals).filter(isReported);
  return {
    tier: {
      id: tier.id,
      label: tier.label,
      lines,
      billTotal,
      fullTotal,
      cashTotal,
      reports: [...parts.flatMap((part) => part.reports), ...reported.map((row) => lineOf(row, []))],
      capacity: parts.flatMap((part) => part.capacity),
      purchases: parts.flatMap((part) => part.purchases),
      levers: leversOf(tier),
    },
    alerts: parts.flatMap((part) => part.alerts).map((found) => ({ tier: tier.id, ...found })),
  };
}

function leversOf({ parts }: TierPlan): ProgramTier['levers'] {
  const [first, ...others] = parts.map(({ model }) => model.levers);
  return (first ?? []).filter((lever) => others.every((levers) => levers.includes(lever)));
}

type DraftedPart = Pick<ProgramTier, 'lines' | 'reports' | 'capacity' | 'purchases'> & {
  readonly cash: readonly number[];
  readonly alerts: readonly Omit<ProgramAlert, 'tier'>[];
};

/** The totals of the tier under the names that the model gives them. */
function withTotals(
  shared: Names,
  { inputs }: CostModel,
  totals: Readonly<Record<'bill' | 'full' | 'cash', number>>,
): Names {
  return new Map([
    ...shared,
    ...inputs.flatMap((definition): [string, Slot][] =>
      definition.origin.kind === 'tier-total'
        ? [[definition.id, { definition, rows: new Map([[null, totals[definition.origin.total]]]) }]]
        : [],
    ),
  ]);
}

function draftPart(
  drafting: Drafting,
  tier: TierPlan,
  part: PartPlan,
  shares: Slot[],
  instances: Instances,
  shared: Names,
): DraftedPart {
  const plain = tier.parts.length === 1;
  const block: Block = { id: plain ? tier.id : `${tier.id}.${part.tier}`, sheet: tier.id, label: part.label };
  const prefix = plain ? [] : [part.tier];
  const share = demandShare(drafting, part, block, shares, instances);
  const names = drafting.addBlock(block, part.model, withShare(shared, share), { tier: part.tier, own: part.ownRows });
  const rows = drafting.rowsOfBlock(block).filter(({ id }) => id !== 'demand_share');
  const spilled = part.model.spills.flatMap((spill) => draftSpill(drafting, spill, part, block, names, shared));
  const at = (id: string): number | undefined => rows.find((row) => row.id === id)?.index;
  const [peak, overflow, unserved] = [at('peak_utilization'), at('overflow_tokens'), at('unserved_tokens')];
  return {
    lines: [
      ...rows.flatMap((row) => (isLine(row, 'bill') || isLine(row, 'full') ? lineOf(row, prefix) : [])),
      ...spilled.map(({ id, row }) => ({ id: [...prefix, id].join('.'), row })),
    ],
    cash: [...rows.flatMap((row) => (countsInCash(row) ? row.index : [])), ...spilled.map(({ row }) => row)],
    capacity: peak === undefined ? [] : [{ peak, overflow: overflow ?? null, unserved: unserved ?? null }],
    purchases: rows.flatMap((row) => (row.id === 'purchases' ? row.index : [])),
    reports: rows.filter(isReported).map((row) => lineOf(row, prefix)),
    alerts: part.model.alerts.flatMap((alert) => {
      const watched = rows.flatMap((row) => (row.id === alert.row ? row.index : []));
      return watched.length === 0 ? [] : [{ alert, rows: watched }];
    }),
  };
}

/** The user's lines of a composition: they belong to none of its parts and read what all tiers share. */
function draftOwnRows(
  drafting: Drafting,
  { id, label, ownRows = [] }: TierPlan,
  shared: Names,
): Pick<DraftedPart, 'lines' | 'cash'> {
  if (ownRows.length === 0) return { lines: [], cash: [] };
  const block: Block = { id, sheet: id, label: 'Own lines' };
  const empty = {
    id,
    label,
    description: '',
    uses: [],
    includes: [],
    inputs: [],
    rows: [],
    spills: [],
    alerts: [],
    levers: [],
    examples: [],
  };
  drafting.addBlock(block, empty, shared, { own: ownRows });
  const rows = drafting.rowsOfBlock(block);
  return {
    lines: rows.flatMap((row) => (isLine(row, 'bill') || isLine(row, 'full') ? lineOf(row, []) : [])),
    cash: rows.flatMap((row) => (countsInCash(row) ? row.index : [])),
  };
}

/** What a part hands on: the other tier's model at the share handed on, whose billed lines add up to one line here. */
function draftSpill(
  drafting: Drafting,
  { share: shareRow, onlyIf, line, label, perimeter, given }: Spill,
  { spillTo }: PartPlan,
  block: Block,
  names: Names,
  shared: Names,
): readonly ProgramLine[] {
  const share = names.get(shareRow);
  if (spillTo === null || share === undefined || [...share.rows.values()].every(drafting.isZero)) return [];
  if (drafting.isZero(names.get(onlyIf)?.rows.get(null) ?? null)) return [];
  const spillBlock: Block = { id: `${block.id}.${line}`, sheet: block.sheet, label: `${label}: ${spillTo.label}` };
  const bound = Object.entries(given).flatMap(([name, row]): [string, Slot][] => {
    const slot = names.get(row);
    return slot === undefined || [...slot.rows.values()].every((line) => line === null) ? [] : [[name, slot]];
  });
  const known = new Map([...withShare(shared, share), ...bound]);
  drafting.addBlock(spillBlock, spillTo.model, known, {
    tier: spillTo.tier,
    bound: new Set(bound.map(([name]) => name)),
  });
  const billed = drafting.rowsOfBlock(spillBlock).flatMap((row) => (isLine(row, 'bill') ? row.index : []));
  const total = { id: line, label, perimeter, behaviour: 'usage', cash: 'too' } as const;
  return [{ id: line, row: drafting.addTotal(spillBlock, total, billed) }];
}

/** `demand_share` of a part as a name: the number 1, a share given as input, or what earlier parts leave. */
function demandShare(
  drafting: Drafting,
  { demand }: PartPlan,
  block: Block,
  earlier: Slot[],
  instances: Instances,
): Slot {
  const text = { id: 'demand_share', label: 'Share of the requests', unit: '1', per: 'workload' } as const;
  const lineOfWorkload = (workload: string): number => {
    if (demand.kind === 'whole') return wholeDemand;
    const given = demand.inputs?.get(workload);
    if (given !== undefined) return drafting.addInput(shareInput(given.label), workload, given);
    const references = new Map(
      earlier.map(({ rows }, i): [string, Reference] => [
        `share_${i + 1}`,
        { one: rows.get(workload) ?? null, each: [] },
      ]),
    );
    const expression = binary('-', number('1'), add([...references.keys()].map(name)));
    return drafting.addFormula(block, { ...text, expression }, references, workload);
  };
  const slot: Slot = {
    definition: workingRow({ ...text, expression: number('1') }),
    rows: new Map(instances.workload.map(({ id }) => [id, lineOfWorkload(id)])),
  };
  earlier.push(slot);
  return slot;
}

function shareInput(label: string): InputDefinition {
  return inputDefinition({
    id: 'share',
    label,
    unit: '1',
    per: 'workload',
    origin: { kind: 'value', value: new Decimal(0) },
  });
}

function withShare(names: Names, share: Slot): Names {
  return new Map([...names, ['demand_share', share]]);
}

function lineOf(row: ProgramRow, prefix: readonly string[]): ProgramLine {
  return { id: [...prefix, row.id, ...(row.instance === null ? [] : [row.instance])].join('.'), row: row.index };
}

function isLine(row: ProgramRow | undefined, perimeter: 'bill' | 'full'): boolean {
  return row?.content.kind === 'formula' && row.content.definition.perimeter === perimeter;
}

function isReported(row: ProgramRow): boolean {
  return row.content.kind === 'formula' && row.content.definition.report;
}

function countsInCash(row: ProgramRow): boolean {
  if (row.content.kind !== 'formula') return false;
  const { perimeter, cash } = row.content.definition;
  return cash === 'only' || (cash === 'too' && perimeter !== null);
}
