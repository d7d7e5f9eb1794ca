import type { Expression } from '../formula/ast.ts';
import { number } from '../formula/ast.ts';
import { referencesOf } from '../formula/references.ts';
import type { CostModel, RowDefinition } from '../model/definition.ts';
import { parseRow } from '../model/definition.ts';
import type { OwnRowPlan } from '../model/program-plan.ts';
import type { Problem, Warning } from '../problem.ts';
import { pointerTo } from '../problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { TierDefinition } from './tier-definition.ts';

type OwnRowContext = {
  readonly tiers: ReadonlyMap<string, TierDefinition>;
  readonly models: ReadonlyMap<string, CostModel>;
  readonly minorUnits: number;
};

/** The user's own lines by tier, formulas parsed and money rounded once. A line that charges something twice is warned of. */
export function parseOwnRows(
  scenario: Scenario,
  { tiers, models, minorUnits }: OwnRowContext,
  problems: Problem[],
  warnings: Warning[],
): ReadonlyMap<string, readonly OwnRowPlan[]> {
  const byTier = new Map<string, OwnRowPlan[]>();
  scenario.rows.forEach((own, i) => {
    const pointer = pointerTo(['rows', i]);
    const unit = own.unit.split(scenario.currency).join('money');
    const row = parseRow({ ...own, unit, perimeter: own.perimeter ?? undefined }, pointer, problems);
    if (row === null) return;
    const model = models.get(tiers.get(own.tier)?.cost_model ?? '');
    if (row.perimeter !== null && model !== undefined) warnings.push(...chargedTwice(row, model, pointer));
    const rounded = row.perimeter === null ? row : { ...row, expression: roundedOnce(row.expression, minorUnits) };
    byTier.set(own.tier, [...(byTier.get(own.tier) ?? []), { row: rounded, pointer }]);
  });
  return byTier;
}

/** An own line of cost that reads what another line charges already: a purchase beside its depreciation. */
function chargedTwice({ expression }: RowDefinition, { rows }: CostModel, pointer: string): readonly Warning[] {
  const read = new Set(referencesOf(expression).map(({ name }) => name));
  return rows.flatMap(({ id, label, chargedAs }) => {
    const charged = rows.find((row) => row.id === chargedAs);
    if (!read.has(id) || charged === undefined) return [];
    const message = `This line adds "${id}" (${label}) to the cost, which "${charged.id}" (${charged.label}) charges over time already: it would be paid twice.`;
    return [{ code: 'double-count-purchase', pointer: `${pointer}/formula`, message }];
  });
}

/** Money lines are rounded once a month in their own formula; what the user wrote without such a ROUND gets it here. */
function roundedOnce(expression: Expression, minorUnits: number): Expression {
  if (expression.kind === 'call' && expression.name === 'ROUND') {
    const digits = expression.arguments[1];
    if (digits?.kind === 'name' && digits.name === 'minor_units') return expression;
    if (digits?.kind === 'number' && Number(digits.text) <= minorUnits) return expression;
  }
  return { kind: 'call', name: 'ROUND', arguments: [expression, number(String(minorUnits))], at: expression.at };
}
