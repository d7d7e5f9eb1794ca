import type { ServingReport } from './result.ts';

/** How fast a lot serves a workload, how wide that is, and which kind of figure it is: all users apart from one user. */
export type SpeedWords = {
  /** `2,957 output tokens/s over all users (P5 to P95: 1,900 to 3,400)` */
  readonly allUsers: string;
  readonly oneUser: string;
  /** `1,900 to 3,400` between P5 and P95; null where the draws do not move it. */
  readonly width: string | null;
  /** In a word or two: `stated`, `law of 5 points, ≤ 0.7 % off`, `reckoned, not measured`. */
  readonly kind: string;
  /** The same in full, with who measured it. */
  readonly from: string;
};

/** The speed of a lot for a workload, in words that never leave open what kind of figure it is. */
export function speedInWords({ output_from, all_users, single_user, law }: ServingReport): SpeedWords {
  const { base, p5, p95 } = all_users.output_tokens_per_s;
  const width = p5 === null || p95 === null || p5 === p95 ? null : `${wholeText(p5)} to ${wholeText(p95)}`;
  const first =
    single_user.first_token_ms === null
      ? ''
      : `, first token after ${wholeText(single_user.first_token_ms)} ms when idle`;
  const alone =
    single_user.output_tokens_per_s === null
      ? 'one user’s speed does not follow from it'
      : `${wholeText(single_user.output_tokens_per_s)} for one user alone`;
  return {
    allUsers: `${wholeText(base)} output tokens/s over all users${width === null ? '' : ` (P5 to P95: ${width})`}`,
    oneUser: `${alone}${first}`,
    width,
    kind: kindOf(output_from, law),
    from: fromInWords(output_from, law, width !== null),
  };
}

/** A figure without decimals, a dash where there is none. */
export function wholeText(amount: string | null): string {
  return amount === null ? '–' : Math.round(Number(amount)).toLocaleString('en');
}

function kindOf(from: ServingReport['output_from'], law: ServingReport['law']): string {
  if (from === 'roofline') return 'reckoned, not measured';
  if (law === undefined) return 'stated';
  const whose = law.catalogue === undefined ? '' : 'catalogue: ';
  return `${whose}law of ${law.points} points${law.points === 2 ? '' : `, ≤ ${worstOf(law)} off`}`;
}

function fromInWords(from: ServingReport['output_from'], law: ServingReport['law'], isRange: boolean): string {
  if (from === 'roofline') return 'reckoned from memory bandwidth and TFLOP/s, not measured';
  if (law === undefined) return isRange ? 'stated as a range over all users' : 'stated as one figure over all users';
  const error = law.points === 2 ? 'exact at both' : `${worstOf(law)} off at worst`;
  const whose = law.catalogue === undefined ? '' : `, from the catalogue (${law.catalogue})`;
  return `law through ${law.points} measured points, ${error}${whose}`;
}

function worstOf({ worst_error: error }: NonNullable<ServingReport['law']>): string {
  return `${(100 * Number(error)).toFixed(1)} %`;
}
