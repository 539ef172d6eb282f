import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PaneGone, TmuxFailed } from '../../actors/errors.ts';
import { createControlClient } from '../../src/tmux/client.ts';
import { NO_LEFTOVERS } from '../../src/tmux/leftovers.ts';
import { createProgram } from '../../src/tmux/program.ts';
import { connectTmux, targetOf } from '../support/connect-tmux.ts';
import { PATIENCE } from '../support/patience.ts';
import { systemClock } from '../support/system-clock.ts';
import { startTmux } from '../support/tmux.ts';
import { recordWatch } from '../support/watch-recorder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const programOn = (socket: string) =>
  createProgram({ socket, tmux: 'tmux', clock: systemClock, leftovers: NO_LEFTOVERS });

const text = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
  fc
    .array(fc.constantFrom(...['"', "'", '\\', '$HOME', '#{host}', '#(id)', ';', '~', '{', '}']))
    .map((parts) => `-${parts.join('')}\r\n\t;`),
);

test('an argument comes through a control-mode line byte for byte', async () => {
  await using server = await startTmux();
  const { sessionId } = await server.newSession();
  const file = join(folder, 'buffer');
  const program = programOn(server.socket);
  const client = createControlClient({
    program,
    command: ['attach-session', '-E', '-t', sessionId],
    clock: systemClock,
    listener: { marked: () => {}, noticed: () => {}, ended: () => {} },
  });
  await fc.assert(
    fc.asyncProperty(text, async (sent) => {
      fc.pre(!sent.includes('\0'));
      await client.run([
        ['set-buffer', '-b', 'sent', '--', sent],
        ['save-buffer', '-b', 'sent', file],
      ]);
      // The client writes the file, and tmux does not wait for it.
      await vi.waitFor(() => expect(readFileSync(file)).toEqual(Buffer.from(sent)), PATIENCE);
    }),
    { numRuns: 300 },
  );
  await expect(client.run([['set-buffer', 'a\0b']])).rejects.toThrow('NUL');
  client.close();
  await program.ended();
});

describe('list', () => {
  test('knows every pane, with its session, program, size and place', async () => {
    await using server = await startTmux();
    const session = await server.newSession({
      name: 'shop-api',
      cwd: folder,
      width: 90,
      height: 20,
    });
    await server.run('split-window', '-d', '-t', session.paneId, 'sleep 1000');
    await using tmux = connectTmux(server);
    const listing = await tmux.list();
    expect(listing?.server).toEqual(await server.identity());
    expect(listing?.panes).toMatchObject([
      {
        ...{ sessionId: '$0', session: 'shop-api', windowId: '@0', paneId: '%0' },
        ...{ pid: session.panePid, command: 'cat', cwd: folder, width: 90, active: true },
        ...{ dead: false, deadStatus: null, fragile: false },
      },
      { paneId: '%1', command: 'sleep', active: false },
    ]);
  });

  test('is not confused by what names, titles, paths and programs may hold', async () => {
    await using server = await startTmux();
    const names = [
      'two words',
      `quo"te'd`,
      'ünï 🚀',
      '$1',
      'a:b.c',
      '#(touch x)',
      '%0',
      '=x',
      'a;b',
    ];
    const title = `:$1 "q" 'r' \\t é 🚀 #{host} #(id) | , ; %7`;
    const cwd = join(folder, `line\nbreak\ttab : $HOME #{x} 'q'`);
    mkdirSync(cwd);
    const literally = (format: string) => format.replaceAll('#', '##');
    for (const name of names) {
      const session = { name: literally(name), cwd: literally(cwd) };
      const { paneId } = await server.newSession(session);
      await server.run('select-pane', '-t', paneId, '-T', literally(title));
    }
    await using tmux = connectTmux(server);
    const listing = await tmux.list();
    // tmux itself writes `_` for the two characters that its targets give a meaning to.
    const stored = names.map((name) => name.replace(/[.:]/g, '_'));
    expect(listing?.panes.map(({ session }) => session).sort()).toEqual(stored.sort());
    for (const pane of listing?.panes ?? []) {
      expect(pane).toMatchObject({ title, cwd, command: 'cat', width: 120, height: 40 });
    }
  });

  test('is the same over the shared connection as by a process', async () => {
    await using server = await startTmux();
    const session = await server.newSession({ name: 'ünï "q" 🚀' });
    await using tmux = connectTmux(server);
    const forked = await tmux.list();
    const listener = recordWatch();
    tmux.watch(await targetOf(server, session), listener);
    await listener.connection('attached');
    expect(await tmux.list()).toEqual(forked);
  });

  test('tells how a program ended', async () => {
    await using server = await startTmux();
    await server.run('set-option', '-g', 'remain-on-exit', 'on');
    await server.newSession({ name: 'clean', command: 'exit 0' });
    await server.newSession({ name: 'failed', command: 'exit 3' });
    await server.newSession({ name: 'killed', command: 'kill -9 $$' });
    await using tmux = connectTmux(server);
    await vi.waitFor(async () => {
      const panes = (await tmux.list())?.panes ?? [];
      const ends = panes.map(({ session, dead, deadStatus }) => ({ session, dead, deadStatus }));
      expect(ends).toEqual([
        { session: 'clean', dead: true, deadStatus: 0 },
        { session: 'failed', dead: true, deadStatus: 3 },
        { session: 'killed', dead: true, deadStatus: 137 },
      ]);
    }, PATIENCE);
  });

  test('says which sessions attaching would change', async () => {
    await using server = await startTmux();
    const { sessionId } = await server.newSession();
    await server.newSession();
    // Two commands at once: the next client to leave would destroy the session.
    const program = programOn(server.socket);
    const output = await program.fork([
      ['set-option', '-t', sessionId, 'destroy-unattached', 'on'],
      ['list-panes', '-a', '-F', '#{session_id} #{destroy-unattached}'],
    ]);
    expect(output.toString()).toBe('$0 1\n$1 0');
  });

  test('of a server without sessions is empty', async () => {
    await using server = await startTmux();
    await using tmux = connectTmux(server);
    expect(await tmux.list()).toEqual({ server: await server.identity(), panes: [] });
  });

  test('is null where no server runs, and does not start one', async () => {
    await using tmux = connectTmux({ socket: join(folder, 'tmux.sock') });
    expect(await tmux.list()).toBe(null);
    await using server = await startTmux();
    await server.newSession();
    await server.kill();
    await using other = connectTmux(server);
    expect(await other.list()).toBe(null);
    await expect(server.run('list-sessions')).rejects.toThrow('no server running');
  });

  test('fails with a clear message where there is no tmux', async () => {
    const socket = join(folder, 'tmux.sock');
    await using tmux = connectTmux({ socket }, { tmux: join(folder, 'no-tmux') });
    const listing = tmux.list();
    await expect(listing).rejects.toThrow(TmuxFailed);
    await expect(listing).rejects.toThrow(/cannot run ".*no-tmux": install tmux/);
  });
});

describe('capture', () => {
  test('reads back into the scrollback, and stops at what was written', async () => {
    await using server = await startTmux();
    const { paneId } = await server.newSession({ command: 'seq 1 100; cat', height: 10 });
    await using tmux = connectTmux(server);
    await vi.waitFor(async () => {
      expect(await tmux.capture(paneId, { lines: 3, ansi: false })).toBe('98\n99\n100');
    }, PATIENCE);
    const all = await tmux.capture(paneId, { lines: 1000, ansi: false });
    expect(all.split('\n')).toEqual(Array.from({ length: 100 }, (_, index) => `${index + 1}`));
    const many = await tmux.capture(paneId, { lines: 50, ansi: false });
    expect(many.split('\n')).toHaveLength(50);
  });

  test('keeps colours where asked to', async () => {
    await using server = await startTmux();
    const { paneId } = await server.newSession({
      command: String.raw`printf '\033[31mred\033[m'; cat`,
    });
    await using tmux = connectTmux(server);
    await vi.waitFor(async () => {
      expect(await tmux.capture(paneId, { lines: 5, ansi: false })).toBe('red');
    }, PATIENCE);
    expect(await tmux.capture(paneId, { lines: 5, ansi: true })).toContain('\x1b[31mred');
  });

  test('of a pane that is not there says so', async () => {
    await using server = await startTmux();
    const session = await server.newSession();
    await using tmux = connectTmux(server);
    const options = { lines: 5, ansi: false };
    await expect(tmux.capture('%99', options)).rejects.toThrow(PaneGone);
    const listener = recordWatch();
    tmux.watch(await targetOf(server, session), listener);
    await listener.connection('attached');
    await expect(tmux.capture('%99', options)).rejects.toThrow(PaneGone);
  });
});

describe('killSession', () => {
  test('ends the session, and says so where there is none', async () => {
    await using server = await startTmux();
    const [one, other] = [await server.newSession(), await server.newSession()];
    await using tmux = connectTmux(server);
    const listener = recordWatch();
    tmux.watch(await targetOf(server, one), listener);
    await listener.connection('attached');
    const life = await server.identity();
    await tmux.killSession(life, one.sessionId);
    expect(await listener.closing()).toBe('gone');
    const left = (await tmux.list())?.panes.map(({ sessionId }) => sessionId);
    expect(left).toEqual([other.sessionId]);
    await expect(tmux.killSession(life, one.sessionId)).rejects.toThrow(PaneGone);
    const another = { ...life, startTime: life.startTime - 1 };
    await expect(tmux.killSession(another, other.sessionId)).rejects.toThrow(PaneGone);
    expect((await tmux.list())?.panes).toHaveLength(1);
    await server.kill();
    await expect(tmux.killSession(life, other.sessionId)).rejects.toThrow(PaneGone);
  });
});
