/** What people do on the dashboard when things do not go straight: begin again, find out, reload, look closer. */

import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { commandsOf } from '../support/command-calls.ts';
import {
  boxOf,
  cardOf,
  type DashboardStage,
  rowOf,
  startDashboardStage,
} from '../support/dashboard.ts';
import { PATIENCE } from '../support/patience.ts';
import type { RecordingAgent } from '../support/recording-agent.ts';

const ASKS = {
  turns: [{ steps: [{ step: 'bash', command: 'npm test', ask: true }] }],
};

const ASKS_TWICE = {
  turns: [
    {
      steps: [
        { step: 'bash', command: 'npm test', ask: true },
        { step: 'bash', command: 'npm run build', ask: true },
      ],
    },
  ],
};

let stage: DashboardStage;
let agent: RecordingAgent;
beforeAll(async () => {
  stage = await startDashboardStage();
  agent = await stage.recording('shop-api');
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(async () => expect(await stage.close()).toEqual([]));

it('has typed again, once, what was taken back', async () => {
  const page = await stage.open('#/agents/shop-api');
  await agent.type('half a thought');
  await boxOf(page, 'shop-api').fill('once more');
  await boxOf(page, 'shop-api').press('Enter');
  await page.getByRole('button', { name: 'Cancel: once more' }).click();
  await rowOf(page, 'once more').getByText('Not typed: it was cancelled.').waitFor();
  await page.getByRole('button', { name: 'Retry: once more' }).click();
  await page.getByText('Asked for again.').waitFor();
  await rowOf(page, 'once more').getByText('queued').waitFor();
  await agent.clear();
  await rowOf(page, 'once more').getByText('typed and submitted').waitFor();
  expect(agent.submitted()).toEqual(['once more']);
});

it('says of what a crash left unknown what a person found out, and what stands in the box', async () => {
  const page = await stage.open('#/agents/shop-api');
  const box = boxOf(page, 'shop-api');
  await stage.tmux.run('set-hook', '-g', 'after-paste-buffer', 'run-shell "sleep 60"');
  await box.fill('go on');
  await box.press('Enter');
  await expect.poll(() => agent.pasted(), PATIENCE).toContain('go on');
  await page.route('**/command', (route) => route.abort());
  await box.fill('and then stop');
  await box.press('Enter');
  await page.getByText('It may have the text all the same').waitFor();
  await page.unroute('**/command');
  await stage.daemon.end('SIGKILL');
  await stage.tmux.run('set-hook', '-gu', 'after-paste-buffer');
  await stage.daemon.start();

  await page.getByText('The monitor is back, and did not say whether it has the text').waitFor();
  expect(await box.inputValue()).toBe('and then stop');
  const row = rowOf(page, 'go on');
  await row.getByText('Nobody can say whether it was submitted').waitFor();
  await page.getByRole('button', { name: 'Resolve: go on' }).click();
  const field = page.getByRole('textbox', { name: 'What you found out' });
  await field.fill('it was not submitted');
  await field.press('Enter');
  await row.getByText('Found out: it was not submitted').waitFor();
  expect(await page.getByRole('button', { name: 'Resolve: go on' }).count()).toBe(0);
  await agent.clear();
  await page.getByRole('button', { name: 'Retry: go on' }).click();
  await row.getByText('typed and submitted').waitFor();
  expect(agent.submitted().filter((text) => text === 'go on')).toHaveLength(1);
  const commands = await commandsOf(stage.daemon, 'shop-api');
  expect(commands.filter(({ command }) => command === 'and then stop')).toEqual([]);
  // That nobody answers is no fault of the page, and the browser says so by itself.
  const faults = stage.takeFaults().filter((fault) => !/ERR_(CONNECTION|FAILED)/.test(fault));
  expect(faults).toEqual([]);
});

it('keeps a draft over a reload until it is sent, and the agents that are looked for', async () => {
  const page = await stage.open('#/agents/shop-api');
  const box = boxOf(page, 'shop-api');
  await box.fill('two\nlines');
  await page.reload();
  await box.waitFor();
  expect(await box.inputValue()).toBe('two\nlines');
  await box.press('Enter');
  await page.getByText('Accepted').waitFor();
  await page.reload();
  await box.waitFor();
  expect(await box.inputValue()).toBe('');

  await page.getByRole('link', { name: 'Agents' }).click();
  await page.getByRole('button', { name: 'complete', exact: true }).click();
  await page.getByRole('searchbox').fill('api');
  const hash = (): string => new URL(page.url()).hash;
  await expect.poll(hash, PATIENCE).toBe('#/?state=complete&find=api');
  await page.reload();
  await cardOf(page, 'shop-api').waitFor();
  expect(await page.getByRole('searchbox').inputValue()).toBe('api');
  await page.getByRole('button', { name: 'complete', exact: true, pressed: true }).waitFor();
  await page.getByRole('searchbox').fill('nobody');
  await page.getByText('No agent is like that.').waitFor();
  await page.goBack();
  await boxOf(page, 'shop-api').waitFor();
});

it('looks closer at a part of the day, by wheel and by hand, and lets the page scroll', async () => {
  const page = await stage.open('#/agents/shop-api');
  const lanes = page.locator('.lanes svg');
  await lanes.scrollIntoViewIfNeeded();
  const { x = 0, y = 0, width = 0 } = (await lanes.boundingBox()) ?? {};
  const from = async (): Promise<string> => (await spanOf(page)).split(' – ')[0] ?? '';
  const whole = await from();
  await page.mouse.move(x + width / 2, y + 20);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, -400);
  await page.keyboard.up('Control');
  await expect.poll(from, PATIENCE).not.toBe(whole);
  // In the middle of the hour: now is no longer seen.
  expect(await spanOf(page)).not.toContain('now');
  const closer = await spanOf(page);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 200, y + 20, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => spanOf(page), PATIENCE).not.toBe(closer);
  const dragged = await spanOf(page);
  expect(minutesBetween(dragged, closer)).toBeGreaterThan(0);
  await page.mouse.wheel(200, 0);
  await expect
    .poll(async () => minutesBetween(dragged, await spanOf(page)), PATIENCE)
    .toBeGreaterThan(0);

  const before = await spanOf(page);
  const top = (): Promise<number> => page.evaluate('scrollY');
  const scrolled = await top();
  await page.mouse.wheel(0, -300);
  await expect.poll(top, PATIENCE).toBeLessThan(scrolled);
  expect(await spanOf(page)).toBe(before);
  await page.getByRole('button', { name: 'Whole day' }).click();
  await expect.poll(() => spanOf(page), PATIENCE).toContain('now');
});

it('goes along with a session to its new name: its question, its draft, its day', async () => {
  const asking = await stage.simulated('web-shop', ASKS, { stepped: true });
  const page = await stage.open('#/agents/web-shop');
  await asking.type('go');
  await asking.press('Enter');
  const about = page.getByRole('region', { name: 'What it asks' }).locator('.about');
  await about.getByText('npm test').waitFor();
  await boxOf(page, 'web-shop').fill('a thought');
  await changes(page).waitFor();
  await stage.tmux.run('rename-session', '-t', '=web-shop', 'shop-front');
  await page.getByRole('heading', { level: 1, name: 'shop-front' }).waitFor();
  expect(await boxOf(page, 'shop-front').inputValue()).toBe('a thought');
  await about.getByText('npm test').waitFor();
  await changes(page).waitFor();
  await page.reload();
  await changes(page).waitFor();
  // The monitor has the text, and the page hears of that under another name.
  const renamed = Promise.withResolvers<void>();
  await page.route('**/command', async (route) => {
    const response = await route.fetch();
    await renamed.promise;
    await route.fulfill({ response });
  });
  await boxOf(page, 'shop-front').press('Enter');
  await rowOf(page, 'a thought').getByText('queued').waitFor();
  await stage.tmux.run('rename-session', '-t', '=shop-front', 'front');
  await page.getByRole('heading', { level: 1, name: 'front', exact: true }).waitFor();
  expect(await boxOf(page, 'front').inputValue()).toBe('a thought');
  renamed.resolve();
  await page.getByText('Accepted: waits').waitFor();
  expect(await boxOf(page, 'front').inputValue()).toBe('');
  await asking.press('Enter');
  await stage.daemon.agent('front', ({ attention }) => attention === 'none');
});

it('leads who works by keys to each question in turn, and to nothing before it', async () => {
  const asking = await stage.simulated('billing', ASKS_TWICE, { stepped: true });
  await asking.type('go');
  await asking.press('Enter');
  await asking.showing('Do you want to proceed?');
  await stage.daemon.agent('billing', ({ attention }) => attention === 'approval');
  const page = await stage.open('#/agents/shop-api');
  const asks = page.getByRole('region', { name: 'What it asks' });
  await boxOf(page, 'shop-api').waitFor();
  await page.locator('.tally').getByText('waiting').waitFor();
  await page.keyboard.press('n');
  await page.getByRole('heading', { level: 1, name: 'billing' }).waitFor();
  await isIn(asks);
  await page.keyboard.press('Tab');
  await page.locator('.options button:focus').waitFor();
  await page.keyboard.press('Enter');
  await asking.until(({ attention }) => attention === 'none');
  await asks.waitFor({ state: 'detached' });
  await asking.order('next');
  await asking.showing('npm run build');
  await asks.locator('.about').getByText('npm run build').waitFor();
  await isIn(asks);
  await boxOf(page, 'billing').focus();
  await page.keyboard.type('n');
  expect(await boxOf(page, 'billing').inputValue()).toBe('n');
});

/** Where the next key goes. */
const isIn = (part: Locator) =>
  expect.poll(() => part.evaluate((node) => node.matches(':focus')), PATIENCE).toBe(true);

/** What happened to the agent in the part of the day that is shown. */
const changes = (page: Page) =>
  page.locator('summary').filter({ hasText: /^[1-9]\d* changes? in words$/ });

/** Such as `06:10:00 – now`. */
const spanOf = async (page: Page): Promise<string> =>
  (await page.locator('.timeline header .number').textContent()) ?? '';

/** By how much the one begins before the other, over midnight too. */
const minutesBetween = (one: string, other: string): number => {
  const [first = 0, second = 0] = [one, other].map((span) => {
    const [hours = 0, minutes = 0, seconds = 0] = span.slice(0, 8).split(':').map(Number);
    return hours * 60 + minutes + seconds / 60;
  });
  const between = (second - first + 1_440) % 1_440;
  return between > 720 ? between - 1_440 : between;
};
