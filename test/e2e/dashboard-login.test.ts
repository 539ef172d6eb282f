/** The dashboard in the browser of somebody who is not the monitor's user. */

import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { rotateToken } from '../../src/http/token.ts';
import { READ_TOKEN, startServer, TOKEN } from '../src/http/start.ts';
import { violationsOf } from '../support/axe.ts';
import { startBrowser } from '../support/browser.ts';
import { cardOf, createPages } from '../support/dashboard.ts';

const begun = new AsyncDisposableStack();
let api: Awaited<ReturnType<typeof startServer>>;
let pages: ReturnType<typeof createPages>;
beforeAll(async () => {
  // As on macOS, and from another machine: nobody knows whose connection it is.
  api = begun.use(await startServer({ readTable: async () => '' }));
  const browser = begun.use(await startBrowser());
  pages = createPages(browser, () => `http://localhost:${api.port}`);
});
afterAll(() => begun.disposeAsync());
afterEach(async () => {
  // The browser itself says whenever it was let in nowhere.
  const faults = (await pages.close()).filter((fault) => !fault.includes('401 (Unauthorized)'));
  expect(faults).toEqual([]);
});

/** What a screen reader says of it beside its name. */
const descriptionOf = async (element: Locator): Promise<string | null> => {
  const id = await element.getAttribute('aria-describedby');
  return element.page().locator(`[id="${id}"]`).textContent();
};

const logIn = async (hash: string, token: string) => {
  const page = await pages.open(hash);
  await page.fill('input[name=secret]', token);
  await page.keyboard.press('Enter');
  return page;
};

it('is asked to log in, and is then where it wanted to be', async () => {
  const page = await logIn('#/agents/shop-api', TOKEN);
  await page.getByRole('heading', { level: 1, name: 'shop-api' }).waitFor();
  await page.getByRole('button', { name: 'Restart watching …' }).click();
  await page.getByRole('button', { name: 'Restart the watching of shop-api' }).click();
  await page.getByText('It is watched afresh.').waitFor();
  expect(api.monitor.calls).toEqual(['restart shop-api by browser']);
});

it('who may only look is told so once, and all that acts is off and says why', async () => {
  api.monitor.calls.length = 0;
  const page = await logIn('#/agents/shop-api', READ_TOKEN);
  await page.getByText('You may look, not act.').waitFor();
  const acting = [
    ...['Interrupt', 'Restart watching …', 'Kill …', 'Send'].map((name) =>
      page.getByRole('button', { name, exact: true }),
    ),
    page.getByRole('textbox', { name: 'Command to shop-api' }),
  ];
  for (const each of acting) {
    expect(await each.isDisabled()).toBe(true);
    expect(await descriptionOf(each)).toMatch(/^You may look, not act\./);
  }
  expect(await violationsOf(page)).toEqual([]);
  expect(api.monitor.calls).toEqual([]);
});

it('is asked to log in again once the token is new, and shows nothing from before', async () => {
  const page = await logIn('#/', TOKEN);
  await cardOf(page, 'shop-api').waitFor();
  rotateToken(api.dataDir, 'full');
  await page.locator('input[name=secret]').waitFor();
  expect(await page.textContent('body')).not.toContain('shop-api');
});
