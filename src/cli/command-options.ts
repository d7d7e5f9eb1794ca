import { Option } from 'commander';
import { formats } from './output.ts';

export function formatOption(): Option {
  return new Option('--format <format>', 'how to print it').choices([...formats]).default('table');
}

export function example(line: string): string {
  return `\nExample:\n  $ ${line}`;
}

/** An option that may be repeated: all its values in order. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
