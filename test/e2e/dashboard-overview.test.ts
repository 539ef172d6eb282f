/** The first page of the dashboard: who waits, answering from there, and a monitor that goes away. */

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cardOf, type DashboardStage, startDashboardStage } from '../support/dashboard.ts';
import { PATIENCE } from '../support/patience.ts';
import type { PaneAgent } from '../support/simulated-agent.ts';

/** Reads, asks for approval, and completes; then the same again. */
const ASKS = {
  turns: [
    {
      steps: [
        { step: 'read', files: ['src/cart.ts'] },
        { step: 'bash', command: 'npm test', description: 'Run the tests', ask: true },
        { step: 'say', text: 'All is well.' },
      ],
    },
  ],
  loop: true,
};

let stage: DashboardStage;
beforeAll(async () => {
  stage = await startDashboardStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(async () => expect(await stage.close()).toEqual([]));

const namesOf = (page: Page): Promise<string[]> => page.locator('.card h3').allTextContents();

const yes = (page: Page, session: string) =>
  cardOf(page, session).getByRole('button', { name: `Yes (${session})`, exact: true });

it('says what to do where there are no agents, and shows the first one that comes', async () => {
  const page = await stage.open();
  await page.getByRole('heading', { name: 'No agents yet' }).waitFor();
  await stage.simulated('billing', {});
  await cardOf(page, 'billing').getByText('complete').waitFor();
});

describe('with agents', () => {
  let asking: PaneAgent;
  beforeAll(async () => {
    asking = await stage.simulated('web-shop', ASKS, { stepped: true });
  });

  /** From its prompt to its question. */
  const letAsk = async (): Promise<void> => {
    await asking.type('go');
    await asking.press('Enter');
    await asking.until('prompt');
    await asking.order('next');
    await asking.showing('Do you want to proceed?');
  };
  /** From the end of its question to its prompt. */
  const letEnd = async (): Promise<void> => {
    await asking.order('next');
    await asking.order('next');
    await asking.until(({ truth }) => truth === 'complete');
  };

  it('shows who waits first, and an answer from there ends that', async () => {
    const page = await stage.open();
    await expect.poll(() => namesOf(page), PATIENCE).toEqual(['billing', 'web-shop']);
    await letAsk();
    const card = cardOf(page, 'web-shop');
    await card.getByRole('group', { name: 'web-shop waits for your approval' }).waitFor();
    expect(await namesOf(page)).toEqual(['web-shop', 'billing']);
    await expect.poll(() => page.title(), PATIENCE).toBe('(1) agent-monitor');
    await card.locator('.about').getByText('npm test').waitFor();

    await yes(page, 'web-shop').click();
    await asking.until(({ attention, event }) => event === 'answered' || attention === 'none');
    await card.getByRole('group').waitFor({ state: 'detached' });
    await expect.poll(() => page.title(), PATIENCE).toBe('agent-monitor');
    await letEnd();
  });

  it('explains an answer to a question that is no longer open, and sends it to no other', async () => {
    const page = await stage.open();
    await letAsk();
    // The page is told nothing more until its answer has been refused.
    await page.route('**/answer', async (route) => {
      await asking.order('next');
      await stage.daemon.agent('web-shop', ({ attention }) => attention === 'none');
      await route.continue();
    });
    await yes(page, 'web-shop').click();
    await page.getByText('no longer shows this question').waitFor();
    expect(await stage.daemon.get('/api/agents/web-shop/commands')).toMatchObject({ count: 1 });
    expect(stage.takeFaults()).toEqual([expect.stringContaining('409')]);
    await letEnd();
  });

  it('is worked by keys alone, and finds what is looked for', async () => {
    const page = await stage.open();
    await cardOf(page, 'billing').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('web cla');
    await expect.poll(() => namesOf(page), PATIENCE).toEqual(['web-shop']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('e');
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
    await page.goBack();
    await expect.poll(() => namesOf(page), PATIENCE).toEqual(['web-shop']);
    await page.getByRole('searchbox').clear();
    await page.getByRole('button', { name: 'stuck', exact: true }).press('Space');
    await page.getByText('No agent is like that. 2 agents in all.').waitFor();
    await page.getByRole('button', { name: 'stuck', exact: true }).press('Space');
    await page.getByRole('checkbox', { name: 'by folder' }).press('Space');
    await page.getByRole('heading', { name: / 2$/ }).waitFor();
    await page.getByRole('heading', { name: 'billing' }).click();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    await letAsk();
    await yes(page, 'web-shop').waitFor();
    await page.keyboard.press('n');
    await page.getByRole('heading', { level: 1, name: 'web-shop' }).waitFor();
    await page.goBack();
    await yes(page, 'web-shop').click();
    await cardOf(page, 'web-shop').getByRole('group').waitFor({ state: 'detached' });
    await letEnd();
  });

  it('says that the monitor is away, and shows nothing stale once it is back', async () => {
    const page = await stage.open();
    await cardOf(page, 'web-shop').getByText('complete').waitFor();
    const other = await stage.open('#/agents/web-shop');
    const rows = other.locator('.pane [data-old=false] .xterm-rows');
    await rows.getByText('All is well.').last().waitFor();
    await stage.daemon.end();
    await rows.waitFor({ state: 'detached' });
    await page.getByRole('alert').getByText('No connection to the monitor.').waitFor();
    expect(await page.title()).toBe('⚠ agent-monitor');
    await letAsk();
    await stage.tmux.run('kill-session', '-t', '=billing');
    await stage.daemon.start();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await yes(page, 'web-shop').waitFor();
    await cardOf(page, 'billing').getByText('gone').waitFor();
    await rows.getByText('Do you want to proceed?').waitFor();
    await yes(page, 'web-shop').click();
    await cardOf(page, 'web-shop').getByRole('group').waitFor({ state: 'detached' });
    // That nobody answers, or only that it stops, is no fault of the page, and the browser says so by itself.
    const faults = stage.takeFaults().filter((fault) => !/ERR_CONNECTION_REFUSED|503/.test(fault));
    expect(faults).toEqual([]);
  });
});
