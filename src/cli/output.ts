import type { Terminal } from './terminal.ts';
import { terminalOf } from './terminal.ts';

export const formats = ['table', 'json', 'csv', 'markdown'] as const;
export type Format = (typeof formats)[number];

/** The options that every command has. */
export type GlobalOptions = { readonly color: boolean };

export type Output = {
  readonly terminal: Terminal;
  /** Data, to stdout. A newline is added where there is none. */
  readonly print: (text: string) => void;
  /** All else, to stderr. */
  readonly say: (text: string) => void;
};

export function outputOf(options: GlobalOptions): Output {
  const terminal = terminalOf(options);
  return {
    terminal,
    print: (text) => process.stdout.write(closed(text)),
    say: (text) => process.stderr.write(terminal.plain(closed(text))),
  };
}

function closed(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
