import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { TestService } from '../helpers/app.ts';
import { startTestService } from '../helpers/app.ts';
import { launchBrowser } from '../setup/browser.ts';
import { pageScenario, store } from './page-service.ts';
import type { Visit } from './visits.ts';
import { takePicture, visit as visitPage } from './visits.ts';

let service: TestService;
let browser: Browser;
let forecastId: string;
beforeAll(async () => {
  service = await startTestService();
  ({ id: forecastId } = await store(service, pageScenario()));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await service?.close();
});

/** Opens the page of the newest forecast. */
const visit = (options: BrowserContextOptions, act: (visit: Visit) => Promise<void>): Promise<void> =>
  visitPage(browser, service.url, options, act, 'networkidle');

/** How many different colours the chart has. */
const colours = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})()`;

describe('the page in a browser', () => {
  for (const width of [1280, 375]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`at ${width} px, ${colorScheme}: draws its chart, fits, loads nothing from elsewhere and nothing complains`, async () => {
        await visit({ viewport: { width, height: 900 }, colorScheme }, async ({ page, complaints, requests }) => {
          await takePicture(page, `forecast-${width}-${colorScheme}`);
          expect(await page.evaluate(colours)).toBeGreaterThan(20);
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
          expect(requests.filter((url) => !url.startsWith(`${service.url}/`))).toEqual([]);
          expect(complaints).toEqual([]);
        });
      });
    }
  }

  test('a page that loads from elsewhere or styles itself inline would be found out', async () => {
    await visit({}, async ({ page, complaints }) => {
      const heard = ['inline style', 'example.invalid'].map((words) =>
        page.waitForEvent('console', (message) => message.text().includes(words)),
      );
      await page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<p style="color: red">red</p>')`);
      await page.evaluate(`fetch('http://example.invalid/').catch(() => {})`);
      await Promise.all(heard);
      expect(complaints.length).toBeGreaterThanOrEqual(2);
    });
  });

  test('the chart says what it shows, and follows the tier and the perimeter chosen by keyboard', async () => {
    await visit({}, async ({ page }) => {
      const chart = page.getByRole('img', { name: /median/ });
      const shown = page.locator('table.monthly:visible');
      expect(await chart.getAttribute('aria-label')).toMatch(/^Hybrid, full cost: the median /);
      await page.getByText('The figures as tables').click();
      expect(await shown.getAttribute('data-tier')).toBe('hybrid');

      const before = await page.evaluate('document.querySelector("canvas").toDataURL()');
      await page.getByRole('radio', { name: 'Hybrid' }).focus();
      await page.keyboard.press('ArrowUp');
      expect(await chart.getAttribute('aria-label')).toMatch(/^Anthropic, bill = full cost: the median /);
      expect(await shown.getAttribute('data-tier')).toBe('anthropic');
      expect(await page.evaluate('document.querySelector("canvas").toDataURL()')).not.toBe(before);

      await page.getByRole('radio', { name: 'Local inference' }).check();
      await page.getByRole('radio', { name: 'Bill', exact: true }).check();
      expect(await chart.getAttribute('aria-label')).toMatch(/^Local inference, bill: the median /);
    });
  });

  test('without scripts the answer and every figure are there, and no empty chart', async () => {
    await visit({ javaScriptEnabled: false }, async ({ page }) => {
      expect(await page.locator('.lead').textContent()).toMatch(/^Hybrid costs about \$/);
      expect(await page.locator('canvas').isVisible()).toBe(false);
      await page.getByText('The figures as tables').click();
      // Google has no model in this scenario, so seven of the eight tiers have a table.
      expect(await page.locator('table.monthly:visible').count()).toBe(7);
    });
  });

  test('tables stay tables to a screen reader when they are shown as cards', async () => {
    await visit({ viewport: { width: 375, height: 900 } }, async ({ page }) => {
      const table = page.getByRole('table', { name: /^Costs in USD/ });
      expect(await table.getByRole('rowheader').allTextContents()).toHaveLength(7);
      expect(await table.getByRole('cell').count()).toBeGreaterThan(7 * 5);
    });
  });

  test('the button downloads the workbook', async () => {
    await visit({}, async ({ page }) => {
      const address = await page.getByRole('link', { name: 'Download Excel workbook' }).getAttribute('href');
      const response = await service.fetch(address ?? '');
      expect(address).toBe(`/v1/forecasts/${forecastId}.xlsx`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(
        'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      );
      expect(
        Buffer.from(await response.arrayBuffer())
          .subarray(0, 2)
          .toString(),
      ).toBe('PK');
    });
  });
});
