import { access, constants, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { dayIn } from '../clock.ts';
import { loadCatalogue } from '../compute/catalogue.ts';
import type { Config } from '../config.ts';
import { loadConfig, settingNames, WrongSettings } from '../config.ts';
import { lockDataFolder, StartRefused } from '../db/folder-lock.ts';
import { findFreeMegabytes } from '../db/free-space.ts';
import { CommandFailed, exitCodes } from './exit.ts';
import type { Format, GlobalOptions } from './output.ts';
import { outputOf } from './output.ts';
import { findService, serviceUrl } from './service.ts';
import { clockOf } from './settings.ts';
import type { Table } from './table.ts';
import { renderTable } from './table.ts';

type Check = { readonly check: string; readonly status: 'ok' | 'warning' | 'failed'; readonly detail: string };

const neededNode = 24;

/** `infercast doctor`: what keeps the service from starting, and what to doubt. Throws CommandFailed where a check failed. */
export async function runDoctor({ format, ...options }: GlobalOptions & { readonly format: Format }): Promise<void> {
  const output = outputOf(options);
  const { config, problems } = readConfig();
  const checks: readonly Check[] = [
    checkNode(),
    ...problems.map((detail): Check => ({ check: 'settings', status: 'failed', detail })),
    ...(config === null ? [] : await checkSurroundings(config)),
  ];
  const settings = config === null ? [] : shownSettings(config);
  if (format === 'json')
    output.print(
      JSON.stringify({
        ok: checks.every(({ status }) => status !== 'failed'),
        checks,
        settings: Object.fromEntries(settings),
      }),
    );
  else {
    output.print(renderTable(checkTable(checks), format, output.terminal));
    if (format !== 'csv' && settings.length > 0)
      output.print(`\n${renderTable(settingTable(settings), format, output.terminal)}`);
  }
  const failed = checks.filter(({ status }) => status === 'failed').length;
  if (failed > 0) throw new CommandFailed(exitCodes.failed, [`${failed} of ${checks.length} checks failed.`]);
}

function readConfig(): { readonly config: Config | null; readonly problems: readonly string[] } {
  try {
    return { config: loadConfig(), problems: [] };
  } catch (error) {
    if (error instanceof WrongSettings) return { config: null, problems: error.problems };
    throw error;
  }
}

async function checkSurroundings(config: Config): Promise<readonly Check[]> {
  const serving = await findService(serviceUrl(config));
  return [
    { check: 'settings', status: 'ok', detail: 'all of them can be read' },
    ...(config.DATABASE_URL === undefined
      ? [await checkDataFolder(config, serving), await checkDisk(config)]
      : [await checkServer(config)]),
    await checkPort(config, serving),
    ...(await checkCatalogue(config)),
  ];
}

function checkNode(): Check {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const detail = `Node ${process.versions.node}`;
  if (major >= neededNode) return { check: 'node', status: 'ok', detail };
  return {
    check: 'node',
    status: 'failed',
    detail: `${detail}; ${neededNode} or later is needed: run npm ci, which brings it on Linux`,
  };
}

async function checkDataFolder({ DATA_DIR }: Config, serving: boolean): Promise<Check> {
  const check = 'data folder';
  if (!(await isThere(DATA_DIR))) {
    const parent = await nearestFolder(DATA_DIR);
    const writable = await access(parent, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (writable) return { check, status: 'ok', detail: `${DATA_DIR} is made at the first start` };
    return {
      check,
      status: 'failed',
      detail: `${DATA_DIR} cannot be made: give this user the right to write in ${parent}, or name another folder with DATA_DIR`,
    };
  }
  try {
    lockDataFolder(DATA_DIR).release();
    return { check, status: 'ok', detail: `${DATA_DIR} is free` };
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error;
    if (serving) return { check, status: 'ok', detail: `${DATA_DIR} is in use by the running service` };
    return { check, status: 'failed', detail: error.message };
  }
}

async function checkDisk({ DATA_DIR, MIN_FREE_MB }: Config): Promise<Check> {
  const free = await findFreeMegabytes(await nearestFolder(DATA_DIR));
  if (free === null) return { check: 'disk', status: 'warning', detail: 'the system does not tell how much is free' };
  if (free >= MIN_FREE_MB)
    return { check: 'disk', status: 'ok', detail: `${free} MB free, ${MIN_FREE_MB} MB must stay free` };
  return {
    check: 'disk',
    status: 'failed',
    detail: `only ${free} MB are free and ${MIN_FREE_MB} MB must stay free: free space, or lower MIN_FREE_MB`,
  };
}

async function checkServer(config: Config): Promise<Check> {
  const { openStore } = await import('./store.ts');
  try {
    const { close } = await openStore(config);
    await close();
    return { check: 'database', status: 'ok', detail: 'the PostgreSQL of DATABASE_URL answers' };
  } catch (error) {
    if (error instanceof StartRefused) return { check: 'database', status: 'failed', detail: error.message };
    throw error;
  }
}

async function checkPort(config: Config, serving: boolean): Promise<Check> {
  const address = serviceUrl(config);
  if (serving) return { check: 'port', status: 'ok', detail: `infercast answers at ${address}` };
  const code = await tryToListen(config);
  if (code === null) return { check: 'port', status: 'ok', detail: `${config.HOST}:${config.PORT} is free` };
  const detail =
    code === 'EADDRINUSE'
      ? `${config.HOST}:${config.PORT} is in use by another program: stop it, or choose another with PORT`
      : `${config.HOST}:${config.PORT} cannot be listened on (${code}): choose another HOST or PORT`;
  return { check: 'port', status: 'failed', detail };
}

async function tryToListen({ HOST, PORT }: Config): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code ?? 'unknown'));
    server.listen({ host: HOST, port: PORT }, () => server.close(() => resolve(null)));
  });
}

async function checkCatalogue(config: Config): Promise<readonly Check[]> {
  const { book } = await loadCatalogue();
  const today = dayIn(config.DEFAULT_TZ, clockOf(config)());
  const days = [...book.providers.values()].map(
    ({ known_at }) => (Date.parse(today) - Date.parse(known_at)) / 86_400_000,
  );
  const oldest = Math.max(0, ...days);
  const detail = `${book.providers.size} providers, the oldest list is ${oldest} days old`;
  if (oldest <= config.PRICE_STALE_DAYS) return [{ check: 'prices', status: 'ok', detail }];
  return [
    {
      check: 'prices',
      status: 'warning',
      detail: `${detail}, more than PRICE_STALE_DAYS=${config.PRICE_STALE_DAYS}: forecasts warn of it`,
    },
  ];
}

const masked = new Set(['METRICS_TOKEN', 'SECRETS_KEY']);
const addresses = new Set(['DATABASE_URL', 'SMTP_URL']);

/** Every setting with its value as text; secrets are masked, and of an address of a server only user, host and name remain. */
function shownSettings(config: Config): readonly (readonly [string, string])[] {
  return settingNames.map((name) => {
    const value: unknown = config[name as keyof Config];
    if (value === undefined || value === '') return [name, ''];
    if (masked.has(name)) return [name, '***'];
    return [name, addresses.has(name) ? maskAddress(String(value)) : String(value)];
  });
}

function maskAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null) return '***';
  const user = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : ':***'}@`;
  return `${url.protocol}//${user}${url.host}${url.pathname}${url.search === '' ? '' : '?***'}`;
}

function checkTable(checks: readonly Check[]): Table {
  return {
    columns: [
      { id: 'check', title: 'Check' },
      { id: 'status', title: 'Status' },
      { id: 'detail', title: 'Detail' },
    ],
    rows: checks.map(({ check, status, detail }) => [check, status, detail]),
  };
}

function settingTable(settings: readonly (readonly [string, string])[]): Table {
  return {
    columns: [
      { id: 'setting', title: 'Setting' },
      { id: 'value', title: 'Value' },
    ],
    rows: settings,
  };
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

async function nearestFolder(folder: string): Promise<string> {
  const whole = path.resolve(folder);
  return (await isThere(whole)) || whole === path.dirname(whole) ? whole : nearestFolder(path.dirname(whole));
}
