/** An agent that asks the same again: no answer to the one question is an answer to the next. */

import { expect, it } from 'vitest';
import type { Dialog } from '../../machines/vocabulary.ts';
import { startDaemon } from '../support/daemon.ts';
import { startRedis } from '../support/redis.ts';
import { startAgent } from '../support/simulated-agent.ts';
import { startTmux } from '../support/tmux.ts';
import { callerOf } from '../support/typing.ts';

const CLEAN = { step: 'bash', command: 'rm -rf build', output: ['ok'], ms: 0, ask: true };

const startScene = async () => {
  const stack = new AsyncDisposableStack();
  const tmux = stack.use(await startTmux());
  const redis = stack.use(await startRedis());
  const script = { turns: [{ steps: [CLEAN, CLEAN, CLEAN, { step: 'say', text: 'all clean' }] }] };
  const agent = stack.use(await startAgent(tmux, script, { name: 'shop-api' }));
  const daemon = stack.use(await startDaemon({ tmux, redis }));
  await daemon.agent('shop-api', ({ since }) => since !== null);
  await agent.type('begin');
  await agent.press('Enter');
  /** Waits for a dialog that is none of these. */
  const another = async (...ids: string[]): Promise<Dialog> => {
    const { dialog } = await daemon.agent(
      'shop-api',
      (seen) => seen.dialog !== null && !ids.includes(seen.dialog.id),
    );
    return dialog as Dialog;
  };
  const approvals = () => agent.entries().filter(({ event }) => event === 'answer').length;
  const [caller, dispose] = [callerOf(daemon), () => stack.disposeAsync()];
  return { agent, caller, another, approvals, [Symbol.asyncDispose]: dispose };
};

it('approves once, however many answer that one question at the same moment', async () => {
  await using scene = await startScene();
  const { caller } = scene;
  const first = await scene.another();
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => caller.answer('shop-api', first.id, '1')),
  );
  const ended = await Promise.all(answers.map(caller.ended));
  const second = await scene.another(first.id);
  expect(scene.approvals()).toBe(1);
  // Whether it was taken nobody can say where the next one looks the same at once.
  expect(ended.map(({ status }) => status).filter((status) => status !== 'failed')).toHaveLength(1);
  for (const { status, error } of ended)
    if (status === 'failed') expect(error).toBe('dialog_stale');
  expect(second).toMatchObject({ question: first.question, options: first.options });
});

it('takes an answer to what was asked before for no answer to what is asked now', async () => {
  await using scene = await startScene();
  const { agent, caller } = scene;
  const first = await scene.another();
  await caller.ended(await caller.answer('shop-api', first.id, '1'));
  const second = await scene.another(first.id);
  await expect(caller.answer('shop-api', first.id, '1')).rejects.toThrow('dialog_stale');
  expect(scene.approvals()).toBe(1);
  // Each is answered all the same, by those who have seen it.
  await caller.ended(await caller.answer('shop-api', second.id, '1'));
  const third = await scene.another(first.id, second.id);
  await caller.ended(await caller.answer('shop-api', third.id, '1'));
  await agent.showing('all clean');
  expect(scene.approvals()).toBe(3);
});
