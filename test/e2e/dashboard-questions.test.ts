/** Questions answered from the dashboard: several answers at once, a text of one's own, and why it waits. */

import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { violationsOf } from '../support/axe.ts';
import { cardOf, type DashboardStage, startDashboardStage } from '../support/dashboard.ts';
import { PATIENCE } from '../support/patience.ts';
import { DATABASE, EXTRAS } from '../support/questions.ts';
import type { PaneAgent } from '../support/simulated-agent.ts';

const ASKS = {
  turns: [{ steps: [{ step: 'question', questions: [DATABASE, EXTRAS] }, { step: 'think' }] }],
};

let stage: DashboardStage;
let agent: PaneAgent;
beforeAll(async () => {
  stage = await startDashboardStage();
  agent = await stage.simulated('web-shop', ASKS, { stepped: true });
  await agent.type('begin');
  await agent.press('Enter');
  await stage.daemon.agent('web-shop', ({ dialog }) => dialog !== null);
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(async () => expect(await stage.close()).toEqual([]));

const boxOf = (card: Locator, option: string) =>
  card.getByRole('checkbox', { name: `${option} (web-shop)` });

it('shows what describes the options, why it waits, and takes a text of one’s own', async () => {
  const page = await stage.open('#/agents/web-shop');
  await page.getByRole('button', { name: 'PostgreSQL (web-shop)' }).waitFor();
  await page.locator('.dialog').getByText('the usual').waitFor();
  const why = page.locator('.why');
  await why.getByText('Why “waiting”').waitFor();
  await why.getByText('claude-code.question').waitFor();
  expect(await why.getByText('Which database should we use?').count()).toBe(1);
  const field = page.getByRole('textbox', { name: 'Type something. (web-shop)' });
  const send = page.getByRole('button', { name: 'Answer with this text (web-shop)' });
  expect(await send.isDisabled()).toBe(true);
  await field.fill('flat files, 1 and 2');
  expect(await violationsOf(page)).toEqual([]);
  await field.press('Enter');
  await page.getByText(EXTRAS.question).first().waitFor();
  expect(await agent.screen()).toContain('☒ Database');
});

it('shows what is ticked in the terminal, and keeps what was begun over a reload and another page', async () => {
  const page = await stage.open();
  const card = cardOf(page, 'web-shop');
  const field = card.getByRole('textbox', { name: 'Type something (web-shop)' });
  expect(await boxOf(card, 'Tracing').isChecked()).toBe(false);
  await agent.press('2');
  await agent.showing('[✔] Tracing');
  await card.getByRole('checkbox', { name: 'Tracing (web-shop)', checked: true }).waitFor();
  await boxOf(card, 'Metrics').check();
  await field.fill('half a');
  await page.reload();
  await field.waitFor();
  expect(await field.inputValue()).toBe('half a');
  expect(await boxOf(card, 'Metrics').isChecked()).toBe(true);
  await page.getByRole('link', { name: 'web-shop', exact: true }).click();
  const asks = page.getByRole('region', { name: 'What it asks' });
  await asks.getByRole('checkbox', { name: 'Metrics (web-shop)', checked: true }).waitFor();
  // What nobody has touched goes on as in the terminal.
  await agent.press('2');
  await agent.showing('[ ] Tracing');
  await asks.getByRole('checkbox', { name: 'Tracing (web-shop)', checked: false }).waitFor();
});

it('submits nothing over a tick that was not seen', async () => {
  const page = await stage.open();
  const card = cardOf(page, 'web-shop');
  await boxOf(card, 'Metrics').check();
  const held = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  // The page cannot follow: it is not answered until it has been told.
  await page.route(
    '**/api/agents/web-shop',
    async (route) => {
      asked.resolve();
      await held.promise;
      await route.continue();
    },
    { times: 1 },
  );
  await asked.promise;
  await agent.press('2');
  await stage.daemon.agent('web-shop', ({ dialog }) => dialog?.options[1]?.ticked === true);
  expect(await boxOf(card, 'Tracing').isChecked()).toBe(false);
  await card.getByRole('button', { name: 'Submit (web-shop)' }).click();
  await card.getByText('it was ticked otherwise meanwhile').waitFor();
  await card.getByRole('checkbox', { name: 'Tracing (web-shop)', checked: true }).waitFor();
  held.resolve();
  expect(await agent.screen()).toContain(EXTRAS.question);
});

it('ticks and submits several answers, and then all of them', async () => {
  const page = await stage.open();
  const card = cardOf(page, 'web-shop');
  await boxOf(card, 'Metrics').check();
  await boxOf(card, 'Logs').check();
  await boxOf(card, 'Tracing').uncheck();
  await card.getByRole('textbox', { name: 'Type something (web-shop)' }).fill('a changelog');
  expect(await violationsOf(page)).toEqual([]);
  await card.getByRole('button', { name: 'Submit (web-shop)' }).click();
  await card.getByRole('button', { name: 'Submit answers (web-shop)' }).waitFor();
  expect(await agent.screen()).toContain('→ Metrics, Logs, a changelog');
  await card.locator('.about').getByText('Review your answers').waitFor();
  expect(await card.locator('.about').textContent()).not.toContain('Metrics, Logs, a changelog');
  expect(await card.locator('.question').textContent()).toContain(
    '● Which extras do you want?\n  → Metrics, Logs, a changelog',
  );
  await card.getByRole('button', { name: 'Submit answers (web-shop)' }).click();
  await agent.showing('Which database should we use? → flat files, 1 and 2');
  await agent.showing('Which extras do you want? → Metrics, Logs, a changelog');
});

it('tells whoever answers at the same time and comes second', async () => {
  const asking = await stage.simulated(
    'billing',
    { turns: [{ steps: [{ step: 'question', questions: [DATABASE] }] }] },
    { stepped: true },
  );
  await asking.type('begin');
  await asking.press('Enter');
  await stage.daemon.agent('billing', ({ dialog }) => dialog !== null);
  const pages = [await stage.open(), await stage.open()];
  const buttons = pages.map((page) =>
    cardOf(page, 'billing').getByRole('button', { name: 'SQLite (billing)' }),
  );
  for (const button of buttons) await button.waitFor();
  await Promise.all(buttons.map((button) => button.click()));
  await asking.showing('Which database should we use? → SQLite');
  for (const page of pages)
    await cardOf(page, 'billing').getByRole('group').waitFor({ state: 'detached' });
  const told = async (): Promise<number> => {
    const notes = pages.map((page) =>
      page.getByText('billing: Not sent: the agent no longer shows this question.').count(),
    );
    return (await Promise.all(notes)).reduce((sum, count) => sum + count);
  };
  await expect.poll(told, PATIENCE).toBe(1);
  // Which way it was refused is a matter of moments.
  expect(stage.takeFaults().filter((fault) => !fault.includes('409'))).toEqual([]);
});

it('tells what was written to a question that goes, and takes no letter of it for a key', async () => {
  const asking = await stage.simulated(
    'orders',
    { turns: [{ steps: [{ step: 'question', questions: [DATABASE] }] }] },
    { stepped: true },
  );
  await asking.type('begin');
  await asking.press('Enter');
  await stage.daemon.agent('orders', ({ dialog }) => dialog !== null);
  const page = await stage.open('#/agents/orders');
  const field = page.getByRole('textbox', { name: 'Type something. (orders)' });
  await field.focus();
  // Whoever types, types on: no time goes by from key to key.
  await page.clock.setFixedTime(Date.now());
  await page.keyboard.type('flat fil');
  await asking.press('1');
  await field.waitFor({ state: 'detached' });
  await page.keyboard.type('es, here');
  await page.getByText('orders: The question has gone. You wrote: flat fil').waitFor();
  expect(new URL(page.url()).hash).toBe('#/agents/orders');
  await page.clock.setFixedTime(Date.now() + 60_000);
  await page.keyboard.press('e');
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
});

it('offers no button for what only the terminal can answer', async () => {
  const asking = await stage.simulated(
    'docs',
    { turns: [{ steps: [{ step: 'question', questions: [DATABASE] }] }] },
    { stepped: true },
  );
  await asking.type('begin');
  await asking.press('Enter');
  await asking.showing('Which database');
  await asking.press('3');
  await asking.showing('❯ 3. Type something.');
  await asking.type('half a');
  await stage.daemon.agent('docs', ({ dialog }) => dialog?.options[2]?.label === 'half a');
  const card = cardOf(await stage.open(), 'docs');
  await card.getByText('half a: to be answered in its terminal').waitFor();
  await card.getByRole('button', { name: 'SQLite (docs)' }).click();
  await asking.showing('Which database should we use? → SQLite');
});
