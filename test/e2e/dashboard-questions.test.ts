/** Questions answered from the dashboard: several answers at once, a text of one's own, and why it waits. */

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { violationsOf } from '../support/axe.ts';
import { cardOf, type DashboardStage, startDashboardStage } from '../support/dashboard.ts';
import type { PaneAgent } from '../support/simulated-agent.ts';

const EXTRAS = {
  header: 'Extras',
  question: 'Which extras do you want?',
  options: [
    { label: 'Metrics', description: 'for Prometheus' },
    { label: 'Tracing' },
    { label: 'Logs' },
  ],
  multi: true,
};
const DATABASE = {
  header: 'Database',
  question: 'Which database should we use?',
  options: [{ label: 'PostgreSQL', description: 'the usual' }, { label: 'SQLite' }],
};
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

it('ticks and submits several answers, and then all of them', async () => {
  const page = await stage.open();
  const card = cardOf(page, 'web-shop');
  // Somebody ticks one in the terminal: what the page says is what is wanted.
  await agent.press('2');
  await agent.showing('[✔] Tracing');
  await card.getByRole('checkbox', { name: 'Metrics (web-shop)' }).check();
  await card.getByRole('checkbox', { name: 'Logs (web-shop)' }).check();
  const tracing = card.getByRole('checkbox', { name: 'Tracing (web-shop)' });
  await tracing.check();
  await tracing.uncheck();
  await card.getByRole('textbox', { name: 'Type something (web-shop)' }).fill('a changelog');
  expect(await violationsOf(page)).toEqual([]);
  await card.getByRole('button', { name: 'Submit (web-shop)' }).click();
  await card.getByRole('button', { name: 'Submit answers (web-shop)' }).waitFor();
  expect(await agent.screen()).toContain('→ Metrics, Logs, a changelog');
  await card.getByRole('button', { name: 'Submit answers (web-shop)' }).click();
  await agent.showing('Which database should we use? → flat files, 1 and 2');
  await agent.showing('Which extras do you want? → Metrics, Logs, a changelog');
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
