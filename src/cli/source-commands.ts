import type { Command } from 'commander';
import { example, withService } from './command-options.ts';

export function addSources(program: Command): void {
  const sources = program
    .command('sources')
    .description('Where bills are fetched, through the running service')
    .helpCommand(false);
  withService(sources.command('list'))
    .description('List sources, newest first, without their keys')
    .addHelpText('after', example('infercast sources list'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./sources.ts')).runSourcesList(command.optsWithGlobals()),
    );
  withService(sources.command('add'))
    .description('Store a source; its key is read from a file, stdin or a variable, never from the command')
    .argument('<name>', 'what it is called')
    .requiredOption('--kind <kind>', 'openai, anthropic, openrouter, url or inbox')
    .option('--credential-file <file>', 'file that holds the key; - is stdin')
    .option('--credential-env <name>', 'variable of the environment that holds the key')
    .option('--account <id>', 'account of bills that do not name theirs')
    .option('--url <url>', 'of the kind url; {period}, {start} and {end} become the month')
    .option('--url-file <file>', 'file that holds the address, where that holds a key; - is stdin')
    .option('--url-env <name>', 'variable of the environment that holds the address')
    .option('--folder <folder>', 'of the kind inbox: a folder below INBOX_DIR')
    .option('--reading <file>', 'JSON of how files are read: {"format", "answers", "mapping", "models"}')
    .option('--dry-run', 'fetch a month and show its bills; nothing is stored')
    .option('--period <month>', 'the month of the dry run, YYYY-MM (default: the last that ended)')
    .addHelpText('after', example('infercast sources add OpenAI --kind openai --credential-env OPENAI_ADMIN_KEY'))
    .action(async (name: string, _options: unknown, command: Command) =>
      (await import('./sources.ts')).runSourcesAdd(name, command.optsWithGlobals()),
    );
  withService(sources.command('test'))
    .description('Fetch a month and show its bills without storing them; exit with 1 where they could not be stored')
    .argument('<id>', 'as in sources list')
    .option('--period <month>', 'the month, YYYY-MM (default: the last that ended)')
    .addHelpText('after', example('infercast sources test src_01jd3k --period 2026-10'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./sources.ts')).runSourcesTest(id, command.optsWithGlobals()),
    );
  withService(sources.command('pull'))
    .description('Fetch the bills of a month and store them, as a run')
    .argument('<id>', 'as in sources list')
    .option('--period <month>', 'the month, YYYY-MM (default: the last that ended)')
    .addHelpText('after', example('infercast sources pull src_01jd3k --period 2026-10'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./sources.ts')).runSourcesPull(id, command.optsWithGlobals()),
    );
  withService(sources.command('remove'))
    .description('Remove a source and its key; the bills it brought stay')
    .argument('<id>', 'as in sources list')
    .addHelpText('after', example('infercast sources remove src_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./sources.ts')).runSourcesRemove(id, command.optsWithGlobals()),
    );
}
