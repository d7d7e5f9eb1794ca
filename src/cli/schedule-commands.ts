import type { Command } from 'commander';
import { collect, example, withService } from './command-options.ts';

export function addSchedules(program: Command): void {
  const schedules = program
    .command('schedules')
    .description('Compare the bills of every month with their forecast, through the running service')
    .helpCommand(false);
  withService(schedules.command('list'))
    .description('List schedules with their next run')
    .addHelpText('after', example('infercast schedules list'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./schedules.ts')).runSchedulesList(command.optsWithGlobals()),
    );
  withService(schedules.command('add'))
    .description('Store a schedule and show its next twelve runs with the month each covers')
    .argument('<name>', 'what it is called')
    .option('--scenario <id>', 'the scenario whose forecast is frozen before each month')
    .option('--day <day>', 'day of the month, 1 to 28 or last (default: 3, because bills settle late)')
    .option('--time <time>', 'on the clocks of the zone (default: 06:00)')
    .option('--cron <expression>', 'instead of day and time: five fields')
    .option('--zone <zone>', 'IANA time zone (default: DEFAULT_TZ of the service)')
    .option('--source <id>', 'pull this bill source; may be repeated (default: none, bills are sent)', collect)
    .option('--alert-above <share>', 'a difference that counts as exceeded, such as 10%, or none (default: 10%)')
    .option('--dry-run', 'only show the next twelve runs')
    .addHelpText(
      'after',
      example('infercast schedules add "Monthly bills" --scenario sc_00sample --day 3 --zone Europe/Berlin --dry-run'),
    )
    .action(async (name: string, _options: unknown, command: Command) =>
      (await import('./schedules.ts')).runSchedulesAdd(name, command.optsWithGlobals()),
    );
  withService(schedules.command('show'))
    .description('Show a schedule and the result of each of its months')
    .argument('<id>', 'as in schedules list')
    .addHelpText('after', example('infercast schedules show sch_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./schedules-show.ts')).runSchedulesShow(id, command.optsWithGlobals()),
    );
  withService(schedules.command('pause'))
    .description('Stop a schedule; what passes meanwhile is not made up for')
    .argument('<id>', 'as in schedules list')
    .addHelpText('after', example('infercast schedules pause sch_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./schedules-change.ts')).runSchedulesPause(id, command.optsWithGlobals()),
    );
  withService(schedules.command('resume'))
    .description('Let a paused schedule go on')
    .argument('<id>', 'as in schedules list')
    .addHelpText('after', example('infercast schedules resume sch_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./schedules-change.ts')).runSchedulesResume(id, command.optsWithGlobals()),
    );
  withService(schedules.command('remove'))
    .description('Remove a schedule; its results and runs stay')
    .argument('<id>', 'as in schedules list')
    .addHelpText('after', example('infercast schedules remove sch_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./schedules-change.ts')).runSchedulesRemove(id, command.optsWithGlobals()),
    );
  withService(schedules.command('run'))
    .description('Run a month now; each month has one result, however often it is run')
    .argument('<id>', 'as in schedules list')
    .option('--period <month>', 'the month, YYYY-MM (default: the last that ended)')
    .addHelpText('after', example('infercast schedules run sch_01jd3k --period 2026-10'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./schedules.ts')).runSchedulesRun(id, command.optsWithGlobals()),
    );
  withService(schedules.command('nowcast'))
    .description('Where the month under way will end, as the last look at its bills saw it')
    .argument('<id>', 'as in schedules list')
    .option('--now', 'look now; each schedule looks once a day by itself')
    .addHelpText('after', example('infercast schedules nowcast sch_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./schedules-nowcast.ts')).runSchedulesNowcast(id, command.optsWithGlobals()),
    );
}
