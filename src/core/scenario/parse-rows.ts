import { judgeRowName } from '../formula/names.ts';
import { didYouMean } from '../nearest-name.ts';
import type { Draft } from './draft.ts';
import { tierIn } from './draft.ts';
import type { Readable } from './readable.ts';
import type { OwnRow, TierChoice } from './scenario.ts';
import type { ScenarioInput } from './schema.ts';

/** The user's own lines. What their formulas mean is checked where the models are known. */
export function parseRows(
  draft: Draft,
  sent: Readable<ScenarioInput>['rows'],
  tiers: readonly TierChoice[],
): readonly OwnRow[] {
  const seen = new Map<string, number>();
  return (sent ?? []).flatMap((row, i): readonly OwnRow[] => {
    if (row === undefined) return [];
    const tier = tierIn(draft, row.tier, ['rows', i, 'tier'], () => true, 'the id of a tier');
    if (row.id !== undefined) checkName(draft, row.id, ['rows', i, 'id']);
    if (tier === undefined || row.id === undefined) return [];
    const before = seen.get(`${tier.id} ${row.id}`);
    if (before !== undefined) {
      const message = `${tier.id} has this row already in /rows/${before}: ids are used once in a tier.`;
      draft.faults.push({ code: 'duplicate-id', path: ['rows', i, 'id'], message });
    }
    seen.set(`${tier.id} ${row.id}`, before ?? i);
    if (!tiers.some(({ id }) => id === tier.id)) {
      const message = `${tier.label} is not among the tiers compared, so that this row plays no part.`;
      draft.warnings.push({ code: 'row-unused', path: ['rows', i, 'tier'], message });
    }
    return [
      {
        tier: tier.id,
        id: row.id,
        label: row.label ?? labelFrom(row.id),
        unit: row.unit ?? draft.currency ?? 'USD',
        perimeter: row.perimeter ?? null,
        behaviour: row.behaviour ?? 'fixed',
        formula: String(row.formula ?? ''),
      },
    ];
  });
}

/** `security_audit` is shown as `Security audit`. */
function labelFrom(id: string): string {
  const words = id.replaceAll('_', ' ').trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function checkName(draft: Draft, id: string, path: readonly PropertyKey[]): void {
  const problem = judgeRowName(id);
  if (problem === undefined) return;
  const { code, message, suggestions = [] } = problem;
  draft.faults.push({
    code,
    path,
    message: suggestions.some((name) => message.includes(name)) ? message : message + didYouMean(suggestions),
    suggestions,
  });
}
