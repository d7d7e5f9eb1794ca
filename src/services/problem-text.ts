import type { Problem } from '../core/problem.ts';

/** A problem as it is shown, in an answer and in a run alike. */
export type ProblemText = {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
  readonly limit?: string;
  readonly suggestions?: readonly string[];
};

export function showProblem({ pointer, code, message, limit, suggestions }: Problem): ProblemText {
  return {
    pointer,
    code,
    detail: message,
    ...(limit === undefined ? {} : { limit }),
    ...(suggestions === undefined || suggestions.length === 0 ? {} : { suggestions }),
  };
}

const mostReasons = 3;

/** What is wrong in a sentence or three: the first problems, or the message where there are none. */
export function sayReasons(message: string, problems: readonly string[]): string {
  return problems.length === 0 ? message : problems.slice(0, mostReasons).join(' ');
}
