import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { Scope } from '../../src/services/api-keys.ts';
import { createApiKey, revokeApiKey } from '../../src/services/api-keys.ts';
import type { TestService } from '../helpers/app.ts';
import { startTestService } from '../helpers/app.ts';
import { launchBrowser } from '../setup/browser.ts';
import { pageScenario } from './page-service.ts';
import { press, takePicture, visit } from './visits.ts';

let service: TestService;
let browser: Browser;
let reader: { readonly id: string; readonly key: string };
beforeAll(async () => {
  service = await startTestService({ http: { keysRequired: true } });
  reader = await keyFor(['read']);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await service?.close();
});

function keyFor(scopes: Scope[]): ReturnType<typeof createApiKey> {
  return createApiKey(service.app, { name: scopes.join(), scopes });
}

const at = (path: string, act: (page: Page) => Promise<void>): Promise<void> =>
  visit(browser, service.url + path, { javaScriptEnabled: false }, ({ page }) => act(page));

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key').fill(key);
  await press(page, page.getByRole('button', { name: 'Sign in' }));
}

describe('where keys are required, a page', () => {
  test('asks for the key, then shows what was wanted, its files too, until the reader signs out', async () => {
    await at('/runs?state=failed', async (page) => {
      await takePicture(page, 'sign-in');
      await signIn(page, reader.key);
      expect(page.url()).toBe(`${service.url}/runs?state=failed`);
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ name: 'infercast', httpOnly: true, sameSite: 'Lax', path: '/' });
      expect(cookie?.expires).toBeLessThan(Date.now() / 1000 + 12 * 3600 + 60);
      expect((await page.request.get(`${service.url}/v1/scenarios`)).status()).toBe(200);
      await press(page, page.getByRole('button', { name: 'Sign out' }));
      expect(await page.context().cookies()).toEqual([]);
      expect((await page.request.get(`${service.url}/v1/scenarios`)).status()).toBe(401);
    });
  });

  test('says that a key is wrong, and takes no other site for the place to go on', async () => {
    await at('/sign-in', async (page) => {
      await signIn(page, 'ifc_live_nonsense');
      expect(await page.locator('#key-wrong').innerText()).toMatch(/^This key is not valid/);
      expect(await page.context().cookies()).toEqual([]);
    });
    for (const next of ['//evil.example/', '/\\evil.example', 'https://evil.example/', '/\nx']) {
      const form = new URLSearchParams({ key: reader.key, next });
      const headers = { Origin: service.url };
      const answer = await service.fetch('/sign-in', { method: 'POST', body: form, headers, redirect: 'manual' });
      expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    }
  });

  test('refuses a button that the key may not press, and what a key no longer opens', async () => {
    const { id, key } = await keyFor(['read']);
    await at('/schedules/new', async (page) => {
      await signIn(page, key);
      await press(page, page.getByRole('button', { name: 'Show the next twelve runs' }));
      expect(await page.locator('.lead').innerText()).toBe('This needs a key with the scope schedules.');
      await revokeApiKey(service.app, id);
      await page.goto(`${service.url}/runs`);
      expect(await page.getByLabel('Key').count()).toBe(1);
      expect(await page.context().cookies()).toEqual([]);
    });
  });

  test('of the API, the cookie opens what only reads: changes need the header', async () => {
    const { key } = await keyFor(['admin']);
    const headers = { Cookie: `other=1; infercast=${key}`, Origin: service.url };
    const scenario = pageScenario();
    expect((await service.fetch('/v1/scenarios', { headers })).status).toBe(200);
    expect((await service.fetch('/v1/scenarios', { headers, json: scenario })).status).toBe(401);
    expect((await service.fetch('/v1/scenarios', { key, json: scenario })).status).toBe(201);
  });

  test('over an encrypted connection keeps the key for that alone', async () => {
    const encrypted = await startTestService({ http: { keysRequired: true, publicUrl: 'https://costs.example.com' } });
    try {
      const { key } = await createApiKey(encrypted.app, { name: 'Reader', scopes: ['read'] });
      const answer = await encrypted.fetch('/sign-in', {
        method: 'POST',
        body: new URLSearchParams({ key }),
        headers: { Origin: 'https://costs.example.com' },
        redirect: 'manual',
      });
      expect(answer.headers.getSetCookie()).toEqual([
        `__Host-infercast=${key}; Max-Age=${12 * 3600}; Path=/; HttpOnly; SameSite=Lax; Secure`,
      ]);
    } finally {
      await encrypted.close();
    }
  });

  test('lets nobody try keys without end', async () => {
    const tries = Array.from({ length: 11 }, () => ({ Cookie: 'infercast=ifc_live_nonsense' }));
    const answers: number[] = [];
    for (const headers of tries) answers.push((await service.fetch('/', { headers })).status);
    expect(answers.at(-1)).toBe(429);
    const form = new URLSearchParams({ key: 'ifc_live_nonsense' });
    const wrong = await service.fetch('/sign-in', { method: 'POST', body: form, headers: { Origin: service.url } });
    expect(wrong.status).toBe(429);
  });
});
