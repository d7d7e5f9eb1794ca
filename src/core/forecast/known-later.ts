import type { Program } from '../model/program.ts';
import type { Warning } from '../problem.ts';

/**
 * One warning where fees, factors, surcharges, rents, allowances or chances that the forecast uses were learned after its
 * as-of date, because nothing earlier is at hand. Token prices are warned of where they are looked up.
 */
export function knownLaterWarnings({ rows }: Program, asOf: string): readonly Warning[] {
  const late = rows.flatMap(({ content }) => {
    if (content.kind !== 'input') return [];
    const { origin } = content.definition;
    const { details, monthly } = content.input;
    return [details, ...(monthly ?? []).map((month) => month?.details)].flatMap((facts) => {
      const known = origin.kind === 'price' ? facts?.factor_known_at : facts?.known_at;
      return known !== undefined && /^\d{4}-/.test(known) && known > asOf ? [{ provider: facts?.provider, known }] : [];
    });
  });
  if (late.length === 0) return [];
  const providers = [...new Set(late.map(({ provider }) => provider))].sort();
  const learned = late.map(({ known }) => known).sort();
  const message = `Terms of ${providers.join(', ')} (fees, factors between prices, surcharges, rents, free volume or chances of a price change) were learned on ${learned.at(-1)}, after the as-of date ${asOf}; no earlier ones are at hand.`;
  return [{ code: 'terms-known-later', pointer: '/as_of', message }];
}
