import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { Comparison, TierComparison } from '../../src/core/bills/comparison.ts';
import { launchBrowser } from '../setup/browser.ts';
import { obstacles } from './accessible.ts';
import type { MonthService } from './month-service.ts';
import { startMonthService } from './month-service.ts';
import type { Visit } from './visits.ts';
import { press, takePicture, visit } from './visits.ts';

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
  const { result } = await months.month('2026-10');
  return `/comparisons/${(result as { comparison: string }).comparison}`;
}

/** The run that failed, of September. */
async function runPath(): Promise<string> {
  return `/runs/${(await months.month('2026-09')).run_id}`;
}

describe('every page', () => {
  const paths = (): Promise<readonly string[]> =>
    Promise.all(['/schedules', '/schedules/new', comparisonPath(), '/runs', runPath(), '/bills']);
  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`at ${width} px, ${colorScheme}: fits, is named throughout, loads nothing from elsewhere and nothing complains`, async () => {
        for (const path of await paths()) {
          const look = async ({ page, complaints, requests }: Visit): Promise<void> => {
            await takePicture(page, `${path.slice(1).replace(/_.*/, '').replaceAll('/', '-')}-${width}-${colorScheme}`);
            expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, width]);
            expect([path, ...((await page.evaluate(obstacles)) as string[])]).toEqual([path]);
            expect(requests.filter((each) => !each.startsWith(`${url}/`))).toEqual([]);
            expect(complaints).toEqual([]);
          };
          await at(path, look, { javaScriptEnabled: true, viewport: { width, height: 900 }, colorScheme });
        }
      });
    }
  }
});

test('a page with a nameless field, a nameless table or an id that is there twice would be found out', async () => {
  const plant = async ({ page }: Visit): Promise<void> => {
    const planted = '<h1 id="name">A</h1><p id="name"></p><input><table><tr><th>B</th></tr></table><button></button>';
    await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(planted)})`);
    const found = (await page.evaluate(obstacles)) as string[];
    expect(found.map((each) => each.replace(/: <.*/, ''))).toEqual([
      'not one h1',
      'twice: #name',
      'twice: #name',
      'no name',
      'no name',
      'no scope',
      'no text',
      'small',
    ]);
  };
  await at('/schedules/new', plant, { javaScriptEnabled: true });
});

describe('the page of schedules', () => {
  test('says when each runs next on its clocks and in UTC, and which month it covers', async () => {
    await at('/schedules', async ({ page }) => {
      const card = page.getByRole('region', { name: 'Monthly <i>bills</i>' });
      const facts = await card.locator('.facts').first().innerText();
      // Berlin is an hour ahead in winter.
      for (const text of [
        '3 December 2026, 06:00\n3 December 2026, 05:00 UTC; compares November 2026',
        '30 November 2026, 00:00\n29 November 2026, 23:00 UTC; is frozen for December 2026',
        'on the 3rd of each month at 06:00\nEurope/Berlin',
        'OpenAI, our key',
        'a difference above ±5\u00a0%',
      ])
        expect(facts).toContain(text);
    });
  });

  test('has a row for each month: what was foreseen, what was billed, how far off, how it stands', async () => {
    const { result } = await months.month('2026-10');
    const { forecast, actual } = result as Record<'forecast' | 'actual', { amount: string }>;
    expect(actual.amount).toBe((22 * 0.75 + 5.5 * 4.5).toFixed(2));
    const off = (Number(actual.amount) / Number(forecast.amount) - 1) * 100;
    await at('/schedules', async ({ page }) => {
      const table = page.getByRole('table', { name: /^The median of the forecast/ });
      const row = async (month: string) => {
        const cells = table.getByRole('row', { name: new RegExp(`^${month}`) }).getByRole('cell');
        return (await cells.allInnerTexts()).map((text) => text.trim());
      };
      expect(await row('October 2026')).toEqual([
        'locked',
        `$${forecast.amount}`,
        `$${actual.amount}`,
        `+${off.toFixed(1)}\u00a0%`,
        'yes',
        expect.stringMatching(/^Comparison\s+of October 2026\s+Excel\s+of October 2026\s+Forecast/),
      ]);
      const [state, , billed, , , more] = await row('September 2026');
      expect(state).toMatch(/^failed\s+There are no bills of 2026-09: its sources gave none\./);
      expect([billed, more]).toEqual(['–', expect.stringMatching(/Run it now/)]);
      const [underWay, p50] = await row('November 2026');
      expect([underWay, p50]).toEqual(['under way', expect.stringMatching(/^\$3\d\.\d\d$/)]);
    });
  });

  test('says of the month under way what was billed so far, where it will end, and whether that is too much', async () => {
    const { nowcast } = await months.month('2026-11');
    const [tier] = nowcast?.tiers ?? [];
    expect(tier?.so_far).toBe((10 * 2).toFixed(2));
    await at('/schedules', async ({ page }) => {
      const table = page.getByRole('table', { name: /^What was billed so far/ });
      expect((await table.getByRole('cell').allInnerTexts()).map((text) => text.trim())).toEqual([
        '$20.00\nthrough 10 November 2026',
        `$${tier?.p50}\n$${tier?.p10} to $${tier?.p90}`,
        '',
        expect.stringContaining(`$${tier?.forecast}`),
        expect.stringMatching(/^likely\s+with a probability of 100\u00a0%$/),
      ]);
    });
  });

  test('shows the next twelve runs of what stands in the form before anything is saved, then saves it', async () => {
    await at('/schedules/new', async ({ page }) => {
      await page.getByLabel('Name').fill('Second');
      await page.getByLabel('Day of the month').selectOption('last');
      await page.getByLabel('Time', { exact: true }).fill('22:30');
      await page.getByLabel('Time zone').fill('America/New_York');
      await page.getByRole('checkbox', { name: 'OpenAI, our key' }).check();
      await press(page, page.getByRole('button', { name: 'Show the next twelve runs' }));
      const runs = page.getByRole('table', { name: /^Nothing is saved yet/ }).getByRole('row');
      expect(await runs.count()).toBe(1 + 12);
      // The last day of November comes after October has ended: that is the month it covers.
      expect(await runs.nth(1).innerText()).toMatch(
        /^October 2026\s+30 November 2026, 22:30\s+1 December 2026, 03:30 UTC$/,
      );
      const saved = await months.service.fetch('/v1/schedules');
      expect(((await saved.json()) as { data: unknown[] }).data).toHaveLength(1);

      expect(await page.getByRole('checkbox', { name: 'OpenAI, our key' }).isChecked()).toBe(true);
      await press(page, page.getByRole('button', { name: 'Save' }));
      expect(await page.getByRole('region', { name: 'Second' }).innerText()).toContain(
        'on the last day of each month at 22:30',
      );
    });
  });

  test('says everything that is wrong with the form, each beside its field, and keeps what was typed', async () => {
    await at('/schedules/new', async ({ page }) => {
      await page.getByLabel('Name').fill('Third');
      await page.getByLabel('Time zone').fill('Europe/Berlim');
      await page.getByLabel('Alert above').fill('a lot');
      await press(page, page.getByRole('button', { name: 'Save' }));
      const wrong = await page.locator('[aria-invalid]').evaluateAll((all) => all.map(({ id }) => id));
      expect(wrong).toEqual(['alert_above', 'time_zone']);
      await page.getByLabel('Alert above').fill('7.5');
      await press(page, page.getByRole('button', { name: 'Save' }));
      const zone = page.getByLabel('Time zone');
      expect(await zone.inputValue()).toBe('Europe/Berlim');
      const described = await zone.getAttribute('aria-describedby');
      expect(await page.locator(`#${described}`).innerText()).toMatch(
        /no IANA time zone .* Did you mean "Europe\/Berlin"/,
      );
      await zone.fill('Europe/Berlin');
      await page.getByLabel('Name').fill('Second');
      await press(page, page.getByRole('button', { name: 'Save' }));
      expect(await page.getByRole('alert').innerText()).toContain('There is a schedule named "Second" already');
    });
  });

  test('pauses a schedule and lets it go on', async () => {
    await at('/schedules', async ({ page }) => {
      const card = page.getByRole('region', { name: 'Second' });
      await press(page, card.getByRole('button', { name: 'Pause' }));
      expect(await card.locator('.facts').first().innerText()).toContain('Nothing is started while it is paused.');
      await press(page, card.getByRole('button', { name: 'Go on' }));
      expect(await card.getByRole('button', { name: 'Pause' }).count()).toBe(1);
    });
  });

  test('runs a month by a button, and leads to its run; pressed twice it leads to the same', async () => {
    await at('/schedules', async ({ page }) => {
      const button = page.getByRole('button', { name: 'Run it now (September 2026)' });
      await press(page, button);
      const { run_id } = await months.month('2026-09');
      expect(new URL(page.url()).pathname).toBe(`/runs/${run_id}`);
      expect(await page.locator('.lead').innerText()).toBe('waiting');
      await page.goto(`${url}/schedules`);
      const card = page.getByRole('region', { name: 'Monthly <i>bills</i>' });
      const lookNow = card.getByRole('button', { name: 'Look at this month now' });
      await press(page, lookNow);
      const look = page.url();
      await page.goto(`${url}/schedules`);
      await press(page, lookNow);
      expect(page.url()).toBe(look);
      await months.work();
    });
  });
});

describe('the page of a comparison', () => {
  test('says how far off the forecast was, and leads from it to the bill in steps that add up', async () => {
    const path = await comparisonPath();
    const stored = (await (await months.service.fetch(`/v1${path}`)).json()) as Comparison;
    const [tier] = stored.tiers as [TierComparison];
    await at(path, async ({ page }) => {
      const off = (Number(tier.variance) / Number(tier.forecast.p50)) * 100;
      expect(await page.locator('.lead').innerText()).toBe(
        `$${tier.actual} was billed, ${off.toFixed(1)}\u00a0% above the forecast of $${tier.forecast.p50}.`,
      );
      expect(await page.locator('.because').first().innerText()).toBe('hit: within ±10\u00a0%');
      const bridge = page.getByRole('table', { name: /^What moved the bill/ });
      const amounts = await bridge.locator('data').evaluateAll((all) => all.map((each) => each.getAttribute('value')));
      const cents = amounts.map((amount) => Math.round(Number(amount) * 100));
      expect(cents.slice(0, -1).reduce((sum, each) => sum + each, 0)).toBe(cents.at(-1));
      expect([amounts[0], amounts.at(-1)]).toEqual([tier.forecast.p50, tier.actual]);
      expect(await page.getByRole('region', { name: 'Bills compared' }).innerText()).toMatch(
        /openai[\s\S]*locked[\s\S]*yes/,
      );
    });
  });

  test('links to its workbook, its forecast and the comparison it supersedes', async () => {
    await at(await comparisonPath(), async ({ page }) => {
      const book = await page.getByRole('link', { name: 'Download Excel workbook' }).getAttribute('href');
      expect((await months.service.fetch(book ?? '')).status).toBe(200);
      await press(page, page.getByRole('link', { name: 'The comparison before it' }));
      expect(await page.locator('h1').innerText()).toMatch(/^Support <b>assistant<\/b>, October 2026\s+provisional$/);
      await press(page, page.getByRole('link', { name: 'The forecast' }));
      expect(await page.locator('h1').innerText()).toBe('Support <b>assistant</b>');
      await press(page, page.getByRole('link', { name: 'Compare its bills each month' }));
      expect(await page.getByLabel('Scenario').inputValue()).toBe(months.scenarioId);
    });
  });
});

describe('the page of runs', () => {
  test('names what each run does, how it went and why it failed; its page has the log', async () => {
    await at('/runs', async ({ page }) => {
      const failed = page.getByRole('row', { name: /^Compare the bills with the forecast .* September 2026/ }).first();
      expect(await failed.innerText()).toMatch(/failed\s+There are no bills of 2026-09/);
      expect(await page.getByRole('link', { name: 'Freeze the forecast' }).count()).toBeGreaterThan(0);
      await press(page, page.getByRole('link', { name: 'Look at the month under way' }).first());
      expect(await page.locator('.lead').innerText()).toBe('done');
      expect(await page.getByRole('table').innerText()).toContain('openai: billed through 2026-11-10.');
    });
  });

  test('tries a run again, and cancels one that waits', async () => {
    await at(await runPath(), async ({ page }) => {
      await press(page, page.getByRole('button', { name: /^Try again/ }));
      expect(await page.locator('.lead').innerText()).toBe('waiting');
      await press(page, page.getByRole('button', { name: /^Cancel/ }));
      expect(await page.locator('.lead').innerText()).toBe('cancelled');
    });
  });

  test('of one under way goes on by itself, in a browser with scripts', async () => {
    const path = await runPath();
    const follow = async ({ page }: Visit): Promise<void> => {
      await press(page, page.getByRole('button', { name: /^Try again/ }));
      await months.work();
      await page.getByText('failed', { exact: true }).waitFor();
      expect(await page.getByRole('button', { name: /^Try again/ }).count()).toBe(1);
    };
    await at(path, follow, { javaScriptEnabled: true });
  });
});

describe('the page of bills', () => {
  const fixture = (name: string): string => join('test/importers/bills/fixtures', name);

  test('lists bills by month with provider, amount, status and where they came from', async () => {
    await at('/bills', async ({ page }) => {
      const october = page.getByRole('region', { name: /^October 2026/ });
      expect(await october.getByRole('heading').innerText()).toContain('$41.25');
      const cells = await october
        .getByRole('row', { name: /^openai/ })
        .getByRole('cell')
        .allInnerTexts();
      expect(cells.slice(0, 4).map((text) => text.trim())).toEqual([
        '$41.25',
        '6',
        'locked',
        'OpenAI, our key\nopenai-costs-2026-10.jsonl',
      ]);
    });
  });

  test('shows what a file would store, then stores it once', async () => {
    await at('/bills', async ({ page }) => {
      const file = page.getByLabel('File');
      await file.setInputFiles(fixture('together-usage-2026-10.json'));
      await press(page, page.getByRole('button', { name: 'Show what would be stored' }));
      expect(await page.getByRole('status').innerText()).toMatch(/^This would be stored\.[\s\S]*together[\s\S]*new/);
      expect(await page.getByRole('row', { name: /^together.*sent by hand/i }).count()).toBe(0);
      await file.setInputFiles(fixture('together-usage-2026-10.json'));
      await press(page, page.getByRole('button', { name: 'Store', exact: true }));
      expect(await page.getByRole('status').innerText()).toMatch(/^The bills are stored\./);
      const row = page.getByRole('region', { name: /^October 2026/ }).getByRole('row', { name: /^together/i });
      expect(await row.innerText()).toContain('sent by hand');
      await file.setInputFiles(fixture('together-usage-2026-10.json'));
      await press(page, page.getByRole('button', { name: 'Store', exact: true }));
      expect(await page.getByRole('status').innerText()).toMatch(/^All of it was stored before/);
    });
  });

  test('says everything that is wrong with a file, and of one without lines that are bills which it is nearest to', async () => {
    await at('/bills', async ({ page }) => {
      const send = async (text: string): Promise<string> => {
        await page
          .getByLabel('File')
          .setInputFiles({ name: '<b>x.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
        await press(page, page.getByRole('button', { name: 'Store', exact: true }));
        return page.getByRole('status').innerText();
      };
      expect(await send('some,thing\n1,2\n')).toMatch(/^Nothing was stored\.\s+<b>x\.csv One thing is wrong/);
      expect(await send('')).toContain('No file was chosen, or it is empty.');
    });
  });

  test('asks what a file leaves open, and takes the answer with the file', async () => {
    // It has 4/1/26 in it.
    const choose = fixture('focus-specification-sample.csv');
    await at('/bills', async ({ page }) => {
      await page.getByLabel('File').setInputFiles(choose);
      await press(page, page.getByRole('button', { name: 'Store', exact: true }));
      expect(await page.getByRole('status').innerText()).toMatch(
        /^Nothing was stored yet: the file can be read in two ways\./,
      );
      await page.locator('input[name="answer.date-order"][value=month-first]').check();
      await page.getByLabel('File').setInputFiles(choose);
      await press(page, page.getByRole('button', { name: 'Store', exact: true }));
      expect(await page.getByRole('status').innerText()).toMatch(/^The bills are stored\./);
    });
  });
});
