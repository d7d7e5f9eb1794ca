import { Argument, Command, Option } from 'commander';
import { addBills } from './bill-commands.ts';
import { example, formatOption } from './command-options.ts';
import { addNotices } from './notice-commands.ts';
import { packageVersion } from './package-version.ts';
import { addRuns } from './run-commands.ts';
import { addSchedules } from './schedule-commands.ts';
import { addSources } from './source-commands.ts';
import { addWebhooks } from './webhook-commands.ts';

const sample = 'models/scenarios/support-assistant.yaml';

/** Every command with its options. What a command does is imported when it is asked for, so that help comes at once. */
export function buildProgram(): Command {
  const program = new Command('infercast')
    .description('Forecasts what LLM inference costs per month on hardware you own and on every kind of cloud.')
    .version(packageVersion, '-V, --version', 'print the version')
    .option('--no-color', 'no colours, as with NO_COLOR=1')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(--help lists what there is)')
    .addHelpText('after', exitCodesHelp)
    .exitOverride();
  addForecast(program);
  addCheck(program);
  addExplain(program);
  addBacktest(program);
  addPrices(program);
  addHardware(program);
  addBills(program);
  addService(program);
  addSources(program);
  addSchedules(program);
  addWebhooks(program);
  addRuns(program);
  addNotices(program);
  addKeys(program);
  addStore(program);
  return program;
}

const exitCodesHelp = `
Exit codes: 0 ok, 1 failed, 2 bad usage or bad input, 3 a check did not hold, 5 server unreachable.
Data goes to stdout, all else to stderr.`;

function addForecast(program: Command): void {
  withScenario(program.command('forecast'))
    .description('Forecast a scenario: no database, no network')
    .addOption(formatOption())
    .option('--xlsx <out>', 'write the workbook too')
    .option('--lines <tiers>', 'show the lines of these tiers, apart by commas, or of all')
    .addHelpText('after', example(`infercast forecast ${sample} --set operations.hourly_rate=100`))
    .action(async (file: string, _options: unknown, command: Command) =>
      (await import('./forecast.ts')).runForecast(file, command.optsWithGlobals()),
    );
}

function addCheck(program: Command): void {
  withScenario(program.command('check'))
    .description('Exit with 3 where a promise does not hold, one line each')
    .option('--tier <id>', 'this tier only')
    .option('--tolerance <share>', "how far next month's bill may be from its forecast (default: the scenario's)")
    .option('--max-monthly <amount>', "most that any month's bill may reach at P90, in the scenario's currency")
    .option('--strict', 'not enough evidence counts as broken too')
    .addOption(formatOption())
    .addHelpText('after', example(`infercast check ${sample} --tier local --tolerance 10%`))
    .action(async (file: string, _options: unknown, command: Command) =>
      (await import('./check.ts')).runCheck(file, command.optsWithGlobals()),
    );
}

function addExplain(program: Command): void {
  withScenario(program.command('explain'))
    .argument('<path>', 'tier.line.month, such as local.electricity.2027-01, or an input')
    .description('One number of the base case: its formula in names, in figures, and the sources of its prices')
    .addOption(formatOption())
    .addHelpText('after', example(`infercast explain ${sample} local.electricity.2027-01`))
    .action(async (file: string, path: string, _options: unknown, command: Command) =>
      (await import('./explain.ts')).runExplain(file, path, command.optsWithGlobals()),
    );
}

function addBacktest(program: Command): void {
  program
    .command('backtest')
    .argument('<history>', 'CSV with a column date or month and one of volumes')
    .description('How well a history would have been foreseen, month by month, against last month again')
    .option('--tolerance <share>', 'how far a month may be from its forecast and still be a hit', '10%')
    .option('--months-ahead <n>', 'forecast this many months ahead, 1 to 12', '1')
    .option('--chart <out>', 'draw it too, as SVG')
    .addOption(formatOption())
    .addHelpText('after', example('infercast backtest usage.csv --chart backtest.svg'))
    .action(async (file: string, _options: unknown, command: Command) =>
      (await import('./backtest.ts')).runBacktest(file, command.optsWithGlobals()),
    );
}

function addPrices(program: Command): void {
  const shown = (command: Command): Command =>
    command
      .option('--server <url>', 'address of the running service (default: from HOST and PORT, if one answers)')
      .option('--key-file <file>', 'file with a key that may read, where the service asks for one')
      .option('--shipped', 'the price book as shipped, without asking a service');
  const prices = program.command('prices').description('List prices, dated and with their source').helpCommand(false);
  shown(prices.command('list'))
    .description('The prices in force, in USD per 1M tokens')
    .option('--provider <id>', 'this provider only')
    .option('--model <part>', 'models whose id contains this')
    .option('--on <date>', 'the day they are in force, YYYY-MM-DD (default: today)')
    .addOption(formatOption())
    .addHelpText('after', example('infercast prices list --provider anthropic --model haiku'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./prices.ts')).runPricesList(command.optsWithGlobals()),
    );
  shown(prices.command('history'))
    .description('Every price a model has had and will have')
    .argument('<provider>', 'such as openai')
    .argument('<model>', 'its id there, or an alias')
    .addOption(formatOption())
    .addHelpText('after', example('infercast prices history anthropic claude-haiku-4-5'))
    .action(async (provider: string, model: string, _options: unknown, command: Command) =>
      (await import('./prices.ts')).runPricesHistory(provider, model, command.optsWithGlobals()),
    );
  const learning = (command: Command): Command =>
    command
      .option('--dry-run', 'only say what would be learned')
      .option('--accept-outliers', 'take prices that are more than ten times another, or less than a tenth, too')
      .option('--server <url>', 'address of the running service (default: from HOST and PORT)')
      .option('--key-file <file>', 'file with a key that may write, where the service asks for one')
      .addOption(formatOption());
  learning(prices.command('import'))
    .description('Learn prices from a file: they hold for forecasts of the service from today on')
    .argument('<file>', 'CSV of negotiated prices, or JSON of LiteLLM, OpenRouter, models.dev or a price file')
    .addHelpText('after', example('infercast prices import negotiated.csv --dry-run'))
    .action(async (file: string, _options: unknown, command: Command) =>
      (await import('./price-imports.ts')).runPricesImport(file, command.optsWithGlobals()),
    );
  learning(prices.command('pull'))
    .description('Fetch a published list over HTTPS and learn from it; nothing is fetched unless asked for')
    .addArgument(new Argument('<list>', 'which list').choices(['openrouter', 'litellm', 'models-dev']))
    .addHelpText('after', example('infercast prices pull openrouter --dry-run'))
    .action(async (list: string, _options: unknown, command: Command) =>
      (await import('./price-imports.ts')).runPricesPull(list, command.optsWithGlobals()),
    );
}

function addHardware(program: Command): void {
  program
    .command('hardware')
    .description('GPUs and machines')
    .helpCommand(false)
    .command('list')
    .description('Watts, memory and street prices, each with its source and date in JSON and CSV')
    .addOption(formatOption())
    .addHelpText('after', example('infercast hardware list'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./hardware.ts')).runHardwareList(command.optsWithGlobals()),
    );
}

function addService(program: Command): void {
  program
    .command('serve')
    .description('Run the service and its page, as npm start does')
    .option('--port <port>', 'instead of PORT')
    .option('--host <host>', 'instead of HOST')
    .option('--data-dir <folder>', 'instead of DATA_DIR')
    .option('--no-worker', 'run no jobs in this process')
    .addHelpText('after', example('infercast serve --port 7801 --data-dir /tmp/infercast'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./serve.ts')).runServe(command.optsWithGlobals()),
    );
  program
    .command('worker')
    .description('Work on jobs and schedules of the PostgreSQL in DATABASE_URL; run as many as you like')
    .option('--concurrency <n>', 'runs at once, instead of JOB_CONCURRENCY')
    .addHelpText('after', example('infercast worker --concurrency 4'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./worker.ts')).runWorker(command.optsWithGlobals()),
    );
  program
    .command('doctor')
    .description('Check Node, settings, disk, data folder, port and the age of prices; exit with 1 where one fails')
    .addOption(formatOption())
    .addHelpText('after', example('infercast doctor'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./doctor.ts')).runDoctor(command.optsWithGlobals()),
    );
  program
    .command('openapi')
    .description('Print the OpenAPI 3.1 document of the REST interface')
    .addHelpText('after', example('infercast openapi > openapi.json'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./openapi.ts')).runOpenapi(command.optsWithGlobals()),
    );
}

function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('API keys, through the running service or, when none runs, in its database')
    .helpCommand(false);
  const withService = (command: Command): Command =>
    command
      .option('--server <url>', 'address of the running service (default: from HOST and PORT)')
      .option('--key-file <file>', 'file with an admin key, where the service asks for one')
      .addOption(formatOption());
  withService(keys.command('create'))
    .description('Make a key; it is shown once')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option(
        '--scopes <scopes>',
        'what it may do, apart by commas: read, write, bills, schedules, admin, metrics',
      ).default('read'),
    )
    .option('--ttl-days <days>', 'days until it expires (default: API_KEY_DEFAULT_TTL_DAYS)')
    .addHelpText('after', example('infercast keys create "Finance sheet" --scopes read --ttl-days 90'))
    .action(async (name: string, _options: unknown, command: Command) =>
      (await import('./keys.ts')).runKeysCreate(name, command.optsWithGlobals()),
    );
  withService(keys.command('list'))
    .description('List keys, newest first, without their secrets')
    .addHelpText('after', example('infercast keys list'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./keys.ts')).runKeysList(command.optsWithGlobals()),
    );
  withService(keys.command('revoke'))
    .description('End a key at once')
    .argument('<id>', 'as in keys list')
    .addHelpText('after', example('infercast keys revoke 0a1b2c3d'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./keys.ts')).runKeysRevoke(id, command.optsWithGlobals()),
    );
}

function addStore(program: Command): void {
  program
    .command('backup')
    .description(
      'Write the database to one file, and restore it once to prove it; the embedded one must be at rest, PostgreSQL need not',
    )
    .argument('<out>', 'file to write, such as infercast.backup')
    .addHelpText('after', example('infercast backup infercast.backup'))
    .action(async (out: string, _options: unknown, command: Command) =>
      (await import('./backup.ts')).runBackup(out, command.optsWithGlobals()),
    );
  program
    .command('restore')
    .description(
      'Put a backup into the PostgreSQL of DATABASE_URL, or else the embedded database, whichever it came from',
    )
    .argument('<file>', 'file written by backup')
    .option('--force', 'replace what is there; the embedded database is kept beside the restored one')
    .addHelpText('after', example('infercast restore infercast-backup.zip'))
    .action(async (file: string, _options: unknown, command: Command) =>
      (await import('./backup.ts')).runRestore(file, command.optsWithGlobals()),
    );
}

function withScenario(command: Command): Command {
  return command
    .argument('<file>', 'scenario in YAML or JSON')
    .option(
      '--set <path=value>',
      'replace a value of the file, may be repeated',
      (value: string, before: readonly string[] = []) => [...before, value],
    )
    .option('--draws <n>', 'number of possible futures, 100 to 20,000')
    .option('--seed <n>', 'the same seed gives the same futures')
    .option('--as-of <date>', 'prices as known on this day, YYYY-MM-DD');
}
