import type { BillContext } from './bill-format.ts';

/** A context that asks nothing: for files whose makers say how they write, and for tests. */
export function bareContext(answers: Readonly<Record<string, string>> = {}): BillContext {
  return { answers, hear: () => {} };
}

/** What was answered for this column, or for the file. */
export function answerFor({ answers }: BillContext, question: string, column: string): string | undefined {
  return answers[`${question}:${column}`] ?? answers[question];
}
