/**
 * One thing wrong with what was sent. `pointer` is an RFC 6901 pointer into it (`/workloads/0/input_tokens`; empty for
 * the whole), `code` is stable for programs, `message` says what was found, what was expected and how to mend it.
 */
export type Problem = {
  readonly code: string;
  readonly pointer: string;
  readonly message: string;
  /** The nearest right things, best first. */
  readonly suggestions?: readonly string[];
  /** The limit that was passed, where there is one. */
  readonly limit?: string;
};

/** What a user should know although nothing is wrong enough to refuse; `pointer` points into the scenario as it was sent. */
export type Warning = { readonly code: string; readonly pointer: string; readonly message: string };

/** Thrown once with every problem found, never with the first only. */
export class InvalidInput extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.pointer || '/'}: ${problem.message}`).join('\n'));
    this.name = 'InvalidInput';
    this.problems = problems;
  }
}

/** Joins keys into an RFC 6901 pointer: `pointerTo(['rows', 0, 'a/b'])` is `/rows/0/a~1b`. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The problems without those that say the same of the same place, as a row found wrong in each tier that has it. */
export function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  return [
    ...new Map(problems.map((problem) => [`${problem.pointer} ${problem.code} ${problem.message}`, problem])).values(),
  ];
}
