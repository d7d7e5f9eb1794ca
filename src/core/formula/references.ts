import type { Expression } from './ast.ts';

/** `same` month, the month before, the sum so far, the instances of a `per:` row (EACH, TOTAL), or all months. */
export type ReferenceKind = 'same' | 'previous' | 'cumulative' | 'each' | 'months';

export type Reference = {
  readonly name: string;
  readonly how: ReferenceKind;
  readonly at: number;
  /** What `PREV(row, first)` stands for in month 1; its own references are listed too. */
  readonly first?: Expression;
};

/** Every row that a formula reads, in the order of the text, one entry a mention. */
export function referencesOf(expression: Expression): readonly Reference[] {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'name':
      return [{ name: expression.name, how: 'same', at: expression.at }];
    case 'unary':
      return referencesOf(expression.operand);
    case 'binary':
      return [...referencesOf(expression.left), ...referencesOf(expression.right)];
    case 'call': {
      const [row, first] = expression.arguments;
      const how = howOf(expression.name);
      if (how === undefined || row?.kind !== 'name') return expression.arguments.flatMap(referencesOf);
      const reference = { name: row.name, how, at: row.at };
      return first === undefined ? [reference] : [{ ...reference, first }, ...referencesOf(first)];
    }
  }
}

function howOf(functionName: string): ReferenceKind | undefined {
  switch (functionName) {
    case 'PREV':
      return 'previous';
    case 'CUM':
      return 'cumulative';
    case 'TOTAL':
    case 'EACH':
      return 'each';
    case 'MONTHS':
      return 'months';
    default:
      return undefined;
  }
}
