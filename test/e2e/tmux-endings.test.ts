import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type ConnectedTmux, connectTmux, targetOf } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { startTmux, type TestSession, type TestTmux } from '../support/tmux.ts';
import { recordWatch } from '../support/watch-recorder.ts';

const watchAttached = async (server: TestTmux, tmux: ConnectedTmux, session: TestSession) => {
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('attached');
  await listener.look(() => true);
  return listener;
};

/** The process ids of clients that are told what panes write. */
const pushedClients = async (server: TestTmux): Promise<number[]> => {
  const clients = await server.run('list-clients', '-F', '#{client_pid} #{client_flags}');
  return clients
    .split('\n')
    .filter((line) => line !== '' && !line.includes('no-output'))
    .map((line) => Number(line.split(' ')[0]));
};

test('a session that is killed is gone', async () => {
  await using server = await startTmux();
  const [one, other] = [await server.newSession(), await server.newSession()];
  await using tmux = connectTmux(server);
  const listener = await watchAttached(server, tmux, one);
  const others = await watchAttached(server, tmux, other);
  await server.run('kill-session', '-t', one.sessionId);
  expect(await listener.closing()).toBe('gone');
  await server.run('send-keys', '-t', other.paneId, 'going on', 'Enter');
  await others.look(({ text }) => text.includes('going on'));
  expect(others.closings).toEqual([]);
});

test('a session whose last program ends is gone, and so is its server', async () => {
  await using server = await startTmux();
  const session = await server.newSession({ command: 'read _' });
  await server.run('set-option', '-g', 'exit-empty', 'on');
  await using tmux = connectTmux(server);
  const listener = await watchAttached(server, tmux, session);
  await server.run('send-keys', '-t', session.paneId, 'Enter');
  expect(await listener.closing()).toBe('gone');
  await vi.waitFor(async () => expect(await tmux.list()).toBe(null), PATIENCE);
});

test('a session that ends with detach-on-destroy off is gone, and no other is shown for it', async () => {
  await using server = await startTmux();
  await server.run('set-option', '-g', 'detach-on-destroy', 'off');
  const session = await server.newSession();
  const other = await server.newSession({
    command: 'while echo of no concern; do sleep 0.01; done',
  });
  await using tmux = connectTmux(server);
  const listener = await watchAttached(server, tmux, session);
  await server.run('kill-session', '-t', session.sessionId);
  expect(await listener.closing()).toBe('gone');
  await vi.waitFor(async () => {
    const sessions = await server.run('list-clients', '-F', '#{client_session}');
    expect(sessions).toBe('');
  }, PATIENCE);
  expect(listener.closings).toHaveLength(1);
  expect(listener.looks.filter(({ text }) => text.includes('concern'))).toEqual([]);
  expect(await server.run('display-message', '-p', '-t', other.paneId, '#{pane_dead}')).toBe('0');
});

test.each([
  { ending: 'killed', command: ['kill-pane', '-t', '%0'] },
  { ending: 'moved to another session', command: ['move-pane', '-s', '%0', '-t', '$1:0'] },
  { ending: 'moved with its window', command: ['move-window', '-s', '$0:0', '-t', '$1:9'] },
])('a pane that is $ending while its session lives is gone', async ({ command }) => {
  await using server = await startTmux();
  const session = await server.newSession();
  await server.newSession();
  await server.run('new-window', '-t', session.sessionId, 'cat');
  await server.run('split-window', '-t', session.paneId, 'cat');
  await using tmux = connectTmux(server);
  const listener = await watchAttached(server, tmux, session);
  await server.run(...command);
  expect(await listener.closing()).toBe('gone');
  expect(await server.run('has-session', '-t', session.sessionId)).toBe('');
});

test('a server that is killed takes all with it, and the next one is another', async () => {
  await using server = await startTmux();
  const sessions = [await server.newSession(), await server.newSession()];
  await using tmux = connectTmux(server);
  const targets = await Promise.all(sessions.map((session) => targetOf(server, session)));
  const listeners = [];
  for (const session of sessions) listeners.push(await watchAttached(server, tmux, session));
  let changes = 0;
  tmux.onChange(() => {
    changes += 1;
  });
  await server.kill();
  for (const listener of listeners) expect(await listener.closing()).toBe('gone');
  expect(await tmux.list()).toBe(null);
  await vi.waitFor(() => expect(changes).toBeGreaterThan(0), PATIENCE);
  const before = changes;

  await server.start();
  const again = await server.newSession();
  expect(again).toMatchObject({ sessionId: '$0', paneId: '%0' });
  await vi.waitFor(() => expect(changes).toBeGreaterThan(before), PATIENCE);
  await vi.waitFor(async () => expect((await tmux.list())?.panes).toHaveLength(1), PATIENCE);
  const stale = recordWatch();
  tmux.watch(targets[0] as (typeof targets)[0], stale);
  expect(await stale.closing()).toBe('gone');
  expect(stale.looks).toEqual([]);
  await watchAttached(server, tmux, again);
});

test('a same-numbered session of another server life is never attached to', async () => {
  await using server = await startTmux();
  const [one, other] = [await server.newSession(), await server.newSession()];
  const flags = join(dirname(server.socket), 'flags');
  await server.run(
    'set-hook',
    '-g',
    'client-attached',
    `run-shell 'echo "#{client_flags}" >> ${flags}'`,
  );
  await using tmux = connectTmux(server);
  const target = await targetOf(server, one);
  const stale = recordWatch();
  const { pid, startTime } = target.server;
  tmux.watch({ ...target, server: { pid, startTime: startTime - 1 } }, stale);
  expect(await stale.closing()).toBe('gone');
  expect(stale.looks).toEqual([]);
  expect(stale.connections).not.toContain('attached');
  await watchAttached(server, tmux, other);
  // The hook has run for the one that came later, so it has for all before.
  await vi.waitFor(() => {
    const attached = readFileSync(flags, 'utf8').trim().split('\n');
    expect(attached.filter((line) => !line.includes('no-output'))).toHaveLength(1);
  }, PATIENCE);
});

test.each([
  { what: 'session', ids: { sessionId: '$99', paneId: '%99' } },
  { what: 'pane', ids: { paneId: '%99' } },
])('a $what that vanished before the watch began is gone', async ({ ids }) => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch({ ...(await targetOf(server, session)), ...ids }, listener);
  expect(await listener.closing()).toBe('gone');
  expect(listener.looks).toEqual([]);
});

test('a client that is killed is lost, leaves nothing behind, and can be had again', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = await watchAttached(server, tmux, session);
  const [pid, ...others] = await pushedClients(server);
  expect(others).toEqual([]);
  process.kill(pid as number, 'SIGKILL');
  expect(await listener.closing()).toBe('lost');
  await vi.waitFor(async () => expect(await pushedClients(server)).toEqual([]), PATIENCE);
  await watchAttached(server, tmux, session);
});

test('a client that the user detaches is lost, not gone', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = await watchAttached(server, tmux, session);
  await server.run('detach-client', '-s', session.sessionId);
  expect(await listener.closing()).toBe('lost');
});

test('a watch that is stopped says nothing more and lets its clients go', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  const watch = tmux.watch(await targetOf(server, session), listener);
  await listener.look(() => true);
  watch.stop();
  watch.stop();
  watch.look();
  const { length } = listener.looks;
  await server.run('send-keys', '-t', session.paneId, 'unseen', 'Enter');
  await vi.waitFor(async () => expect(await server.run('list-clients')).toBe(''), PATIENCE);
  expect(listener.looks).toHaveLength(length);
  expect(listener.closings).toEqual([]);
  expect(tmux.watching()).toEqual({ attached: 0, shared: 0, swept: 0 });
});
