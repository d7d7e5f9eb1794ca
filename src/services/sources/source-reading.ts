import { didYouMean, nearestNames } from '../../core/nearest-name.ts';
import type { Problem } from '../../core/problem.ts';
import type { BillSourceReading } from '../../db/outside-tables.ts';
import type { BillQuestion } from '../../importers/bills/bill-import.ts';
import { checkMapping } from '../../importers/bills/column-mapping.ts';
import { checkAnswers } from '../../importers/bills/conventions.ts';
import { BILL_FORMATS } from '../../importers/bills/formats.ts';
import type { BillImportRequest } from '../bills/bill-request.ts';
import { Refusal } from '../refusal.ts';

/** How the files of a source are read, as an upload of each of them would say it. */
export function askReading(
  reading: BillSourceReading | null,
): Pick<BillImportRequest, 'source' | 'answers' | 'mapping' | 'models' | 'unusedModels'> {
  const { format = null, answers = {}, mapping = null, models = {} } = reading ?? {};
  // A month without use of a model is nothing wrong.
  return { source: format, answers, mapping, models, unusedModels: 'allow' };
}

/** What is wrong with a reading whatever the file is; which columns a file has is seen when it comes. */
export function findReadingProblems(reading: BillSourceReading): readonly Problem[] {
  const { format, answers = {}, mapping } = reading;
  const columns = Object.values(mapping ?? {}).flatMap((from) => ('column' in from ? [from.column] : []));
  return [
    ...(format === undefined ? [] : findFormatProblems(format)),
    ...checkAnswers(answers),
    ...(mapping === undefined ? [] : checkMapping(mapping, columns)),
  ].map((problem) => ({ ...problem, pointer: `/reading${problem.pointer}` }));
}

/** What was asked of a file, with where the answer belongs that holds for all files of its source. */
export function refuseUnanswered(name: string, questions: readonly BillQuestion[]): Refusal {
  const message = `${name} can be read in more than one way: say in the reading of its source which is right.`;
  return new Refusal('validation-failed', message, {
    errors: questions.map((question) => ({
      code: 'question',
      pointer: `/reading/answers/${question.id}`,
      message: describeQuestion(question),
      suggestions: question.choices.map(({ value }) => value),
    })),
    members: { questions },
  });
}

/** A question and how it is answered, in one line. */
export function describeQuestion({ id, text, choices }: BillQuestion): string {
  const answers = choices.length === 0 ? '…' : choices.map(({ value }) => value).join(' or ');
  return `${text} Answer it with "reading": {"answers": {"${id}": "${answers}"}}.`;
}

function findFormatProblems(format: string): readonly Problem[] {
  const known = BILL_FORMATS.map(({ id }) => id);
  if (known.includes(format)) return [];
  const suggestions = nearestNames(format, known);
  const message = `There is no format "${format.slice(0, 60)}".${didYouMean(suggestions)}`;
  return [{ code: 'unknown-format', pointer: '/format', message, suggestions }];
}
