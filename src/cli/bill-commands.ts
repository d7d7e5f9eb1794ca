import type { Command } from 'commander';
import { Option } from 'commander';
import { collect, example, withService } from './command-options.ts';

export function addBills(program: Command): void {
  const bills = program
    .command('bills')
    .description('Bills of providers, through the running service')
    .helpCommand(false);
  addImport(bills);
  withBillKey(bills.command('list'))
    .description('List bills, newest first')
    .option('--provider <id>', 'of this provider only')
    .option('--period <month>', 'of this month only, YYYY-MM')
    .addOption(new Option('--status <status>', 'in this state only').choices(['provisional', 'locked', 'reversed']))
    .addHelpText('after', example('infercast bills list --period 2026-10'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./bills.ts')).runBillsList(command.optsWithGlobals()),
    );
  withBillKey(bills.command('show'))
    .description('Show the sums of a bill and what became of it')
    .argument('<id>', 'as in bills list')
    .addHelpText('after', example('infercast bills show bill_01kaz9v3x8q5t2m7n4c6b1d0ef'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./bills.ts')).runBillsShow(id, command.optsWithGlobals()),
    );
  withBillKey(bills.command('lock'))
    .description('Settle a bill: from then on it is only ever reversed')
    .argument('<id>', 'as in bills list')
    .option('--payable <amount>', 'what the invoice asks, such as 123.45')
    .option('--accept-difference', 'lock it though its lines come to something else; say why with --reason')
    .option('--reason <text>', 'kept with it')
    .addHelpText('after', example('infercast bills lock bill_01kaz9v3x8q5t2m7n4c6b1d0ef --payable 123.45'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./bills.ts')).runBillsLock(id, command.optsWithGlobals()),
    );
  withBillKey(bills.command('reverse'))
    .description('Take a bill out of every total; it stays readable, and its file may be sent again')
    .argument('<id>', 'as in bills list')
    .requiredOption('--reason <text>', 'kept with it')
    .addHelpText(
      'after',
      example('infercast bills reverse bill_01kaz9v3x8q5t2m7n4c6b1d0ef --reason "corrected invoice"'),
    )
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./bills.ts')).runBillsReverse(id, command.optsWithGlobals()),
    );
  withBillKey(bills.command('compare'))
    .description('Hold the bills of a month against the forecast frozen before it, and say why they differ')
    .requiredOption('--period <month>', 'the month, YYYY-MM')
    .option('--scenario <id or name>', 'its newest forecast from before the month')
    .option('--forecast <id>', 'this forecast; one made later is shown, never scored')
    .option('--tier <id>', 'this tier, may be repeated (default: those whose providers all have bills)', collect)
    .option('--rate <currency=rate>', "what one of a currency was worth in the scenario's, may be repeated", collect)
    .option('--xlsx <out>', 'write the workbook too')
    .addHelpText('after', example('infercast bills compare --scenario "Support assistant" --period 2026-10'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./bills-compare.ts')).runBillsCompare(command.optsWithGlobals()),
    );
}

function addImport(bills: Command): void {
  withBillKey(bills.command('import'))
    .description('Store the bills of a file, or show what would be stored')
    .argument('<file>', 'CSV, JSON, Excel or Parquet as a provider hands it out')
    .option('--dry-run', 'only show what would be stored')
    .option('--source <format>', 'its format, where it shall not be found by its columns')
    .option('--account <id>', 'account of a file that does not name it')
    .option('--period <month>', 'only the bills of this month, YYYY-MM')
    .option('--answer <key=value>', 'answer to what was asked, may be repeated', collect)
    .option(
      '--model <name=id>',
      'what a billed name of a model means, may be repeated; kept for the next files',
      collect,
    )
    .option('--map <file>', 'JSON that says what each FOCUS column is read from')
    .option('--payable <amount>', 'what the invoice asks: 123.45, or INV-7:100.00,INV-8:23.45')
    .option('--replace', 'put it in the place of what is stored of its months')
    .option('--add', 'store only lines that are not there yet')
    .addHelpText('after', example('infercast bills import openai-2026-10.csv --payable 123.45 --dry-run'))
    .action(async (file: string, _options: unknown, command: Command) =>
      (await import('./bills-import.ts')).runBillsImport(file, command.optsWithGlobals()),
    );
}

function withBillKey(command: Command): Command {
  return withService(command, 'file with a key that has the scope bills, where the service asks for one');
}
