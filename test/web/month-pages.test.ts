import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launchBrowser } from '../setup/browser.ts';
import type { MonthService } from './month-service.ts';
import { startMonthService } from './month-service.ts';
import type { Visit } from './visits.ts';
import { takePicture, visit } from './visits.ts';

let months: MonthService;
let browser: Browser;
let url: string;
beforeAll(async () => {
  months = await startMonthService();
  ({ url } = months.service);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await months?.close();
});

const at = (path: string, act: (visit: Visit) => Promise<void>, options: BrowserContextOptions = {}): Promise<void> =>
  visit(browser, url + path, { javaScriptEnabled: false, ...options }, act);

/** Of October, which is locked. */
async function comparisonPath(): Promise<string> {
  const october = (await months.periods()).find(({ period }) => period === '2026-10');
  return `/comparisons/${(october?.result as { comparison: string } | undefined)?.comparison}`;
}

describe('every page', () => {
  const paths = (): Promise<readonly string[]> => Promise.all(['/schedules', '/schedules/new', comparisonPath()]);
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`at ${width} px, ${colorScheme}: fits, loads nothing from elsewhere and nothing complains`, async () => {
        for (const path of await paths()) {
          const look = async ({ page, complaints, requests }: Visit): Promise<void> => {
            await takePicture(page, `${path.slice(1).replace(/_.*/, '').replaceAll('/', '-')}-${width}-${colorScheme}`);
            expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width]);
            expect(requests.filter((each) => !each.startsWith(`${url}/`))).toEqual([]);
            expect(complaints).toEqual([]);
          };
          await at(path, look, { javaScriptEnabled: true, viewport: { width, height: 900 }, colorScheme });
        }
      });
    }
  }
});
