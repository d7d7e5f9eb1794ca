import { didYouMean, nearestNames } from '../../core/nearest-name.ts';
import type { Problem, Warning } from '../../core/problem.ts';
import { parseBillInstant } from './bill-dates.ts';
import type { BillContext } from './bill-format.ts';
import type { BillQuestion } from './bill-import.ts';
import { parseBillDecimal } from './bill-numbers.ts';
import { isTimeZone } from './local-time.ts';
import { detached, problemAt } from './refuse.ts';

/** Gathers, column by column, how a file writes dates and numbers, and says in the end what is certain. */
export type Conventions = {
  readonly hear: BillContext['hear'];
  readonly settle: (answers: Readonly<Record<string, string>>) => Settled;
};

export type Settled = {
  /** What the file itself decides, as answers by `question:column`. */
  readonly decided: Readonly<Record<string, string>>;
  /** Whether the file was read otherwise so far, and has to be read again. */
  readonly readAgain: boolean;
  readonly questions: readonly BillQuestion[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Warning[];
};

/** A place in the file, as an example. */
type Place = { readonly line: number; readonly text: string };
type Column = {
  readonly question: string;
  readonly column: string;
  readonly says: Map<string, Place>;
  readonly open: Place[];
  /** Whether a comma is in one of the open texts. */
  commas: boolean;
};

/** How a text is read until its question is answered. */
const untilAnswered: Readonly<Record<string, string>> = { 'date-order': 'month-first', 'number-format': 'point' };
const choices: Readonly<Record<string, readonly string[]>> = {
  'date-order': ['month-first', 'day-first'],
  'number-format': ['point', 'comma'],
};
const freeText: readonly string[] = ['zone', 'currency'];

/**
 * `points`: numbers of this file have a decimal point, as its maker or its kind says; a comma in one of them is still asked
 * about.
 */
export function openConventions({ points }: { readonly points: boolean }): Conventions {
  const columns = new Map<string, Column>();
  let last: Column = { question: '', column: '', says: new Map(), open: [], commas: false };

  function hear(question: string, says: string | null, line: number, column: string, text: string): void {
    const heard = columnOf(question, column);
    if (says !== null) {
      if (!heard.says.has(says)) heard.says.set(says, { line, text: detached(text) });
      return;
    }
    heard.commas ||= text.includes(',');
    if (heard.open.length < 3) heard.open.push({ line, text: detached(text) });
  }

  function columnOf(question: string, column: string): Column {
    if (last.column === column && last.question === question) return last;
    const key = `${question}:${column}`;
    last = columns.get(key) ?? { question, column, says: new Map(), open: [], commas: false };
    columns.set(key, last);
    return last;
  }

  function settle(answers: Readonly<Record<string, string>>): Settled {
    const decided: Record<string, string> = {};
    const problems: Problem[] = [];
    const warnings: Warning[] = [];
    const asked = new Map<string, Column[]>();
    for (const column of columns.values()) {
      const [example] = column.open;
      if (example === undefined) continue;
      if (points && column.question === 'number-format' && !column.commas && !column.says.has('comma')) continue;
      const key = `${column.question}:${column.column}`;
      const answer = answers[key] ?? answers[column.question];
      const contradiction = answer === undefined ? undefined : [...column.says].find(([says]) => says !== answer);
      if (contradiction !== undefined) problems.push(contradicted(column, answer as string, contradiction[1]));
      if (answer !== undefined) continue;
      const [[says, witness] = []] = column.says;
      if (column.says.size > 1) problems.push(mixed(column));
      else if (says !== undefined && witness !== undefined) {
        decided[key] = says;
        warnings.push(decidedBy(column, says, witness));
      } else asked.set(column.question, [...(asked.get(column.question) ?? []), column]);
    }
    const questions = [...asked].map(([question, open]) => ask(question, open));
    const readAgain = Object.entries(decided).some(([key, says]) => untilAnswered[key.split(':', 1)[0] ?? ''] !== says);
    return { decided, readAgain, questions, problems, warnings };
  }

  return { hear, settle };
}

/** What is wrong with the answers themselves: unknown questions, impossible answers. */
export function checkAnswers(answers: Readonly<Record<string, string>>): readonly Problem[] {
  const known = [...Object.keys(choices), ...freeText];
  return Object.entries(answers).flatMap(([key, answer]): readonly Problem[] => {
    const [question = ''] = key.split(':', 1);
    const pointer = `/answers/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!known.includes(question)) {
      const suggestions = nearestNames(question, known);
      const message = `There is no question "${question.slice(0, 60)}".${didYouMean(suggestions)}`;
      return [{ code: 'unknown-question', pointer, message, suggestions }];
    }
    const allowed = choices[question];
    if (allowed !== undefined && !allowed.includes(answer)) {
      const message = `Expected ${allowed.join(' or ')}, found "${answer.slice(0, 60)}".`;
      return [{ code: 'impossible-answer', pointer, message, suggestions: [...allowed] }];
    }
    if (question === 'zone' && !isTimeZone(answer))
      return [
        {
          code: 'impossible-answer',
          pointer,
          message: `Expected an IANA time zone such as UTC or Europe/Berlin, found "${answer.slice(0, 60)}".`,
        },
      ];
    if (question === 'currency' && !/^[A-Z]{3}$/.test(answer))
      return [
        {
          code: 'impossible-answer',
          pointer,
          message: `Expected a currency code such as USD, found "${answer.slice(0, 60)}".`,
        },
      ];
    return [];
  });
}

function ask(question: string, columns: readonly Column[]): BillQuestion {
  const [first] = columns as [Column, ...Column[]];
  const [example] = first.open as [Place, ...Place[]];
  const names = columns.map(({ column }) => `"${column.slice(0, 60)}"`).join(', ');
  return {
    id: question,
    column: first.column,
    text: textOfQuestion(question, example.text.slice(0, 40), names),
    examples: columns.flatMap(({ open }) => open).slice(0, 5),
    choices: (choices[question] ?? []).map((value) => ({ value, label: readAs(question, value, example.text) })),
  };
}

function textOfQuestion(question: string, text: string, columns: string): string {
  if (question === 'date-order') return `Does "${text}" name the month or the day first? No date of ${columns} tells.`;
  if (question === 'number-format')
    return `Is "${text}" written in thousands, or with a decimal mark? No number of ${columns} tells.`;
  if (question === 'zone')
    return `In which time zone (IANA, such as UTC or Europe/Berlin) are the times of ${columns}, such as "${text}"?`;
  if (question === 'currency') return `In which currency (such as USD) are the amounts? ${columns} does not say.`;
  return `How is "${text}" of ${columns} to be read?`;
}

/** `4/1/25 is 2025-04-01`. */
function readAs(question: string, answer: string, text: string): string {
  const context: BillContext = { answers: { [question]: answer, zone: 'UTC' }, hear: () => {} };
  const read =
    question === 'date-order'
      ? parseBillInstant(text, context, 0, '')?.slice(0, 10)
      : parseBillDecimal(text, context, 0, '')?.toFixed();
  return `${text.slice(0, 40)} is ${read ?? 'nothing'}`;
}

function contradicted({ column, question }: Column, answer: string, { line, text }: Place): Problem {
  const message = `"${text.slice(0, 40)}" of "${column.slice(0, 60)}" cannot be read as ${answer}, the answer to ${question}. Correct the answer or the line.`;
  return problemAt('contradicted-answer', line, message);
}

function mixed({ column, question, says }: Column): Problem {
  const [[one, first] = [], [other, second] = []] = says;
  const at = `line ${first?.line} is ${one} ("${first?.text.slice(0, 40)}"), line ${second?.line} ${other} ("${second?.text.slice(0, 40)}")`;
  const message = `The column "${column.slice(0, 60)}" is written in two ways: ${at}. Write it in one, or answer ${question}.`;
  return problemAt('mixed-conventions', first?.line ?? null, message);
}

function decidedBy({ column, question, open }: Column, says: string, witness: Place): Warning {
  const message = `"${open[0]?.text.slice(0, 40)}" of "${column.slice(0, 60)}" is read as ${says}: line ${witness.line} has "${witness.text.slice(0, 40)}".`;
  return { code: question, pointer: `/lines/${open[0]?.line ?? witness.line}`, message };
}
