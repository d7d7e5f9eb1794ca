import type { Command } from 'commander';
import { example, withService } from './command-options.ts';

export function addNotices(program: Command): void {
  const notices = program
    .command('notices')
    .description('What the service told by webhook and mail, and what became of it, through the running service')
    .helpCommand(false);
  withService(notices.command('list'))
    .description('List notices, newest first, with how many of their receivers have them')
    .option('--type <type>', 'only this type, such as price.changed')
    .option('--schedule <id>', 'only those that concern this schedule')
    .option('--limit <n>', 'most of them, 1 to 200', '50')
    .addHelpText('after', example('infercast notices list --type schedule.failed'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./notices.ts')).runNoticesList(command.optsWithGlobals()),
    );
  withService(notices.command('show'))
    .description('One notice with every delivery; what it says in full is in --format json')
    .argument('<id>', 'as in notices list')
    .addHelpText('after', example('infercast notices show sch_01jd3k-missed-2026-10'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./notices.ts')).runNoticesShow(id, command.optsWithGlobals()),
    );
}
