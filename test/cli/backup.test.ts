import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/db/connect.ts';
import { openDatabase } from '../../src/db/connect.ts';
import { dumpDatabase } from '../../src/db/dump.ts';
import { insertForecast } from '../../src/db/forecasts.ts';
import { migrateToLatest } from '../../src/db/migrate.ts';
import { insertLogLine, insertRun } from '../../src/db/runs.ts';
import { insertScenario } from '../../src/db/scenarios.ts';
import { insertSchedule } from '../../src/db/schedules.ts';
import { insertWaitingChunk, openWaitingFile } from '../../src/db/waiting-files.ts';
import { openOn } from '../helpers/app.ts';
import type { Postgres } from '../setup/postgres.ts';
import { startPostgres } from '../setup/postgres.ts';
import { makeTemporaryFolder, runCli } from './run-cli.ts';

const now = '2026-11-22T12:00:00.123Z';
const folder = makeTemporaryFolder();
const dataDir = path.join(folder, 'data');
let server: Postgres;

beforeAll(async () => {
  server = await startPostgres();
  const database = await openEmbedded(dataDir);
  await migrateToLatest(database.db);
  await fill(database);
  await database.close();
});
afterAll(() => server.stop());

function openEmbedded(dataDir: string): Promise<Database> {
  return openDatabase({
    url: null,
    dataDir,
    poolMax: 1,
    statementTimeoutMs: 15_000,
    ssl: 'off',
    onConnectionLost: () => {},
    onFatal: () => {},
  });
}

/** A row of every awkward kind: text that looks like other text, digits that a float loses, JSON, bytes of a megabyte in all. */
async function fill({ db }: Database): Promise<void> {
  const odd = 'Ärger "\\ \n\t {NULL} \ud83d\ude00';
  await insertScenario(db, { id: 'sc_a', name: odd, body: JSON.stringify({ odd, long: 'x'.repeat(300_000) }), now });
  await insertScenario(db, { id: 'sc_B', name: 'NULL', body: '{}', now });
  await insertForecast(db, {
    id: 'fc_a',
    scenario_id: 'sc_a',
    scenario_version: 1,
    name: '',
    as_of: '2026-11-22',
    engine: '1',
    inputs_digest: 'x',
    result: '{"b":1.10, "a":2}\n',
    inputs: '\\x00',
    created_at: now,
  });
  await sql`insert into price_imports values ('ws_default', 'pi_a', 'c', '2026-11-22', 'x', '{"b": 1.10, "a": null}', ${now})`.execute(
    db,
  );
  await sql`insert into price_rows (import_id, place, status, provider, model, meter, unit, price, known_at, checked_at, source, catalogue)
    values ('pi_a', 1, 'accepted', 'p', 'm', 'input', 'u', 0.100000000000000000000000000001, '2026-11-22', '2026-11-22', 's', 'c')`.execute(
    db,
  );
  await insertSchedule(
    db,
    'sch_a',
    {
      name: 'S',
      scenario_id: 'sc_a',
      timing: { day: 3, time: '06:00' },
      time_zone: 'Asia/Kathmandu',
      paused: true,
      sources: [],
      alert_above: null,
      next_period: '2026-11',
      next_due_at: now,
      freeze_period: '2026-12',
      freeze_due_at: now,
    },
    now,
  );
  const run = {
    id: 'run_a',
    kind: 'forecast',
    key: null,
    state: 'queued',
    trigger: 'request',
    schedule_id: null,
    period: null,
    input: '{}',
    now,
  } as const;
  await insertRun(db, run);
  await insertLogLine(db, { run_id: 'run_a', attempt: 1, at: now, message: odd });
  const waiting = { run_id: 'run_a', sha256: '0'.repeat(64), media_type: 'text/csv', bytes: '5', created_at: now };
  await openWaitingFile(db, waiting, { files: 1, bytes: 5 });
  await insertWaitingChunk(db, 'run_a', 0, Buffer.from([0, 92, 255, 10, 39]));
}

const linesOf = (file: string): readonly string[] =>
  gunzipSync(readFileSync(file)).toString('utf8').split('\n').slice(1);

describe('a backup', () => {
  const first = path.join(folder, 'first.backup');

  test('moves an embedded database into PostgreSQL and back, row for row', async () => {
    expect(runCli(['backup', first], { DATA_DIR: dataDir })).toMatchObject({
      code: 0,
      stderr: `Wrote ${first}: 2 scenarios, 1 forecasts, 0 api keys, restored once to prove it.\n`,
    });
    const onServer = { DATABASE_URL: server.url('postgres') };
    expect(runCli(['restore', first], onServer)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Restored 2 scenarios'),
    });
    const second = path.join(folder, 'second.backup');
    expect(runCli(['backup', second], onServer).code).toBe(0);
    expect(linesOf(second)).toEqual(linesOf(first));
    const home = path.join(folder, 'home');
    expect(runCli(['restore', second], { DATA_DIR: home }).code).toBe(0);
    const restored = await openEmbedded(home);
    const lines: string[] = [];
    const migrations = await dumpDatabase(restored.db, async (step) => {
      if (step.step === 'row') lines.push(JSON.stringify(step.row));
    });
    expect(lines).toEqual(linesOf(first).filter((line) => line.startsWith('[')));
    expect(await migrateToLatest(restored.db)).toEqual([]);
    expect(migrations.length).toBeGreaterThan(3);
    await restored.close();
    expect(linesOf(first).join('\n')).toContain('0.100000000000000000000000000001');
  }, 300_000);

  test('never replaces rows on a server unless forced, and then wholly', async () => {
    const onServer = { DATABASE_URL: server.url('postgres') };
    const database = await openOn(server);
    const busy = runCli(['restore', first, '--force'], onServer);
    expect(busy).toMatchObject({ code: 2, stderr: expect.stringMatching(/other connections of infercast are open/) });
    await insertScenario(database.db, { id: 'sc_new', name: 'New', body: '{}', now });
    await sql`create table not_ours (x text); insert into not_ours values ('kept')`.execute(database.db);
    await database.close();
    const refused = runCli(['restore', first], onServer);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/holds \d+ rows of infercast.*--force/) });
    expect(runCli(['restore', first, '--force'], onServer).code).toBe(0);
    const after = await openOn(server);
    const names = await sql<{ id: string }>`select id from scenarios order by id collate "C"`.execute(after.db);
    expect(names.rows).toEqual([{ id: 'sc_B' }, { id: 'sc_a' }]);
    expect((await sql`select x from not_ours`.execute(after.db)).rows).toEqual([{ x: 'kept' }]);
    await expect(after.db.updateTable('forecasts').set({ result: '' }).execute()).rejects.toThrow(/never changed/);
    await after.close();
  }, 300_000);

  test('with one digit changed is refused, whoever changed it', () => {
    const lines = gunzipSync(readFileSync(first)).toString('utf8');
    const forged = path.join(folder, 'forged.backup');
    writeFileSync(
      forged,
      gzipSync(lines.replace('0.100000000000000000000000000001', '0.100000000000000000000000000002')),
    );
    expect(runCli(['restore', forged], { DATA_DIR: path.join(folder, 'forged') })).toMatchObject({
      code: 2,
      stderr: `${forged} is damaged: price_rows is not what was backed up. Use another backup; nothing was changed.\n`,
    });
    const future = path.join(folder, 'future.backup');
    writeFileSync(future, gzipSync(lines.replace('{"migrations":["', '{"migrations":["9999_future","')));
    expect(runCli(['restore', future], { DATA_DIR: path.join(folder, 'future') })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was made by a newer infercast'),
    });
    const bomb = path.join(folder, 'zeros.backup');
    writeFileSync(bomb, gzipSync(Buffer.alloc(80_000_000)));
    expect(runCli(['restore', bomb], { DATA_DIR: path.join(folder, 'bomb') }).code).toBe(2);
  });

  test('taken while twenty clients write is one instant of all tables', async () => {
    const database = await openOn(server);
    let over = false;
    const writing = Promise.all(
      Array.from({ length: 20 }, async (_, writer) => {
        for (let n = 0; n < 25; n++) {
          await insertScenario(database.db, { id: `sc_w${writer}n${n}`, name: `${writer} ${n}`, body: '{}', now });
        }
      }),
    ).finally(() => {
      over = true;
    });
    const sizes: number[] = [];
    while (!over) {
      const seen = await readIds(database);
      expect(seen.get('scenario_versions')).toEqual(seen.get('scenarios'));
      sizes.push(seen.get('scenarios')?.size ?? 0);
    }
    await writing;
    // At least one was taken in the middle.
    expect(sizes[0]).toBeLessThan(20 * 25);
    expect((await readIds(database)).get('scenarios')?.size).toBe(20 * 25 + 2);
    await database.close();
  });
});

/** The second column of every row by table: of scenarios and of their versions the id of the scenario. */
async function readIds({ db }: Database): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const seen = new Map<string, Set<string>>();
  let ids = new Set<string>();
  await dumpDatabase(db, async (step) => {
    if (step.step === 'table') {
      ids = new Set();
      seen.set(step.table.name, ids);
    }
    if (step.step === 'row') ids.add(String(step.row[1]));
  });
  return seen;
}
