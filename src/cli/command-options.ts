import type { Command } from 'commander';
import { Option } from 'commander';
import { formats } from './output.ts';

export function formatOption(): Option {
  return new Option('--format <format>', 'how to print it').choices([...formats]).default('table');
}

/** The options of every command that goes through the running service. */
export function withService(command: Command, key = 'file with a key, where the service asks for one'): Command {
  return command
    .option('--server <url>', 'address of the running service (default: from HOST and PORT)')
    .option('--key-file <file>', key)
    .addOption(formatOption());
}

export function example(line: string): string {
  return `\nExample:\n  $ ${line}`;
}

/** An option that may be repeated: all its values in order. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
