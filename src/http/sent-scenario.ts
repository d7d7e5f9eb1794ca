import { Refusal, refuseInput } from '../services/refusal.ts';

/** A scenario may be sent by itself or as `{scenario: …}`; `at` is the pointer to it in what was sent. */
export function scenarioIn(sent: unknown): { readonly scenario: unknown; readonly at: string } {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) return { scenario: sent, at: '' };
  const keys = Object.keys(sent);
  if (keys.length !== 1 || keys[0] !== 'scenario') return { scenario: sent, at: '' };
  return { scenario: (sent as { scenario: unknown }).scenario, at: '/scenario' };
}

/** Problems found in a scenario, seen from what was sent around it. */
export async function pointingInto<Result>(at: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    if (at === '' || !(error instanceof Refusal) || error.errors.length === 0) throw error;
    throw refuseInput(error.errors.map((problem) => ({ ...problem, pointer: at + problem.pointer })));
  }
}
