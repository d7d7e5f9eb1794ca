import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * A headless browser without anything to install by hand: on Linux x64 from the npm package, elsewhere a Chrome or
 * Chromium of the machine. Close it with `browser.close()`; its folder goes with it.
 */
export async function launchBrowser(): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'infercast-browser-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const { executable, libraries } = findExecutable(folder);
    const browser = await chromium.launch({
      executablePath: executable,
      headless: true,
      args: quiet,
      env: {
        ...definedVariables(),
        HOME: folder,
        TMPDIR: folder,
        FONTCONFIG_FILE: writeFontSettings(folder),
        ...(libraries === null ? {} : { LD_LIBRARY_PATH: libraries }),
      },
    });
    browser.once('disconnected', remove);
    return browser;
  } catch (cause) {
    remove();
    throw new Error('No browser could be started for the tests; on this machine install Chromium or Chrome', { cause });
  }
}

function findExecutable(folder: string): { readonly executable: string; readonly libraries: string | null } {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const script = join(import.meta.dirname, 'unpack-chromium.mjs');
    const run = spawnSync(process.execPath, [script], {
      env: { ...definedVariables(), TMPDIR: folder },
      encoding: 'utf8',
    });
    if (run.status === 0) return JSON.parse(run.stdout) as { executable: string; libraries: string | null };
    throw new Error(`Unpacking Chromium failed: ${run.stderr}`);
  }
  const executable = installed.find((path) => existsSync(path));
  if (executable === undefined) throw new Error(`None of these is there: ${installed.join(', ')}`);
  return { executable, libraries: null };
}

/** The machine's fonts and the package's own: a bare machine has none, and then a page has no text. */
function writeFontSettings(folder: string): string {
  const file = join(folder, 'fonts.conf');
  const settings = [
    '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>',
    `<dir>${join(folder, 'fonts')}</dir>`,
    `<cachedir>${join(folder, 'font-cache')}</cachedir>`,
  ];
  writeFileSync(file, `<?xml version="1.0"?>\n<fontconfig>${settings.join('')}</fontconfig>\n`);
  return file;
}

function definedVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
