/** Tmux clients that end, or whose server's hooks fail, while something is typed. */

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TmuxFailed, TypingUnknown } from '../../actors/errors.ts';
import type { TypingGuard } from '../../machines/vocabulary.ts';
import { NO_LEFTOVERS } from '../../src/tmux/leftovers.ts';
import { createProgram } from '../../src/tmux/program.ts';
import { createTypist } from '../../src/tmux/typist.ts';
import { attach, connectTmux } from '../support/connect-tmux.ts';
import { startRecordingPane } from '../support/recording-pane.ts';
import { systemClock } from '../support/system-clock.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const UNGUARDED: TypingGuard = { absent: [], present: [] };

describe("where the user's own hook fails", () => {
  test.each([true, false])('what was typed was typed (over a connection: %s)', async (attached) => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    if (attached) await attach(tmux, pane.target);
    await server.run('set-hook', '-g', 'after-paste-buffer', 'select-pane -t nowhere');
    await server.run('set-hook', '-g', 'after-send-keys', 'delete-buffer -b none');
    expect(await tmux.typist.paste(pane.target, 'hello', UNGUARDED)).toBe('typed');
    expect(await tmux.typist.press(pane.target, ['x'], UNGUARDED)).toBe('typed');
    expect((await pane.given(18)).toString()).toBe('\x1b[200~hello\x1b[201~x');
  });
});

describe('a tmux client that ends before it has answered', () => {
  /** A typist without connections, whose clients run the script around the real tmux. */
  const typistOver = async (server: TestTmux, folder: string, script: string) => {
    const tmux = join(folder, 'tmux');
    await writeFile(tmux, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const { fork } = createProgram({
      ...{ socket: server.socket, tmux, clock: systemClock, leftovers: NO_LEFTOVERS },
    });
    return createTypist({ connections: () => [], fork, newBufferName: () => 'agent-monitor-x' });
  };

  test.each([
    { title: 'is killed', script: 'tmux "$@" >/dev/null; kill -9 $$' },
    { title: 'is killed and has said something', script: 'tmux "$@"; echo bad >&2; kill -9 $$' },
    { title: 'says nothing', script: 'tmux "$@" >/dev/null; exit 1' },
  ])('and $title may have typed', async ({ script }) => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'am-client-'));
    const typist = await typistOver(server, folder.path, script);
    await expect(typist.press(pane.target, ['x'], UNGUARDED)).rejects.toThrow(TypingUnknown);
    expect((await pane.given(1)).toString()).toBe('x');
  });

  test('is told by what it says, not by what it was to type', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'am-client-'));
    const typist = await typistOver(server, folder.path, 'exit 1');
    const text = 'no server running, lost server';
    await expect(typist.paste(pane.target, text, UNGUARDED)).rejects.toThrow(/ended with status 1/);
  });

  test('and was not even started has typed nothing', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    const { fork } = createProgram({
      ...{ socket: server.socket, tmux: '/nowhere/tmux', clock: systemClock },
      leftovers: NO_LEFTOVERS,
    });
    const typist = createTypist({ connections: () => [], fork, newBufferName: () => 'x' });
    await expect(typist.press(pane.target, ['x'], UNGUARDED)).rejects.toThrow(TmuxFailed);
  });

  test.each([
    { title: 'as it was to type', script: 'case "$*" in *if-shell*) exit 1;; esac; tmux "$@"' },
    {
      title: 'as it brought the rest of the text',
      script: 'case "$*" in *" -a "*) kill -9 $$;; esac; tmux "$@"',
    },
  ])('$title leaves no buffer behind', async ({ script }) => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using folder = await mkdtempDisposable(join(tmpdir(), 'am-client-'));
    const typist = await typistOver(server, folder.path, script);
    const text = 'a secret '.repeat(1_000);
    await expect(typist.paste(pane.target, text, UNGUARDED)).rejects.toThrow();
    await until('the buffer is gone', async () =>
      (await server.run('list-buffers')) === '' ? true : null,
    );
    expect(await pane.bytes()).toHaveLength(0);
  });
});

test('paste buffers that a killed monitor left behind are deleted at the first connection', async () => {
  await using server = await startTmux();
  await using pane = await startRecordingPane(server);
  // No process has a pid as high as this.
  const buffers = ['agent-monitor-99999999-a1', `agent-monitor-${process.pid}-b2`, 'mine'];
  for (const name of buffers) await server.run('set-buffer', '-b', name, 'a secret');
  await using tmux = connectTmux(server);
  await attach(tmux, pane.target);
  await until('the stray one is gone', async () =>
    (await server.run('list-buffers', '-F', '#{buffer_name}')).includes('-a1') ? null : true,
  );
  const left = (await server.run('list-buffers', '-F', '#{buffer_name}')).split('\n');
  expect(left.toSorted()).toEqual([`agent-monitor-${process.pid}-b2`, 'mine']);
});
