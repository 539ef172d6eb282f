import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { connectTmux, targetOf } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { startTmux, type TestSession, type TestTmux } from '../support/tmux.ts';
import { recordWatch } from '../support/watch-recorder.ts';

const attachedSessions = async (server: TestTmux): Promise<string> =>
  server.run('list-clients', '-F', '#{session_id} #{?#{m:*no-output*,#{client_flags}},shared,own}');

/** A person's client, so far as tmux can tell: it keeps its session attached. */
const attachPerson = (server: TestTmux, { sessionId }: TestSession) => {
  const args = ['-S', server.socket, '-C', 'attach-session', '-t', sessionId];
  const person = spawn('tmux', args, { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void person.kill('SIGKILL'));
  return person;
};

test('past the budget panes are watched over the shared connection, and move up when there is room', async () => {
  await using server = await startTmux();
  const [one, other] = [await server.newSession(), await server.newSession()];
  await using tmux = connectTmux(server, { connectionBudget: 1 });
  const [first, second] = [recordWatch(), recordWatch()];
  const firstWatch = tmux.watch(await targetOf(server, one), first);
  await first.connection('attached');
  const watch = tmux.watch(await targetOf(server, other), second);
  await second.look(() => true);
  expect(tmux.watching()).toEqual({ attached: 1, shared: 1, swept: 0 });

  await server.run('send-keys', '-t', other.paneId, 'hello', 'Enter');
  const hello = await second.look(({ text }) => text.startsWith('hello\nhello'));
  await server.run('select-pane', '-t', other.paneId, '-T', 'new title');
  await second.look(({ title }) => title === 'new title');
  const { length } = second.looks;
  watch.look();
  await second.look((look) => second.looks.indexOf(look) >= length && look.text === hello.text);
  expect(second.connections).toEqual(['shared']);

  firstWatch.stop();
  await second.connection('attached');
  await vi.waitFor(() => {
    expect(tmux.watching()).toEqual({ attached: 1, shared: 0, swept: 0 });
  }, PATIENCE);
  await server.run('send-keys', '-t', other.paneId, 'pushed', 'Enter');
  await second.look(({ text }) => text.includes('pushed\npushed'));
  expect(second.closings).toEqual([]);
});

test('a pane on the shared connection that changes in place within a second is seen each time', async () => {
  await using server = await startTmux();
  const command = "i=0; while read _; do i=$((i+1)); printf '\\033[H%s' flip-$i; done";
  const session = await server.newSession({ command });
  await server.run('set-option', '-g', 'remain-on-exit', 'on');
  await using tmux = connectTmux(server, { connectionBudget: 0 });
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('shared');
  for (let flip = 1; flip <= 9; flip++) {
    await server.run('send-keys', '-t', session.paneId, 'Enter');
    await listener.look(({ text }) => text.includes(`flip-${flip}`));
  }
  expect(await attachedSessions(server)).toBe('$0 shared');
});

test.each([
  { ending: 'its session', command: ['kill-session', '-t', '$1'] },
  { ending: 'its pane, while the session lives on', command: ['kill-pane', '-t', '%1'] },
])('a pane on the shared connection is gone with $ending', async ({ command }) => {
  await using server = await startTmux();
  await server.newSession();
  const session = await server.newSession();
  await server.run('new-window', '-t', session.sessionId, 'cat');
  await using tmux = connectTmux(server, { connectionBudget: 0 });
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.look(() => true);
  await server.run(...command);
  expect(await listener.closing()).toBe('gone');
});

test('the shared connection moves on when its session ends', async () => {
  await using server = await startTmux();
  const [one, other] = [await server.newSession(), await server.newSession()];
  await using tmux = connectTmux(server, { connectionBudget: 0 });
  const [first, second] = [recordWatch(), recordWatch()];
  tmux.watch(await targetOf(server, one), first);
  await first.look(() => true);
  tmux.watch(await targetOf(server, other), second);
  await second.look(() => true);
  expect(await attachedSessions(server)).toBe('$0 shared');
  await server.run('kill-session', '-t', one.sessionId);
  expect(await first.closing()).toBe('gone');
  await vi.waitFor(async () => expect(await attachedSessions(server)).toBe('$1 shared'), PATIENCE);
  await server.run('send-keys', '-t', other.paneId, 'moved', 'Enter');
  await second.look(({ text }) => text.includes('moved\nmoved'));
  expect(second.closings).toEqual([]);
});

test('a fragile session is watched and never attached to', async () => {
  await using server = await startTmux();
  await server.newSession();
  const session = await server.newSession();
  await using tmux = connectTmux(server);
  const listener = recordWatch();
  tmux.watch({ ...(await targetOf(server, session)), fragile: true }, listener);
  await server.run('send-keys', '-t', session.paneId, 'hello', 'Enter');
  await listener.look(({ text }) => text.includes('hello\nhello'));
  await vi.waitFor(async () => expect(await attachedSessions(server)).toBe('$0 shared'), PATIENCE);
  expect(listener.connections).toEqual(['shared']);
  expect(
    await server.run('display-message', '-p', '-t', session.sessionId, '#{session_last_attached}'),
  ).toBe('');
});

test('where every session is fragile, processes look, and the session ends when its person leaves', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  const person = attachPerson(server, session);
  await vi.waitFor(async () => expect(await attachedSessions(server)).toBe('$0 own'), PATIENCE);
  await server.run('set-option', '-t', session.sessionId, 'destroy-unattached', 'on');
  await using tmux = connectTmux(server);
  expect((await tmux.list())?.panes).toMatchObject([{ fragile: true }]);
  const listener = recordWatch();
  tmux.watch({ ...(await targetOf(server, session)), fragile: true }, listener);
  await listener.connection('shared');
  await server.run('send-keys', '-t', session.paneId, 'hello', 'Enter');
  await listener.look(({ text }) => text.includes('hello\nhello'));
  expect(await attachedSessions(server)).toBe('$0 own');
  person.stdin.end();
  expect(await listener.closing()).toBe('gone');
});

test('where control mode cannot be had, processes look until it can', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  const folder = mkdtempSync(join(tmpdir(), 'am-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [wrapper, allowed] = [join(folder, 'tmux'), join(folder, 'allowed')];
  const refuse = `[ -e ${allowed} ] || case " $* " in *" -C "*) exit 1;; esac`;
  writeFileSync(wrapper, `#!/bin/sh\n${refuse}\nexec tmux "$@"\n`);
  chmodSync(wrapper, 0o755);
  await using tmux = connectTmux(server, { tmux: wrapper });
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await listener.connection('shared');
  await server.run('send-keys', '-t', session.paneId, 'hello', 'Enter');
  await listener.look(({ text }) => text.includes('hello\nhello'));
  expect(await tmux.capture(session.paneId, { lines: 5, ansi: false })).toBe('hello\nhello');
  expect(await server.run('list-clients')).toBe('');
  writeFileSync(allowed, '');
  await listener.connection('attached');
  expect(listener.closings).toEqual([]);
});

test('where tmux answers nothing, nothing counts as connected', async () => {
  await using server = await startTmux();
  const session = await server.newSession();
  const log = createRecordedLog();
  await using tmux = connectTmux(server, { tmux: 'no-such-tmux', log });
  const listener = recordWatch();
  tmux.watch(await targetOf(server, session), listener);
  await vi.waitFor(() => {
    expect(log.lines.map(({ message }) => message)).toContain('cannot ask which panes changed');
  }, PATIENCE);
  expect(listener.connections).toEqual([]);
  expect(listener.closings).toEqual([]);
});
