import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { connectTmux } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { startTmux } from '../support/tmux.ts';

test('a server that is started later is found', async () => {
  await using server = await startTmux({ started: false });
  await using tmux = connectTmux(server);
  expect(await tmux.list()).toBe(null);
  const changed = vi.fn();
  tmux.onChange(changed);
  await server.start();
  const { paneId } = await server.newSession();
  await vi.waitFor(() => expect(changed).toHaveBeenCalled(), PATIENCE);
  await vi.waitFor(
    async () => expect((await tmux.list())?.panes).toMatchObject([{ paneId }]),
    PATIENCE,
  );
});

test('a server is found though not even the folder of its socket was there', async () => {
  await using server = await startTmux({ started: false });
  const socket = join(server.socket, '..', 'later', 'tmux.sock');
  await using tmux = connectTmux({ socket });
  expect(await tmux.list()).toBe(null);
  await using later = await startTmux({ started: false, socket });
  await later.start();
  await vi.waitFor(async () => expect(await tmux.list()).not.toBe(null), PATIENCE);
});

test.each([
  { change: 'a new session', commands: [['new-session', '-d', 'cat']] },
  { change: 'a new name', commands: [['rename-session', '-t', '$0', 'shop-web']] },
  { change: 'a session that ends', commands: [['kill-session', '-t', '$1']] },
  { change: 'another active pane', commands: [['split-window', '-t', '$0', 'cat']] },
])('$change is told without any watch', async ({ commands }) => {
  await using server = await startTmux();
  await server.newSession();
  await server.newSession();
  await using tmux = connectTmux(server);
  const first = Promise.withResolvers<void>();
  const stopFirst = tmux.onChange(() => first.resolve());
  await first.promise;
  stopFirst();
  const changed = vi.fn();
  const stopped = vi.fn();
  tmux.onChange(changed);
  tmux.onChange(stopped)();
  for (const command of commands) await server.run(...command);
  await vi.waitFor(() => expect(changed).toHaveBeenCalled(), PATIENCE);
  expect(stopped).not.toHaveBeenCalled();
});

test('a server that comes and goes is followed', async () => {
  await using server = await startTmux();
  await server.newSession();
  await using tmux = connectTmux(server);
  for (let life = 0; life < 3; life++) {
    await vi.waitFor(async () => expect((await tmux.list())?.panes).toHaveLength(1), PATIENCE);
    await server.kill();
    await vi.waitFor(async () => expect(await tmux.list()).toBe(null), PATIENCE);
    await server.start();
    await server.newSession();
  }
});

test('a server whose socket was removed is told from none, and found again', async () => {
  await using server = await startTmux();
  await server.newSession();
  await using tmux = connectTmux(server);
  const before = await tmux.list();
  const { pid } = await server.identity();
  await rm(server.socket);
  const next = `the tmux server was removed, ${server.socket}: kill -USR1 ${pid} makes`;
  await vi.waitFor(() => expect(tmux.list()).rejects.toThrow(next), PATIENCE);
  process.kill(pid, 'SIGUSR1');
  await vi.waitFor(async () => expect(await tmux.list()).toEqual(before), PATIENCE);
});

test('asking and listening leave no trace on the server', async () => {
  await using server = await startTmux();
  const { sessionId } = await server.newSession();
  await using tmux = connectTmux(server);
  const told = Promise.withResolvers<void>();
  tmux.onChange(() => told.resolve());
  await tmux.list();
  await told.promise;
  expect(await server.run('list-clients')).toBe('');
  const format = '#{session_attached} #{session_last_attached}';
  expect(await server.run('display-message', '-p', '-t', sessionId, format)).toBe('0 ');
});
