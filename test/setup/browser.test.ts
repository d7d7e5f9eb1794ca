import { expect, test } from '@jest/globals';
import { launchBrowser } from './browser.ts';

test('a browser starts with nothing installed by hand, and draws text', async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.setContent('<h1>infercast</h1>');
    expect(await page.textContent('h1')).toBe('infercast');
    const width = await page.evaluate(`(() => {
      const text = document.createElement('span');
      text.textContent = 'wide text';
      document.body.append(text);
      return text.getBoundingClientRect().width;
    })()`);
    expect(width).toBeGreaterThan(20);
  } finally {
    await browser.close();
  }
});
