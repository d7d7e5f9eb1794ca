#!/usr/bin/env node
import { CommanderError } from 'commander';
import { buildProgram } from './cli/commands.ts';
import type { ExitCode } from './cli/exit.ts';
import { CommandFailed, exitCodes } from './cli/exit.ts';
import { WrongSettings } from './config.ts';
import { InvalidInput } from './core/problem.ts';

// `infercast … | head` closes the pipe early, which is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : exitCodes.failed),
);

try {
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says on stderr what went wrong, and gives the exit code. What nobody foresaw shows its stack, to be reported. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.badUsage;
  if (error instanceof CommandFailed) return say(error.lines, error.exitCode);
  if (error instanceof WrongSettings) return say(error.problems, exitCodes.badUsage);
  if (error instanceof InvalidInput)
    return say(
      error.problems.map(({ message }) => message),
      exitCodes.badUsage,
    );
  // By name: importing the class would load the database for every command.
  if (error instanceof Error && error.name === 'StartRefused') return say([error.message], exitCodes.failed);
  return say([error instanceof Error ? (error.stack ?? error.message) : String(error)], exitCodes.failed);
}

function say(lines: readonly string[], exitCode: ExitCode): ExitCode {
  for (const line of lines) process.stderr.write(`${line}\n`);
  return exitCode;
}
