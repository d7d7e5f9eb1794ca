import { loadConfig } from '../config.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import type { ServiceClient } from './service.ts';
import { connectService, serviceUrl } from './service.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

/** The options of every command that asks the running service. */
export type ServiceOptions = GlobalOptions & {
  readonly server?: string;
  readonly keyFile?: string;
  readonly format: Format;
};

export async function connect({ server, keyFile }: ServiceOptions): Promise<ServiceClient> {
  return connectService(server ?? serviceUrl(loadConfig()), keyFile ?? null);
}

/** What a list holds, page after page. `path` has a query already. */
export async function everyPage<Item>(call: ServiceClient['call'], path: string): Promise<readonly Item[]> {
  type Page = { readonly data: readonly Item[]; readonly next_cursor: string | null };
  const found: Item[] = [];
  let cursor: string | null = null;
  do {
    const page = (await call('GET', cursor === null ? path : `${path}&cursor=${encodeURIComponent(cursor)}`)) as Page;
    found.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

/** The answer as it came, or as a table. */
export function show(options: ServiceOptions, answer: unknown, table: Table): void {
  const output = outputOf(options);
  if (options.format === 'json') output.print(JSON.stringify(answer));
  else output.print(renderTable(table, options.format, output.terminal));
}
