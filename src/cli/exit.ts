/** What the exit code of a command says. */
export const exitCodes = { ok: 0, failed: 1, badUsage: 2, checkFailed: 3, unreachable: 5 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A command that cannot go on; each line is one sentence with the cure, for stderr. */
export class CommandFailed extends Error {
  readonly exitCode: ExitCode;
  readonly lines: readonly string[];

  constructor(exitCode: ExitCode, lines: readonly string[], options?: ErrorOptions) {
    super(lines.join('\n'), options);
    this.name = 'CommandFailed';
    this.exitCode = exitCode;
    this.lines = lines;
  }
}

export function badUsage(line: string, options?: ErrorOptions): CommandFailed {
  return new CommandFailed(exitCodes.badUsage, [line], options);
}
