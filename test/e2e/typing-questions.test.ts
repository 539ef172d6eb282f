/** Questions in real panes: several answers at once, texts of one's own, and the page that submits all. */

import { expect, it } from 'vitest';
import type { Dialog } from '../../machines/vocabulary.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { DATABASE, EXTRAS } from '../support/questions.ts';
import { startRedis } from '../support/redis.ts';
import { type PaneAgent, startAgent } from '../support/simulated-agent.ts';
import { startTmux } from '../support/tmux.ts';
import { type Caller, callerOf } from '../support/typing.ts';

interface Scene extends AsyncDisposable {
  agent: PaneAgent;
  daemon: TestDaemon;
  caller: Caller;
  /** Waits for a dialog that asks this. */
  asked(question: string): Promise<Dialog>;
}

/** An agent that has asked these questions in the session `shop-api`, and a monitor that has seen it. */
const startScene = async (...questions: object[]): Promise<Scene> => {
  const stack = new AsyncDisposableStack();
  const tmux = stack.use(await startTmux());
  const redis = stack.use(await startRedis());
  const script = { turns: [{ steps: [{ step: 'question', questions }, { step: 'think' }] }] };
  const agent = stack.use(await startAgent(tmux, script, { name: 'shop-api', stepped: true }));
  const daemon = stack.use(await startDaemon({ tmux, redis }));
  await daemon.agent('shop-api', ({ since }) => since !== null);
  await agent.type('begin');
  await agent.press('Enter');
  return {
    ...{ agent, daemon, caller: callerOf(daemon) },
    asked: async (question) => {
      const { dialog } = await daemon.agent('shop-api', (seen) =>
        JSON.stringify(seen.dialog).includes(question),
      );
      return dialog as Dialog;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

it('ticks what is wanted and nothing else, submits it, and then the page that reviews it', async () => {
  await using scene = await startScene(EXTRAS);
  const { agent, caller } = scene;
  const dialog = await scene.asked('Which extras');
  expect(dialog.options).toMatchObject([
    { id: '1', label: 'Metrics', description: 'for Prometheus', ticked: false },
    { id: '2', label: 'Tracing', ticked: false },
    { id: '3', label: 'Logs', ticked: false },
    { id: '4', label: 'Type something', ticked: false, takesText: true },
    { id: 'submit', label: 'Submit' },
    { id: '5', label: 'Chat about this' },
  ]);
  // Somebody has ticked something meanwhile: it is the same question.
  await agent.press('2');
  await agent.showing('[✔] Tracing');
  const wanted = { choices: ['1', '3'] };
  const ticked = await caller.ended(await caller.answer('shop-api', dialog.id, wanted));
  expect(ticked).toMatchObject({
    ...{ command: 'Metrics, Logs', status: 'sent', evidence: 'dialog-closed' },
    attempts: 4,
  });
  expect(await agent.screen()).toContain('→ Metrics, Logs');
  const review = await scene.asked('Submit answers');
  const submitted = await caller.ended(await caller.answer('shop-api', review.id, '1'));
  expect(submitted).toMatchObject({ status: 'sent', evidence: 'dialog-closed', attempts: 1 });
  await agent.showing('Which extras do you want? → Metrics, Logs');
});

it('types a text of one’s own beside the ticks', async () => {
  await using scene = await startScene(EXTRAS);
  const dialog = await scene.asked('Which extras');
  const wanted = { choices: ['2', '4'], text: '1 changelog, [✔] and 日本語' };
  const { caller, agent } = scene;
  const ended = await caller.ended(await caller.answer('shop-api', dialog.id, wanted));
  expect(ended).toMatchObject({
    ...{ command: 'Tracing, 1 changelog, [✔] and 日本語', status: 'sent', attempts: 2 },
  });
  expect(await agent.screen()).toContain('→ Tracing, 1 changelog, [✔] and 日本語');
});

it('types a text of which the terminal keeps but a part of a character', async () => {
  await using scene = await startScene(DATABASE);
  const dialog = await scene.asked('Which database');
  const { caller } = scene;
  const own = { choice: '3', text: '日本語👩‍👩‍👧‍👦é ☺️ 🏴󠁧󠁢󠁥󠁮󠁧󠁿👩🏽‍❤️‍💋‍👩🏽 नमस्ते' };
  const ended = await caller.ended(await caller.answer('shop-api', dialog.id, own));
  expect(ended).toMatchObject({ command: own.text, status: 'sent', attempts: 1 });
});

it('answers one question after the other, one of them with a text', async () => {
  await using scene = await startScene(DATABASE, EXTRAS);
  const { caller, agent } = scene;
  const first = await scene.asked('Which database');
  const own = { choice: '3', text: 'flat files, if that is not too much asked for' };
  const typed = await caller.ended(await caller.answer('shop-api', first.id, own));
  expect(typed).toMatchObject({ command: own.text, status: 'sent', attempts: 1 });
  const second = await scene.asked('Which extras');
  const none = await caller.ended(await caller.answer('shop-api', second.id, { choices: [] }));
  expect(none).toMatchObject({ command: 'Submit', status: 'sent', attempts: 1 });
  await agent.showing('Some questions are unanswered');
  const review = await scene.asked('Submit answers');
  await caller.ended(await caller.answer('shop-api', review.id, '1'));
  await agent.showing(`Which database should we use? → ${own.text}`);
});

it('types no key into a text where the cursor stands on it', async () => {
  await using scene = await startScene(DATABASE);
  const { caller, agent } = scene;
  const dialog = await scene.asked('Which database');
  await agent.press('3');
  await agent.showing('❯ 3. Type something.');
  const ended = await caller.ended(await caller.answer('shop-api', dialog.id, '2'));
  expect(ended).toMatchObject({ status: 'sent', attempts: 1 });
  await agent.showing('Which database should we use? → SQLite');
});

it('leaves alone what somebody is writing there', async () => {
  await using scene = await startScene(DATABASE);
  const { caller, agent } = scene;
  await scene.asked('Which database');
  await agent.press('3');
  await agent.showing('❯ 3. Type something.');
  await agent.type('my own words');
  // It is the same question, and its field is not free.
  const dialog = await scene.asked('my own words');
  expect(dialog.options[2]).toMatchObject({ label: 'my own words', inTerminal: true });
  await expect(caller.answer('shop-api', dialog.id, '3')).rejects.toThrow('not_answerable');
});

it('refuses what it cannot mean before anything is typed', async () => {
  await using scene = await startScene(EXTRAS);
  const { caller, agent } = scene;
  const dialog = await scene.asked('Which extras');
  const refused = (wanted: string | object, told: string) =>
    expect(caller.answer('shop-api', dialog.id, wanted)).rejects.toThrow(told);
  await refused('1', 'choices');
  await refused({ choices: ['4'] }, 'takes a text');
  await refused({ choices: ['1'], choice: '1' }, 'in its place');
  await refused({ choices: ['4'], text: 'two\nlines' }, 'without control characters');
  expect(await agent.screen()).not.toContain('[✔]');
});
