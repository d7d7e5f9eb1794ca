import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { listMigrations, migrationNames, ownNames, runMigrations } from './migrate.ts';
import type { Db } from './tables.ts';

/** A table as text: every value as PostgreSQL writes it, so that none passes through a float, a zone or a driver. */
export type DumpTable = { readonly name: string; readonly columns: readonly string[] };
export type DumpRow = readonly (string | null)[];

type TableShape = DumpTable & { readonly types: readonly string[]; readonly key: readonly string[] };

/** Rows held in memory at once. Tables with files in them have rows of a megabyte. */
const rowsAtOnce = { plain: 500, bytes: 8 };
const mostParameters = 10_000;

/** What a dump gives, in order: each table, its rows, its end. */
export type DumpStep =
  | { readonly step: 'table'; readonly table: DumpTable }
  | { readonly step: 'row'; readonly row: DumpRow }
  | { readonly step: 'end'; readonly rows: number; readonly sha256: string };

/**
 * Every table with every row as of one instant, while others go on writing; tables that others refer to come first, rows
 * by their key. The digest of a table is the SHA-256 of its rows as JSON lines, and the same on both databases.
 */
export async function dumpDatabase(db: Db, take: (step: DumpStep) => Promise<void>): Promise<readonly string[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      await fixTexts(trx);
      for (const table of await findTables(trx)) await dumpTable(trx, table, take);
      return listMigrations(trx);
    });
}

export type Restore = {
  /** The migrations that made the tables of the dump. */
  readonly migrations: readonly string[];
  /** Table by table. */
  readonly tables: () => AsyncIterable<{ readonly table: DumpTable; readonly rows: AsyncIterable<DumpRow> }>;
  /** The digest each table must have when it is read back. */
  readonly digests: ReadonlyMap<string, string>;
};

/**
 * Puts a dump in the place of what is there, in one transaction: our tables as they were then, their rows, each table read
 * back and compared with its digest, then brought up to date. Throws where one differs; then nothing was changed.
 */
export async function restoreDatabase(db: Db, { migrations, tables, digests }: Restore): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await fixTexts(trx);
    await dropOwn(trx);
    await runMigrations(trx, migrations);
    for await (const { table, rows } of tables()) await insertRows(trx, table, rows);
    for (const table of await findTables(trx)) await requireDigest(trx, table, digests);
    await runMigrations(
      trx,
      migrationNames().filter((name) => !migrations.includes(name)),
    );
  });
}

/** How many rows of ours a database holds. */
export async function countRows(db: Db): Promise<number> {
  let count = 0;
  for (const { name } of await findTables(db)) {
    const { rows } = await sql<{ count: string }>`select count(*) as count from ${sql.table(name)}`.execute(db);
    count += Number(rows[0]?.count);
  }
  return count;
}

/** How many other processes of infercast are connected to a server. */
export async function countOthers(db: Db): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and application_name = 'infercast' and pid <> pg_backend_pid()`.execute(db);
  return Number(rows[0]?.count);
}

/** What our migrations and the queue have made; everything else in the database is left alone. */
async function dropOwn(trx: Db): Promise<void> {
  const { tables, functions } = ownNames();
  for (const name of [...tables, 'kysely_migration', 'kysely_migration_lock'])
    await sql`drop table if exists ${sql.table(name)} cascade`.execute(trx);
  for (const name of functions) await sql`drop function if exists ${sql.id(name)} cascade`.execute(trx);
  await sql`drop schema if exists jobs cascade`.execute(trx);
}

async function dumpTable(trx: Db, table: TableShape, take: (step: DumpStep) => Promise<void>): Promise<void> {
  const { name, columns } = table;
  await take({ step: 'table', table: { name, columns } });
  const hash = createHash('sha256');
  let rows = 0;
  for await (const row of readRows(trx, table)) {
    hash.update(lineOf(row));
    rows++;
    await take({ step: 'row', row });
  }
  await take({ step: 'end', rows, sha256: hash.digest('hex') });
}

/** A row of a dump as one line: what is written to a file and what its digest is of. */
export function lineOf(row: DumpRow): string {
  return `${JSON.stringify(row)}\n`;
}

async function* readRows(trx: Db, { name, columns, types, key }: TableShape): AsyncIterable<DumpRow> {
  const values = sql.join(columns.map((column) => sql`${sql.ref(column)}::text`));
  // The order of the C locale is the same everywhere.
  const order = sql.join(
    key.map((column) => {
      const isText = types[columns.indexOf(column)] === 'text';
      return isText ? sql`${sql.ref(column)} collate "C"` : sql.ref(column);
    }),
  );
  const size = types.includes('bytea') ? rowsAtOnce.bytes : rowsAtOnce.plain;
  await sql`declare dump no scroll cursor for select array[${values}] as row from ${sql.table(name)} order by ${order}`.execute(
    trx,
  );
  for (;;) {
    const { rows } = await sql<{ row: DumpRow }>`fetch ${sql.raw(String(size))} from dump`.execute(trx);
    for (const { row } of rows) yield row;
    if (rows.length < size) break;
  }
  await sql`close dump`.execute(trx);
}

async function insertRows(trx: Db, table: DumpTable, rows: AsyncIterable<DumpRow>): Promise<void> {
  const shape = (await findTables(trx)).find(({ name }) => name === table.name);
  if (shape === undefined) throw new Error(`the backup has a table ${table.name}, which its migrations do not make`);
  const size = shape.types.includes('bytea')
    ? rowsAtOnce.bytes
    : Math.max(1, Math.min(rowsAtOnce.plain, Math.floor(mostParameters / table.columns.length)));
  let waiting: DumpRow[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const typed = table.columns.map((column) => sql.raw(shape.types[shape.columns.indexOf(column)] ?? 'text'));
    const tuples = waiting.map((row) => sql`(${sql.join(row.map((value, i) => sql`${value}::text::${typed[i]}`))})`);
    const names = sql.join(table.columns.map((column) => sql.ref(column)));
    await sql`insert into ${sql.table(table.name)} (${names}) values ${sql.join(tuples)}`.execute(trx);
    waiting = [];
  };
  for await (const row of rows) {
    waiting.push(row);
    if (waiting.length >= size) await flush();
  }
  await flush();
}

async function requireDigest(trx: Db, table: TableShape, digests: ReadonlyMap<string, string>): Promise<void> {
  const hash = createHash('sha256');
  for await (const row of readRows(trx, table)) hash.update(lineOf(row));
  const found = hash.digest('hex');
  if (found === digests.get(table.name)) return;
  throw new Error(`${table.name} reads back differently from what was backed up`);
}

/** Everything as text in one form, whatever the session or the server is set to. */
async function fixTexts(trx: Db): Promise<void> {
  await sql`
    set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'iso_8601';
    set local bytea_output = 'hex'; set local extra_float_digits = 1`.execute(trx);
}

/** Our tables with their columns in order and their key; what a table refers to comes before it. */
async function findTables(trx: Db): Promise<readonly TableShape[]> {
  const { rows } = await sql<{ name: string; columns: string[]; types: string[]; key: string[]; parents: string[] }>`
    select c.relname::text as name,
      (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as columns,
      (select array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '') as types,
      (select array_agg(a.attname::text order by array_position(k.conkey, a.attnum)) from pg_constraint k
        join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
        where k.conrelid = c.oid and k.contype = 'p') as key,
      (select coalesce(array_agg(distinct p.relname::text), '{}') from pg_constraint k join pg_class p on p.oid = k.confrelid
        where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid) as parents
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname = any (${[...ownNames().tables]}::text[])
    order by c.relname collate "C"`.execute(trx);
  const sorted: TableShape[] = [];
  const left = [...rows];
  while (left.length > 0) {
    const next = left.findIndex(({ parents }) => parents.every((parent) => !left.some(({ name }) => name === parent)));
    const [row] = left.splice(Math.max(0, next), 1);
    if (row !== undefined) sorted.push(row);
  }
  return sorted;
}
