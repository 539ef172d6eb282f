/** What the dashboard tells beside the agents: the journal, the state chart, the daemon's health, and alerts. */

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type DashboardStage, startDashboardStage } from '../support/dashboard.ts';
import { PATIENCE } from '../support/patience.ts';
import type { PaneAgent } from '../support/simulated-agent.ts';

/** Asks for approval, and completes; then the same again. */
const ASKS = {
  turns: [
    {
      steps: [
        { step: 'bash', command: 'npm test', description: 'Run the tests', ask: true },
        { step: 'say', text: 'All is well.' },
      ],
    },
  ],
  loop: true,
};

let stage: DashboardStage;
let agent: PaneAgent;
beforeAll(async () => {
  stage = await startDashboardStage();
  agent = await stage.simulated('web-shop', ASKS, { stepped: true });
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(async () => expect(await stage.close()).toEqual([]));

/** From its prompt to its question. */
const letAsk = async (): Promise<void> => {
  await agent.type('go');
  await agent.press('Enter');
  await agent.showing('Do you want to proceed?');
};

/** From its question to its prompt. */
const letComplete = async (): Promise<void> => {
  await agent.press('Enter');
  await agent.until(({ truth }) => truth !== 'waiting');
  await agent.order('next');
  await agent.order('next');
  await agent.until(({ truth }) => truth === 'complete');
};

const eventsOf = (page: Page, kind: string) =>
  page.locator('.event').filter({ has: page.getByRole('button', { name: kind, exact: true }) });

it('tells what happens as it happens, holds still when asked to, and misses nothing', async () => {
  const page = await stage.open('#/events');
  await eventsOf(page, 'session found').waitFor();
  await letAsk();
  const waiting = eventsOf(page, 'agent waiting');
  await waiting.getByText('approval · Do you want to proceed?').waitFor();
  await waiting.getByRole('button').click();
  const told = await waiting.getByRole('region').textContent();
  expect(JSON.parse(told ?? '')).toMatchObject({ event: 'agent_waiting', session: 'web-shop' });

  const held = await page.locator('.event').count();
  await letComplete();
  await page.getByRole('button', { name: /^Go on \([1-9]\d* waiting\)$/ }).waitFor();
  expect(await page.locator('.event').count()).toBe(held);
  await page.keyboard.press('p');
  await eventsOf(page, 'agent complete').waitFor();
  expect(await seqsOf(page)).toEqual(await allSeqs());
});

it('finds the events of a kind and a session, also those from before', async () => {
  const page = await stage.open('#/events/web-shop');
  await eventsOf(page, 'session found').waitFor();
  await page.getByRole('combobox', { name: 'Kind of event' }).selectOption('agent_complete');
  await expect.poll(() => page.locator('.event').count(), PATIENCE).toBe(1);
  // What is looked for stands in the address.
  await page.reload();
  await expect.poll(() => page.locator('.event').count(), PATIENCE).toBe(1);
  await page.getByRole('combobox', { name: 'Session' }).selectOption('');
  await expect.poll(() => new URL(page.url()).hash, PATIENCE).toBe('#/events?kind=agent_complete');
  await page.getByRole('combobox', { name: 'Kind of event' }).selectOption('');
  await page.getByRole('searchbox', { name: 'Search events' }).fill('kind of nothing');
  await page.getByText('Nothing like that has happened').waitFor();
});

it('lights where the machine of an agent is, and the way that it took', async () => {
  const page = await stage.open('#/chart/web-shop');
  const lit = (): Promise<string[]> =>
    page.locator('.leaf.active').evaluateAll((leaves) => leaves.map(({ id }) => id).sort());
  await expect
    .poll(lit, PATIENCE)
    .toEqual([
      'session.activity.complete',
      'session.attention.none',
      'session.connection.attached',
    ]);
  await letAsk();
  await expect.poll(lit, PATIENCE).toContain('session.attention.approval');
  await letComplete();
  await expect
    .poll(() => page.locator('.arrow.taken').getAttribute('id'), PATIENCE)
    .toMatch(/->session\.activity\.complete$/);
  await page.locator('.transitions li').first().getByText('complete').waitFor();
});

it('tells how the monitor is, and what it costs', async () => {
  const page = await stage.open('#/health');
  await page.getByText('all is well').waitFor();
  await page.getByRole('row', { name: /^dispatcher\b.*running/ }).waitFor();
  await page.getByRole('img', { name: /^of one core: [\d.]+ % now/ }).waitFor();
  await page.getByRole('img', { name: /^in all: \d+ MB now/ }).waitFor();
  // The lines themselves are loaded later than the page.
  await expect.poll(() => page.locator('.plot canvas').count(), PATIENCE).toBe(4);
});

it('calls who looks elsewhere, once, for what they chose', async () => {
  const page = await stage.open('#/', { permissions: ['notifications'] });
  await recordNotifications(page);
  await letAsk();
  await page.locator('.card[data-look=waiting]').waitFor();
  await letComplete();
  await page.locator('.card[data-look=complete]').waitFor();
  expect(await notifiedOn(page)).toEqual([]);

  await page.getByRole('button', { name: 'Alerts: off' }).click();
  await page.getByRole('checkbox', { name: 'Call me when I look elsewhere' }).check();
  await letAsk();
  await expect
    .poll(() => notifiedOn(page), PATIENCE)
    .toEqual(['web-shop waits for you: approval · Do you want to proceed?']);

  await page.goto(`${stage.daemon.url}/#/agents/web-shop`);
  await page.getByRole('button', { name: 'Mute' }).click();
  await page.goto(`${stage.daemon.url}/#/`);
  await letComplete();
  await letAsk();
  await page.locator('.card[data-look=waiting]').waitFor();
  // What comes after it has been told by then.
  await letComplete();
  await page.locator('.card[data-look=complete]').waitFor();
  expect(await notifiedOn(page)).toHaveLength(1);
});

const seqsOf = (page: Page): Promise<number[]> =>
  page.locator('.event').evaluateAll((rows) => rows.map((row) => Number(row.dataset.seq)));

/** The newest first. */
const allSeqs = async (): Promise<number[]> => {
  const answer = await fetch(`${stage.daemon.url}/api/events?limit=1000`);
  const { events } = (await answer.json()) as { events: { seq: number }[] };
  return events.map(({ seq }) => seq).reverse();
};

/** Headless browsers show none: what would be shown is written down. */
const recordNotifications = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const shown: string[] = [];
    Object.assign(globalThis, {
      shown,
      Notification: class {
        static permission = 'granted';
        onclick = null;
        onclose = null;
        constructor(title: string, { body }: { body: string }) {
          shown.push(`${title}: ${body}`);
        }
        close(): void {}
      },
    });
  });

const notifiedOn = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);
