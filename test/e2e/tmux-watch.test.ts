import { expect, test, vi } from 'vitest';
import { connectTmux, targetOf } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { startTmux } from '../support/tmux.ts';
import { recordWatch } from '../support/watch-recorder.ts';

test('what a pane writes is looked at', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  await server.run('send-keys', '-t', session.paneId, 'hello', 'Enter');
  const look = await listener.look(({ text }) => text.includes('hello\nhello'));
  expect(look).toMatchObject({
    ...{ width: 120, height: 40, command: 'cat', panePid: session.panePid },
    ...{ dead: false, deadStatus: null },
  });
  expect(tmux.watching()).toEqual({ attached: 1, shared: 0, swept: 0 });
});

test('lines that the terminal wrapped are joined, and text that looks like protocol is text', async () => {
  await using server = await startTmux();
  const lines = ['%end 1 2 1', '%output %0 x', '%begin 1 2 1', `é🚀${'x'.repeat(300)}`];
  const session = await server.newSession({
    command: `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')}; cat`,
  });
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  const { text } = await listener.look((look) => look.text.includes('x'.repeat(300)));
  expect(text.split('\n', 4).map((line) => line.trimEnd())).toEqual(lines);
});

test('the last of many changes is always seen, and no look repeats the one before', async () => {
  await using server = await startTmux();
  const command = "read _; for i in $(seq 3000); do printf '%s\\033[m\\n' $i; done; cat";
  const session = await server.newSession({ command });
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  await server.run('send-keys', '-t', session.paneId, 'Enter');
  await listener.look(({ text }) => text.includes('\n3000'));
  const screens = listener.looks.map(({ at, ...screen }) => JSON.stringify(screen));
  expect(screens.filter((screen, index) => screen === screens[index - 1])).toEqual([]);
});

test('a look that is asked for comes though nothing changed', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  const watch = tmux.watch(await targetOf(server, session), listener);
  const first = await listener.look(() => true);
  await server.run('send-keys', '-t', session.paneId, 'ready', 'Enter');
  const ready = await listener.look(({ text }) => text.startsWith('ready\nready'));
  const count = listener.looks.length;
  watch.look();
  const again = await listener.look((look) => listener.looks.indexOf(look) >= count);
  expect(again.at).toBeGreaterThanOrEqual(ready.at);
  expect({ ...again, at: 0 }).toEqual({ ...ready, at: 0 });
  expect(first.at).toBeLessThanOrEqual(ready.at);
});

test('a title that changes is a look of its own', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  await server.run(
    'respawn-pane',
    '-k',
    '-t',
    session.paneId,
    "printf '\\033]0;✳ at work\\007'; cat",
  );
  const look = await listener.look(({ title }) => title === '✳ at work');
  expect(look.panePid).not.toBe(session.panePid);
  await server.run('select-pane', '-t', session.paneId, '-T', 'set from elsewhere');
  await tmux.list();
  await listener.look(({ title }) => title === 'set from elsewhere');
});

test('a program that ends in a pane that stays is seen dead when the panes are listed', async () => {
  await using server = await startTmux();
  await server.run('set-option', '-g', 'remain-on-exit', 'on');
  const session = await server.newSession({ command: 'read _; exit 7' });
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  await server.run('send-keys', '-t', session.paneId, 'Enter');
  // tmux says nothing of it by itself.
  await vi.waitFor(async () => expect((await tmux.list())?.panes[0]?.dead).toBe(true), PATIENCE);
  expect(await listener.look(({ dead }) => dead)).toMatchObject({ deadStatus: 7 });
});

test('a split, another window and a new name change nothing for the watch', async () => {
  await using server = await startTmux();
  const session = await server.newSession({ name: 'shop-api' });
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  await server.run('split-window', '-t', session.paneId, 'cat');
  await listener.look(({ height }) => height < 40);
  await server.run('new-window', '-t', session.sessionId, 'cat');
  await server.run('rename-session', '-t', session.sessionId, 'shop web');
  await server.run('send-keys', '-t', session.paneId, 'still here', 'Enter');
  await listener.look(({ text }) => text.includes('still here\nstill here'));
  expect(listener.closings).toEqual([]);
  expect((await tmux.list())?.panes).toMatchObject([
    { paneId: session.paneId, session: 'shop web', active: false },
    { active: false },
    { active: true },
  ]);
});

test("attaching leaves the session's size and environment alone", async () => {
  await using server = await startTmux();
  const session = await server.newSession({ width: 100, height: 30 });
  const state = async () => [
    await server.run('show-environment', '-t', session.sessionId),
    await server.run(
      'list-windows',
      '-t',
      session.sessionId,
      '-F',
      '#{window_width} #{window_height}',
    ),
  ];
  await server.run('set-environment', '-t', session.sessionId, 'SSH_AUTH_SOCK', '/run/agent.sock');
  await server.run('set-environment', '-t', session.sessionId, 'DISPLAY', ':9');
  const before = await state();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  await listener.look(() => true);
  expect(await server.run('list-clients', '-F', '#{client_session}')).not.toBe('');
  expect(await state()).toEqual(before);
  await tmux.stop();
  expect(await state()).toEqual(before);
});

test('garbage, endless lines and open escapes do not end the watch or fill the memory', async () => {
  await using server = await startTmux();
  const session = await server.newSession({
    command: [
      'read _',
      'head -c 2000000 /dev/urandom',
      "printf '\\033c'; head -c 10000000 /dev/zero | tr '\\0' x",
      "printf '\\033]0;open title'; printf '\\033\\\\\\033Popen string'; printf '\\033\\\\\\033[1;2;3'",
      "printf '\\033c'; echo survived; cat",
    ].join('; '),
  });
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  const before = process.memoryUsage().arrayBuffers;
  await server.run('send-keys', '-t', session.paneId, 'Enter');
  await listener.look(({ text }) => text.startsWith('survived'));
  expect(listener.closings).toEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
});

test('nothing of ours is left on the server after the stop', async () => {
  await using server = await startTmux();
  const sessions = await Promise.all(Array.from({ length: 5 }, () => server.newSession()));
  const tmux = connectTmux(server);
  const listeners = await Promise.all(
    sessions.map(async (session) => {
      const listener = recordWatch();
      tmux.watch(await targetOf(server, session), listener);
      return listener;
    }),
  );
  await Promise.all(listeners.map((listener) => listener.connection('attached')));
  expect((await server.run('list-clients')).split('\n')).toHaveLength(6);
  await tmux.stop();
  await vi.waitFor(async () => expect(await server.run('list-clients')).toBe(''), PATIENCE);
  expect(listeners.flatMap(({ closings }) => closings)).toEqual([]);
  expect((await server.run('list-sessions')).split('\n')).toHaveLength(5);
});

test('a stop in the middle of attaching leaves nothing either', async () => {
  await using server = await startTmux();
  const sessions = await Promise.all(Array.from({ length: 20 }, () => server.newSession()));
  const targets = await Promise.all(sessions.map((session) => targetOf(server, session)));
  const tmux = connectTmux(server);
  const listeners = targets.map((target) => {
    const listener = recordWatch();
    tmux.watch(target, listener);
    return listener;
  });
  await listeners[0]?.connection('attached');
  await tmux.stop();
  await vi.waitFor(async () => expect(await server.run('list-clients')).toBe(''), PATIENCE);
});
