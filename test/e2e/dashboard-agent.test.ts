/** The page of one agent: what it is sent, what is taken back, and how it is ended. */

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { commandsOf } from '../support/command-calls.ts';
import { boxOf, type DashboardStage, rowOf, startDashboardStage } from '../support/dashboard.ts';
import { PATIENCE } from '../support/patience.ts';
import type { RecordingAgent } from '../support/recording-agent.ts';
import { LONG_TURN } from '../support/turns.ts';

let stage: DashboardStage;
let agent: RecordingAgent;
beforeAll(async () => {
  stage = await startDashboardStage();
  agent = await stage.recording('shop-api');
});
afterAll(() => stage[Symbol.asyncDispose]());
afterEach(async () => expect(await stage.close()).toEqual([]));

it('sends a text of many lines once, byte for byte, and says what became of it', async () => {
  const page = await stage.open('#/agents/shop-api');
  const box = boxOf(page, 'shop-api');
  await box.waitFor();
  await page.keyboard.press('/');
  const lines = ['Fix the cart:', '  "quoted"  $HOME `x` \\n', '- <b>名前</b> 👩‍👩‍👧 ☕'];
  for (const [index, line] of lines.entries()) {
    if (index > 0) await page.keyboard.press('Shift+Enter');
    await page.keyboard.insertText(line);
  }
  await page.keyboard.press('Enter');
  await expect.poll(() => agent.submitted(), PATIENCE).toEqual([lines.join('\n')]);
  await page.getByText('Accepted: typed and submitted').waitFor();
  expect(await box.inputValue()).toBe('');
  expect(await commandsOf(stage.daemon, 'shop-api')).toMatchObject([
    { command: lines.join('\n'), source: 'dashboard', status: 'sent', when: 'safe' },
  ]);
  await page.keyboard.press('ArrowUp');
  expect(await box.inputValue()).toBe(lines.join('\n'));
});

it('takes back what waits behind somebody’s draft, and only that', async () => {
  const page = await stage.open('#/agents/shop-api');
  const box = boxOf(page, 'shop-api');
  await agent.type('half a thought');
  for (const text of ['never mind', 'but this']) {
    await box.fill(text);
    await box.press('Enter');
    await rowOf(page, text).getByText('queued').waitFor();
  }
  await rowOf(page, 'never mind')
    .getByText('until somebody’s draft is gone from its input box')
    .waitFor();
  await page.getByRole('button', { name: 'Cancel: never mind' }).click();
  await rowOf(page, 'never mind').getByText('Not typed: it was cancelled.').waitFor();
  await page.locator('.log tr', { hasText: 'cancel' }).getByText('never mind').waitFor();
  await agent.clear();
  await rowOf(page, 'but this').getByText('typed and submitted').waitFor();
  expect(agent.submitted().slice(1)).toEqual(['but this']);
});

it('shows a turn in the pane, interrupts it, and ends the session only when told twice', async () => {
  const turning = await stage.simulated('web-shop', LONG_TURN, { stepped: true });
  const page = await stage.open('#/agents/web-shop');
  const rows = page.locator('.pane .xterm-rows');
  await rows.getByText('Claude Code').waitFor();
  await turning.type('go');
  await turning.press('Enter');
  await turning.until('prompt');
  await rows.getByText('esc to interrupt').waitFor();
  await page.getByRole('button', { name: 'Interrupt' }).click();
  await turning.until('interrupted');
  await page.getByText('Interrupted.').waitFor();

  const kill = page.getByRole('button', { name: 'Kill …' });
  const question = page.getByRole('dialog', { name: 'Kill web-shop?' });
  await kill.click();
  await question.waitFor();
  await page.keyboard.press('Enter');
  await question.waitFor({ state: 'hidden' });
  expect(await stage.tmux.run('list-sessions', '-F', '#{session_name}')).toContain('web-shop');
  await kill.click();
  await question.getByRole('button', { name: 'Kill web-shop' }).click();
  await page.getByText('web-shop is gone:').waitFor();
  expect(await stage.tmux.run('list-sessions', '-F', '#{session_name}')).not.toContain('web-shop');
});

it('follows a session to its new name, and says where there is none', async () => {
  const page = await stage.open('#/agents/shop-api');
  await page.getByRole('heading', { level: 1, name: 'shop-api' }).waitFor();
  await stage.tmux.run('rename-session', '-t', '=shop-api', 'shop');
  await page.getByRole('heading', { level: 1, name: 'shop', exact: true }).waitFor();
  await page.goto(`${stage.daemon.url}/#/agents/nobody`);
  await page.getByRole('heading', { name: 'No agent “nobody”' }).waitFor();
  const faults = stage.takeFaults().filter((fault) => !fault.includes('404 (Not Found)'));
  expect(faults).toEqual([]);
});
