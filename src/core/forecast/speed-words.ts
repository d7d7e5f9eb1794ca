import type { ServingReport } from './result.ts';

/** How fast a lot serves a workload, how wide that is, and which kind of figure it is: all users apart from one user. */
export type SpeedWords = {
  /** `2,957 output tokens/s over all users (P5 to P95: 1,900 to 3,400)` */
  readonly allUsers: string;
  readonly oneUser: string;
  /** Where the figure is from, and how far it may be off. */
  readonly from: string;
};

/** The speed of a lot for a workload, in words that never leave open what kind of figure it is. */
export function speedInWords({ output_from, all_users, single_user, law }: ServingReport): SpeedWords {
  const { base, p5, p95 } = all_users.output_tokens_per_s;
  const wide = p5 !== null && p95 !== null && p5 !== p95 ? ` (P5 to P95: ${whole(p5)} to ${whole(p95)})` : '';
  const first =
    single_user.first_token_ms === null ? '' : `, first token after ${whole(single_user.first_token_ms)} ms when idle`;
  const alone =
    single_user.output_tokens_per_s === null
      ? 'one user’s speed does not follow from it'
      : `${whole(single_user.output_tokens_per_s)} for one user alone`;
  return {
    allUsers: `${whole(base)} output tokens/s over all users${wide}`,
    oneUser: `${alone}${first}`,
    from: fromInWords(output_from, law, wide !== ''),
  };
}

function fromInWords(from: ServingReport['output_from'], law: ServingReport['law'], isRange: boolean): string {
  if (from === 'roofline') return 'reckoned from memory bandwidth and TFLOP/s, not measured';
  if (law === undefined) return isRange ? 'stated as a range over all users' : 'stated as one figure over all users';
  const error = law.points === 2 ? 'exact at both' : `${(100 * Number(law.worst_error)).toFixed(1)} % off at worst`;
  const whose = law.catalogue === undefined ? '' : `, from the catalogue (${law.catalogue})`;
  return `law through ${law.points} measured points, ${error}${whose}`;
}

function whole(amount: string | null): string {
  return amount === null ? 'unknown' : Math.round(Number(amount)).toLocaleString('en');
}
