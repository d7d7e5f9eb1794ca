import type { Command } from 'commander';
import { Option } from 'commander';
import { runStates } from '../services/runs/run-states.ts';
import { example, withService } from './command-options.ts';

const sampleRun = 'run_01kaz9v3x8q5t2m7n4c6b1d0ef';

export function addRuns(program: Command): void {
  const runs = program
    .command('runs')
    .description('Executions of jobs and schedules, through the running service')
    .helpCommand(false);
  withService(runs.command('list'))
    .description('List runs, newest first')
    .option('--kind <kind>', 'of this kind only, such as import-bills')
    .addOption(new Option('--state <state>', 'in this state only').choices(runStates))
    .option('--period <month>', 'of this month only, YYYY-MM')
    .option('--schedule <id>', 'of this schedule only')
    .option('--limit <n>', 'the newest so many, at most 1,000', '50')
    .addHelpText('after', example('infercast runs list --state failed'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./runs.ts')).runRunsList(command.optsWithGlobals()),
    );
  withService(runs.command('show'))
    .description('Show how far a run is, what it brought or why it failed, and its log')
    .argument('<id>', 'as in runs list')
    .addHelpText('after', example(`infercast runs show ${sampleRun}`))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./runs.ts')).runRunsShow(id, command.optsWithGlobals()),
    );
  withService(runs.command('cancel'))
    .description('Ask a run to stop; what it has not ended is not stored')
    .argument('<id>', 'as in runs list')
    .addHelpText('after', example(`infercast runs cancel ${sampleRun}`))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./runs.ts')).runRunsCancel(id, command.optsWithGlobals()),
    );
  withService(runs.command('retry'))
    .description('Try a run again that failed, was cancelled or was missed')
    .argument('<id>', 'as in runs list')
    .addHelpText('after', example(`infercast runs retry ${sampleRun}`))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./runs.ts')).runRunsRetry(id, command.optsWithGlobals()),
    );
}
