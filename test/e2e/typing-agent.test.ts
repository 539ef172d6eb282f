/** Commands from the API into real panes: a simulated agent, a shell, and all that may be in the way. */

import { expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { startRecordingPane } from '../support/recording-pane.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type PaneAgent, startAgent } from '../support/simulated-agent.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { type Caller, callerOf } from '../support/typing.ts';
import { until } from '../support/until.ts';

/** A turn that ends when it is told to. */
const TURN = { steps: [{ step: 'think' }, { step: 'say', text: 'Done.' }] };
const APPROVAL = { step: 'bash', command: 'npm test', ask: true, output: ['ok'] };

interface Scene extends AsyncDisposable {
  tmux: TestTmux;
  redis: TestRedis;
  agent: PaneAgent;
  daemon: TestDaemon;
  caller: Caller;
}

/** One agent, stepped, in the session `shop-api`, and a monitor that has seen it. */
const startScene = async (script: object, env: Record<string, string> = {}): Promise<Scene> => {
  const stack = new AsyncDisposableStack();
  const tmux = stack.use(await startTmux());
  const redis = stack.use(await startRedis());
  const agent = stack.use(await startAgent(tmux, script, { name: 'shop-api', stepped: true }));
  const daemon = stack.use(await startDaemon({ tmux, redis, env }));
  await daemon.agent('shop-api', ({ since }) => since !== null);
  return {
    ...{ tmux, redis, agent, daemon, caller: callerOf(daemon) },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
};

const prompts = (agent: PaneAgent): unknown[] =>
  agent
    .entries()
    .filter(({ event }) => ['prompt', 'queued', 'input'].includes(event))
    .map(({ text }) => text);

/** Makes it work on its first turn, at the step that is waited for. */
const begin = async ({ agent, daemon }: Scene, prompt = 'begin') => {
  await agent.type(prompt);
  await agent.press('Enter');
  await daemon.agent('shop-api', ({ state }) => state === 'reading');
};

it('types several lines as one prompt, and repeats an Enter that was swallowed', async () => {
  await using scene = await startScene({ swallowEnterMs: 400, turns: [TURN] });
  const { caller, agent } = scene;
  const text = 'fix the parser:\n- it\'s "wrong"\n- $HOME; #{x} and 日本語';
  const command = await caller.ended(await caller.send('shop-api', text));
  expect(command).toMatchObject({ status: 'sent', error: null });
  expect(['turn-started', 'composer-emptied']).toContain(command.evidence);
  expect(command.attempts).toBeGreaterThan(1);
  await agent.until('enter-swallowed');
  expect(prompts(agent)).toEqual([text]);
});

it('types a long text as a paste with a placeholder', async () => {
  await using scene = await startScene({ turns: [TURN] });
  const text = Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n');
  const command = await scene.caller.ended(await scene.caller.send('shop-api', text));
  expect(command).toMatchObject({ status: 'sent', attempts: 1 });
  expect(prompts(scene.agent)).toEqual([text]);
});

it('queues a text into a running turn, and keeps the order', async () => {
  await using scene = await startScene({ turns: [TURN] });
  await begin(scene);
  const { caller, agent } = scene;
  const sent = await Promise.all([
    caller.send('shop-api', 'one'),
    caller.send('shop-api', 'two'),
    caller.send('shop-api', 'three'),
  ]);
  for (const command of sent)
    expect(await caller.ended(command)).toMatchObject({
      status: 'sent',
      evidence: 'composer-emptied',
    });
  expect(prompts(agent)).toEqual(['begin', 'one', 'two', 'three']);
});

it('waits while a dialog is open, and types when it is answered', async () => {
  await using scene = await startScene({ turns: [{ steps: [APPROVAL, { step: 'think' }] }] });
  const { caller, agent } = scene;
  await agent.type('begin');
  await agent.press('Enter');
  const dialog = await caller.dialog('shop-api');
  const command = await caller.send('shop-api', 'and then the docs');
  const answer = await caller.ended(await caller.answer('shop-api', dialog.id, '1'));
  expect(answer).toMatchObject({ status: 'sent', evidence: 'dialog-closed', attempts: 1 });
  expect(await caller.ended(command)).toMatchObject({ status: 'sent' });
  expect(agent.entries().some(({ event }) => event === 'interrupted')).toBe(false);
  expect(prompts(agent)).toContain('and then the docs');
});

it('approves nothing where a dialog opens in the very moment of typing', async () => {
  await using scene = await startScene({
    turns: [{ steps: [{ step: 'think', await: 'paste' }, APPROVAL, { step: 'think' }] }],
  });
  const { caller, agent } = scene;
  await begin(scene);
  const command = await caller.ended(await caller.send('shop-api', '1'));
  expect(command).toMatchObject({ status: 'unknown', evidence: 'dialog-race', attempts: 0 });
  expect(await agent.screen()).toContain('Do you want to proceed?');
});

it('tells of a dialog that opened as Enter was on its way', async () => {
  await using scene = await startScene({
    turns: [{ steps: [{ step: 'think', await: { key: 'enter' } }, APPROVAL, { step: 'think' }] }],
  });
  const { caller, agent } = scene;
  await begin(scene);
  const command = await caller.ended(await caller.send('shop-api', 'go on'));
  expect(command).toMatchObject({ status: 'unknown', evidence: 'dialog-race', attempts: 1 });
  expect(await agent.screen()).toContain('Do you want to proceed?');
});

it("lets a person's draft hold a safe command back, but not one for now", async () => {
  await using scene = await startScene({ turns: [TURN, TURN] });
  const { caller, agent } = scene;
  await agent.type('my half ');
  await agent.showing('my half');
  const safe = await caller.send('shop-api', 'later');
  const now = await caller.ended(await caller.send('shop-api', 'sentence', { when: 'now' }));
  expect(now).toMatchObject({ status: 'sent' });
  expect(await caller.ended(safe)).toMatchObject({ status: 'sent' });
  expect(prompts(agent)).toEqual(['my half sentence', 'later']);
});

it('types an idle command only when the turn is over', async () => {
  await using scene = await startScene({ turns: [TURN, TURN] });
  await begin(scene);
  const { caller, agent } = scene;
  const command = await caller.send('shop-api', 'next task', { when: 'idle' });
  expect(await caller.get(command.id)).toMatchObject({ status: 'queued' });
  await agent.order('next');
  expect(await caller.ended(command)).toMatchObject({ status: 'sent' });
  expect(agent.entries().some(({ event }) => event === 'queued')).toBe(false);
});

it('leaves a text in the composer where it is not to be submitted', async () => {
  await using scene = await startScene({ turns: [TURN] });
  const { caller, agent } = scene;
  const command = await caller.ended(await caller.send('shop-api', 'a draft', { submit: false }));
  expect(command).toMatchObject({ status: 'sent', evidence: 'pasted', attempts: 0 });
  expect(await agent.order('state')).toMatchObject({ draft: 'a draft' });
});

it('moves the cursor to an option without a key, never pressing Enter on another', async () => {
  await using scene = await startScene({ before: ['trust'], turns: [TURN] });
  const { caller, agent } = scene;
  const dialog = await caller.dialog('shop-api');
  const wanted = dialog.options.find(({ label }) => label.includes('I trust'));
  expect(wanted).toMatchObject({ key: null, preselected: false });
  const command = await caller.answer('shop-api', dialog.id, wanted?.id ?? '');
  expect(await caller.ended(command)).toMatchObject({ status: 'sent', evidence: 'dialog-closed' });
  await agent.until('answer');
  expect(agent.entries().some(({ event }) => event === 'exit')).toBe(false);
});

it('gives no answer to another dialog than the one that was asked about', async () => {
  const steps = [APPROVAL, { ...APPROVAL, command: 'rm -rf build' }, { step: 'think' }];
  await using scene = await startScene({ turns: [{ steps }] });
  const { caller, agent, tmux } = scene;
  await agent.type('begin');
  await agent.press('Enter');
  const dialog = await caller.dialog('shop-api');
  // While tmux stands still the next dialog opens, and nobody can know.
  const { pid } = await tmux.identity();
  process.kill(pid, 'SIGSTOP');
  const answer = await caller.answer('shop-api', dialog.id, '1');
  await agent.order('key 1');
  await agent.order('next');
  process.kill(pid, 'SIGCONT');
  expect(await caller.ended(answer)).toMatchObject({
    status: 'failed',
    error: 'dialog_stale',
    evidence: 'not-typed',
    attempts: 0,
  });
  await agent.showing('rm -rf build');
  expect(await agent.screen()).toContain('Do you want to proceed?');
});

it('interrupts a turn, and says so where nothing is running', async () => {
  await using scene = await startScene({ turns: [TURN] });
  const { caller, daemon } = scene;
  const early = await caller.ended(await caller.interrupt('shop-api'));
  expect(early).toMatchObject({ status: 'failed', error: 'nothing_running' });
  await begin(scene);
  const command = await caller.ended(await caller.interrupt('shop-api'));
  expect(command).toMatchObject({ status: 'sent', evidence: 'turn-ended' });
  await daemon.agent('shop-api', ({ reason }) => reason !== 'thinking');
});

it('types into a plain shell, whose echo is the proof', async () => {
  await using tmux = await startTmux();
  await using redis = await startRedis();
  await tmux.newSession({ name: 'shell', command: ['sh'] });
  await using daemon = await startDaemon({ tmux, redis, sessions: ['shell'] });
  const caller = callerOf(daemon);
  await daemon.agent('shell', ({ since }) => since !== null);
  const command = await caller.ended(await caller.send('shell', 'echo a-$((40 + 2))-z'));
  expect(command).toMatchObject({ status: 'sent', evidence: 'echo', attempts: 1 });
  await until('it ran', async () =>
    (await tmux.run('capture-pane', '-p', '-t', '=shell:')).includes('a-42-z') ? true : null,
  );
});

it('fails what waits for a session that was killed, and types nothing into its namesake', async () => {
  await using scene = await startScene({ turns: [TURN] });
  const { caller, agent, tmux, daemon } = scene;
  await agent.type('a draft');
  await agent.showing('a draft');
  const waiting = [await caller.send('shop-api', 'one'), await caller.send('shop-api', 'two')];
  await tmux.newSession({ name: 'other' });
  await tmux.run('kill-session', '-t', agent.sessionId);
  await using pane = await startRecordingPane(tmux, { name: 'shop-api' });
  for (const command of waiting)
    expect(await caller.ended(command)).toMatchObject({
      status: 'failed',
      error: 'target_gone',
      evidence: 'not-typed',
    });
  expect(await pane.bytes()).toHaveLength(0);
  const failed = (await daemon.events()).filter(({ event }) => event === 'command_failed');
  expect(failed).toHaveLength(2);
});

it('calls what was being typed unknown after a kill -9, and goes on with the next', async () => {
  await using scene = await startScene({ swallowEnterMs: 60_000, turns: [TURN] });
  const { caller, agent, daemon } = scene;
  const first = await caller.send('shop-api', 'one');
  await agent.until('enter-swallowed');
  await daemon.end('SIGKILL');
  await daemon.start();
  expect(await caller.ended(first)).toMatchObject({ status: 'unknown' });
  const second = await caller.send('shop-api', 'two');
  expect(await caller.get(second.id)).toMatchObject({ status: 'queued' });
  await agent.press('C-u');
  expect(await caller.ended(second)).toMatchObject({ status: 'failed', error: 'not_submitted' });
  expect(prompts(agent)).toEqual([]);
});

it('ends what is being typed before it stops', async () => {
  await using scene = await startScene({ swallowEnterMs: 400, turns: [TURN] });
  const { caller, agent, daemon } = scene;
  const command = await caller.send('shop-api', 'one');
  await agent.showing('one');
  expect(await daemon.end('SIGTERM')).toBe(0);
  await daemon.start();
  expect(await caller.get(command.id)).toMatchObject({ status: 'sent' });
  expect(prompts(agent)).toEqual(['one']);
});
