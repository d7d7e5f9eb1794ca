import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';

/** Where the pictures of the last run lie, for people to look at. */
const pictures = 'node_modules/.cache/infercast/page';

export type Visit = {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
};

/** Opens a page and does something there; `complaints` is what the browser had to say against it. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  act: (visit: Visit) => Promise<void>,
  waitUntil: 'load' | 'networkidle' = 'load',
): Promise<void> {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url, { waitUntil });
    await act({ page, complaints, requests });
  } finally {
    await context.close();
  }
}

export async function takePicture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

/** Presses a button or a link that leads to a page, and waits for that: a click alone does not. */
export async function press(page: Page, control: Locator): Promise<void> {
  const loaded = page.waitForEvent('load');
  await control.click();
  await loaded;
}
