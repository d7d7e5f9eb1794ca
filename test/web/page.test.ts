import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Band, Forecast, TierForecast } from '../../src/core/forecast/result.ts';
import type { TestService } from '../helpers/app.ts';
import { smallScenario, startTestService } from '../helpers/app.ts';
import { pageScenario, store } from './page-service.ts';

type Computed = Extract<TierForecast, { months: readonly unknown[] }>;

let service: TestService;
let emptyPage: string;
let emptyMonths: readonly string[];
let older: Forecast & { id: string };
let forecast: Forecast & { id: string };
let page: string;
beforeAll(async () => {
  service = await startTestService();
  emptyPage = await (await service.fetch('/')).text();
  const paths = ['/schedules', '/schedules/new', '/runs', '/bills'];
  emptyMonths = await Promise.all(paths.map(async (path) => (await service.fetch(path)).text()));
  older = await store(service, smallScenario({ name: 'Older' }));
  forecast = await store(service, pageScenario());
  page = await (await service.fetch('/')).text();
});
afterAll(() => service.close());

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** What a reader sees of a piece of HTML, in one line. */
function textOf(html: string): string {
  return html
    .replace(/<[^>]+>/g, ' ')
    .replace(/&[#\w]+;/g, (entity) => entities[entity] ?? entity)
    .replace(/\s+/g, ' ')
    .trim();
}

function partsOf(html: string, pattern: RegExp): readonly string[] {
  return [...html.matchAll(pattern)].map((match) => match[1] ?? '');
}

const exactFigures = (html: string): readonly string[] => partsOf(html, /<data value="([^"]*)">/g);
const computed = (): readonly Computed[] => forecast.tiers.filter((tier): tier is Computed => tier.months !== null);
const dollars = (amount: string): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(Number(amount));
/** Whole per cent, and 0 or 100 only where it is. */
function percent(share: string | null): string {
  const value = Number(share);
  if (value > 0 && value < 0.005) return 'under 1 %';
  if (value < 1 && value >= 0.995) return 'over 99 %';
  return `${Math.round(value * 100)} %`;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const perimetersOf = ({ months }: Computed): readonly ('bill' | 'full')[] =>
  months.every(({ bill, full }) => isSame(bill, full)) ? ['full'] : ['bill', 'full'];

describe('the page at /', () => {
  test('answers in one sentence with the figures of the newest forecast', () => {
    const hybrid = computed().find(({ id }) => id === 'hybrid') as Computed;
    const [month] = hybrid.months;
    const about = (amount: string): string =>
      `$${Number(Number(amount).toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 0 })}`;
    const { verdict, probability } = hybrid.predictability.bill;
    const [sentence] = partsOf(page, /<p class="lead">(.*?)<\/p>/gs);
    expect(textOf(sentence ?? '')).toBe(
      `Hybrid costs about ${about(month?.full.p50 ?? '')} a month to begin with, and about ${about(hybrid.total.full.p50)} over 12 months. ` +
        `Next month’s bill within ±10 %: ${verdict} (${percent(probability)}).`,
    );
  });

  test('shows of each tier the base of the first month, the total, both bands, the verdict and the unit cost', () => {
    const bodies = partsOf(page.slice(page.indexOf('<table class="tiers"')), /<tbody role="rowgroup"(.*?)<\/tbody>/gs);
    for (const [i, tier] of computed().entries()) {
      const body = bodies[i] ?? '';
      const perimeters = perimetersOf(tier);
      const rows = partsOf(body, /<tr role="row"(.*?)<\/tr>/gs);
      expect(textOf(body)).toContain(tier.label);
      expect(rows).toHaveLength(perimeters.length);
      for (const [r, perimeter] of perimeters.entries()) {
        const first = tier.months[0]?.[perimeter] as Band;
        const total = tier.total[perimeter];
        const check = tier.predictability[perimeter];
        const unit = r === 0 ? [tier.unit_cost.per_million_tokens] : [];
        expect(exactFigures(rows[r] ?? '')).toEqual([first.base, total.p50, ...unit]);
        expect(textOf(rows[r] ?? '')).toContain(`${dollars(first.p10)} to ${dollars(first.p90)}`);
        expect(textOf(rows[r] ?? '')).toContain(`${dollars(total.p10)} to ${dollars(total.p90)}`);
        expect(textOf(rows[r] ?? '')).toContain(`${check.verdict} ${percent(check.probability)} · ${check.rating}`);
      }
    }
  });

  test('shows every month of every tier, as the forecast has it', () => {
    for (const tier of computed()) {
      const [table] = partsOf(page, new RegExp(`<table class="monthly" data-tier="${tier.id}"(.*?)</table>`, 'gs'));
      const perimeters = perimetersOf(tier);
      const figures = tier.months.flatMap((month) =>
        perimeters.flatMap((perimeter) => {
          const { base, p10, p50, p90 } = month[perimeter];
          return [base, p10, p50, p90];
        }),
      );
      expect(partsOf(table ?? '', /<time datetime="([^"]*)">/g)).toEqual(tier.months.map(({ month }) => month));
      expect(exactFigures(table ?? '')).toEqual(figures);
    }
  });

  test('says why a tier has no figures', () => {
    expect(textOf(page)).toContain('Google Gemini could not be computed: a workload names no model for it.');
  });

  test('sets the stated rating of predictable cost beside the computed ones', () => {
    const [claims] = partsOf(page, /<table class="claims"(.*?)<\/table>/gs);
    const local = computed().find(({ id }) => id === 'local') as Computed;
    const { bill, full } = local.predictability;
    expect(textOf(claims ?? '')).toMatch(new RegExp(`Local inference Excellent .* ${bill.rating} .* ${full.rating} `));
  });

  test('lists every warning, and what the figures stand on', () => {
    expect(forecast.warnings.length).toBeGreaterThan(0);
    for (const { message } of forecast.warnings) expect(textOf(page)).toContain(message);
    const [footer] = partsOf(page, /<footer>(.*?)<\/footer>/gs);
    expect(textOf(footer ?? '')).toContain('Prices as known on 22 November 2026');
    expect(textOf(footer ?? '')).toMatch(/Oldest price check \d+ \w+ 2026, \d+ days before/);
    for (const text of ['500, seed 42', forecast.engine, forecast.id, forecast.inputs_digest]) {
      expect(textOf(footer ?? '')).toContain(text);
    }
  });

  test('links to the forecast as a workbook, a table and JSON', async () => {
    expect(partsOf(page, /href="(\/v1\/[^"]*)"/g)).toEqual([
      `/v1/forecasts/${forecast.id}.xlsx`,
      `/v1/forecasts/${forecast.id}.csv`,
      `/v1/forecasts/${forecast.id}`,
    ]);
    const csv = await service.fetch(`/v1/forecasts/${forecast.id}.csv`);
    expect(csv.status).toBe(200);
  });

  test('writes a name with markup in it as text', () => {
    expect(page).not.toContain('<b>"A"');
    expect(page).toContain('<h1 id="name">Assistant &lt;b&gt;&quot;A&quot; &amp; B&lt;/b&gt;</h1>');
  });

  test('holds nothing that its content security policy would stop, and nothing from elsewhere', () => {
    expect(page).not.toMatch(/<script(?![^>]* src="\/)/);
    expect(page).not.toMatch(/<style|\sstyle="|\son\w+="/);
    expect(partsOf(page, /(?:src|href)="([^"]*)"/g).filter((address) => !/^[/#]/.test(address))).toEqual([]);
  });

  test('has every file it names', async () => {
    const files = partsOf(page, /(?:src|href)="(\/(?:assets|vendor)\/[^"]*)"/g);
    expect(files.length).toBeGreaterThan(4);
    for (const file of [...files, '/favicon.ico']) expect((await service.fetch(file)).status).toBe(200);
  });

  test('does not hand out its templates', async () => {
    for (const file of ['/page.eta', '/assets/page.eta', '/assets/../page.eta', '/assets/%2e%2e/page.eta']) {
      expect((await service.fetch(file)).status).toBe(404);
    }
  });

  test('is not sent again while it stays the same', async () => {
    const first = await service.fetch('/');
    const again = await service.fetch('/', { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });
});

describe('other pages', () => {
  const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  test('an older forecast has its address', async () => {
    const response = await service.fetch(`/?forecast=${older.id}`);
    expect(await response.text()).toContain('<h1 id="name">Older</h1>');
  });

  test('a workload that has to stay rules the clouds out of the answer', async () => {
    const [workload] = pageScenario().workloads as { needs: object }[];
    const needs = { offline: false, sensitive_data: 'must_stay' };
    const { id } = await store(service, { ...pageScenario(), name: 'Stays', workloads: [{ ...workload, needs }] });
    const [answer] = partsOf(
      await (await service.fetch(`/?forecast=${id}`)).text(),
      /<section class="answer"(.*?)<dl/gs,
    );
    expect(textOf(answer ?? '')).toContain('Local inference costs about $');
    expect(textOf(answer ?? '')).toContain('which rules out OpenRouter, Together AI,');
  });

  test('before the first forecast the page says how to make one', () => {
    expect(textOf(emptyPage)).toContain('No forecast yet');
    expect(emptyPage).toContain('/v1/forecasts');
  });

  test('the pages of what happens each month say how to begin, from a terminal and by the API', () => {
    const [schedules, form, runs, bills] = emptyMonths as [string, string, string, string];
    for (const [page, command, address] of [
      [schedules, 'npx infercast schedules add', '/v1/schedules'],
      [runs, 'npx infercast schedules run', '/v1/schedules/sch_…/run'],
      [bills, 'npx infercast bills import', '/v1/bills'],
    ] as const) {
      const [terminal, api] = partsOf(page, /<pre[^>]*>(.*?)<\/pre>/gs).map(textOf);
      expect(terminal).toContain(command);
      expect(api).toMatch(new RegExp(`^curl .* http://127.0.0.1:7800${address}$`));
    }
    expect(textOf(form)).toContain('none is stored yet: send one with POST /v1/scenarios');
  });

  test('every page names the one it is in the list of pages', () => {
    const current = [page, ...emptyMonths].map((each) => partsOf(each, /<a href="([^"]*)" aria-current="page">/g));
    expect(current).toEqual([['/'], ['/schedules'], ['/schedules'], ['/runs'], ['/bills']]);
  });

  test('a forecast that does not exist is refused in words to a person and as a problem to a program', async () => {
    const page = await service.fetch('/?forecast=fc_nothing', { headers: browser });
    expect(page.status).toBe(404);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(textOf(await page.text())).toContain('There is no forecast fc_nothing.');
    const problem = await service.fetch('/?forecast=fc_nothing');
    expect(problem.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  test('an address with a parameter that is not known is refused', async () => {
    expect((await service.fetch('/?forcast=fc_1')).status).toBe(400);
  });

  test('where keys are needed, nobody reads figures without one', async () => {
    const guarded = await startTestService({ http: { keysRequired: true } });
    try {
      const refused = await guarded.fetch('/', { headers: browser });
      expect(refused.status).toBe(401);
      expect(textOf(await refused.text())).toContain('This service takes requests with a key only.');
      expect((await guarded.fetch('/', { key: 'ifc_live_wrong' })).status).toBe(401);
    } finally {
      await guarded.close();
    }
  });
});
