import type { Command } from 'commander';
import { Option } from 'commander';
import { collect, example, withService } from './command-options.ts';

export function addWebhooks(program: Command): void {
  const webhooks = program
    .command('webhooks')
    .description('Who is told when something happens, through the running service')
    .helpCommand(false);
  withService(webhooks.command('list'))
    .description('List webhooks, newest first, without their secrets')
    .addHelpText('after', example('infercast webhooks list'))
    .action(async (_options: unknown, command: Command) =>
      (await import('./webhooks.ts')).runWebhooksList(command.optsWithGlobals()),
    );
  withService(webhooks.command('add'))
    .description('Store a webhook; the secret it signs with is shown once')
    .argument('<name>', 'what it is called')
    .option('--url <url>', 'where it leads')
    .option('--url-file <file>', 'file that holds the address, where that is secret; - is stdin')
    .option('--url-env <name>', 'variable of the environment that holds the address')
    .addOption(new Option('--form <form>', 'what is sent (default: standard)').choices(['standard', 'slack']))
    .option('--event <event>', 'only this, such as comparison.completed; may be repeated (default: all)', collect)
    .addHelpText('after', example('infercast webhooks add Finance --url https://hooks.example.com/infercast'))
    .action(async (name: string, _options: unknown, command: Command) =>
      (await import('./webhooks.ts')).runWebhooksAdd(name, command.optsWithGlobals()),
    );
  withService(webhooks.command('test'))
    .description('Send test.ping now; exit with 1 where the receiver does not take it')
    .argument('<id>', 'as in webhooks list')
    .addHelpText('after', example('infercast webhooks test wh_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./webhooks.ts')).runWebhooksTest(id, command.optsWithGlobals()),
    );
  withService(webhooks.command('deliveries'))
    .description('List what was sent or waits, newest first; attempts with their reasons in JSON')
    .argument('<id>', 'as in webhooks list')
    .option('--redeliver <delivery>', 'send this one again, under the same webhook-id')
    .addHelpText('after', example('infercast webhooks deliveries wh_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./webhooks.ts')).runWebhooksDeliveries(id, command.optsWithGlobals()),
    );
  withService(webhooks.command('remove'))
    .description('Remove a webhook')
    .argument('<id>', 'as in webhooks list')
    .addHelpText('after', example('infercast webhooks remove wh_01jd3k'))
    .action(async (id: string, _options: unknown, command: Command) =>
      (await import('./webhooks.ts')).runWebhooksRemove(id, command.optsWithGlobals()),
    );
}
