/**
 * One thing wrong with a formula. `at` is the 0-based offset in its text, so that a caller can point at the place; the
 * caller, who knows where the formula stands in what was sent, turns it into a problem with a pointer.
 */
export type FormulaProblem = {
  readonly code: string;
  readonly at: number;
  readonly message: string;
  /** What could stand there instead, best first. */
  readonly suggestions?: readonly string[];
};
