import type { RunView } from '../services/runs/runs.ts';
import type { Answer, AnswerDescription } from './operation.ts';
import { runSchema } from './schemas/run.ts';

/** The answer to a request that is put off: its run, at its address. */
export function answerRun(run: RunView, prefersAsync: boolean): Answer {
  const applied = prefersAsync ? { 'Preference-Applied': 'respond-async' } : {};
  return { status: 202, body: run, headers: { Location: `/v1/runs/${run.id}`, ...applied } };
}

/** The same in the OpenAPI document; `member` is where the result of the run names what it made. */
export function putOff(member: string): AnswerDescription {
  return {
    description: `Its run, at Location; \`result.${member}\` is its address`,
    schema: runSchema,
    headers: ['Location'],
  };
}
