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
