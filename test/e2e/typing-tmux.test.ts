/**
 * The typist against a real tmux server, and a program that writes down each byte. Panes are made
 * before our clients come: tmux 3.3a can die where a session and a control client arrive at once.
 */

import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TypingUnknown } from '../../actors/errors.ts';
import type { TypingGuard } from '../../machines/vocabulary.ts';
import { attach, type ConnectedTmux, connectTmux } from '../support/connect-tmux.ts';
import { type RecordingPane, startRecordingPane } from '../support/recording-pane.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const UNGUARDED: TypingGuard = { absent: [], present: [] };
/** `TYPED_TEXTS=10000` for the long run. */
const TEXTS = Number(process.env.TYPED_TEXTS ?? 300);

const anyText = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          ...[
            '"',
            "'",
            '\\',
            '$HOME',
            `$${'{HOME}'}`,
            '#{host}',
            '#(id)',
            ';',
            '~',
            '{',
            '}',
            '%',
            '-',
          ],
          ...['\n', '\r', '\t', '#', '`id`', '&&', 'C-c', 'Enter', '\x1b[200~', '日本', '👩‍👩‍👧'],
        ),
      )
      .map((parts) => parts.join('')),
    fc.string().map((rest) => `-${rest};`),
  )
  .map((text) => text.replaceAll('\0', ''))
  .filter((text) => text !== '' && !text.includes('\x1b[201~'));

const pasted = (text: string): Buffer => Buffer.from(`\x1b[200~${text}\x1b[201~`);

/** Types each text and answers where what arrived differs; null where nothing does. */
const typeAll = async (tmux: ConnectedTmux, pane: RecordingPane, texts: readonly string[]) => {
  let expected = await pane.bytes();
  for (const text of texts) {
    expect(await tmux.typist.paste(pane.target, text, UNGUARDED)).toBe('typed');
    expected = Buffer.concat([expected, pasted(text)]);
  }
  expect((await pane.given(expected.length)).equals(expected)).toBe(true);
};

describe('a text arrives byte for byte, as one paste', () => {
  test(`over the session's own connection (${TEXTS} texts)`, { timeout: 600_000 }, async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    await attach(tmux, pane.target);
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: 10, maxLength: 10 }), (texts) =>
        typeAll(tmux, pane, texts),
      ),
      { numRuns: Math.ceil(TEXTS / 10) },
    );
    expect(await server.run('list-buffers')).toBe('');
  });

  test('through a process of its own', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    expect(tmux.watching()).toEqual({ attached: 0, shared: 0, swept: 0 });
    await typeAll(tmux, pane, fc.sample(anyText, 40));
    await typeAll(tmux, pane, ['x;', ';', 'a'.repeat(4000), '€'.repeat(20_000)]);
  });

  test('with 64 KB of it', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    await attach(tmux, pane.target);
    await typeAll(tmux, pane, ["it's €\n".repeat(64 * 1024).slice(0, 21_000), 'z'.repeat(65_536)]);
  });

  test('without what would end the paste early, however it is put together', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    const { typist } = tmux;
    await typist.paste(pane.target, 'a\x1b[201~b\x1b[20\x1b[201~1~c\0', UNGUARDED);
    expect(await pane.given(15)).toEqual(pasted('abc'));
    expect(await typist.paste(pane.target, '\x1b[201~', UNGUARDED)).toBe('typed');
    await typist.press(pane.target, ['Enter'], UNGUARDED);
    expect(await pane.given(16)).toEqual(Buffer.concat([pasted('abc'), Buffer.from('\r')]));
  });
});

test('keys arrive as keys', async () => {
  await using server = await startTmux();
  await using pane = await startRecordingPane(server);
  await using tmux = connectTmux(server);
  await attach(tmux, pane.target);
  await tmux.typist.press(pane.target, ['Down', 'Up', 'Escape', '1', 'y', 'Enter'], UNGUARDED);
  expect((await pane.given(10)).toString()).toBe('\x1b[B\x1b[A\x1b1y\r');
});

test('copy mode is left first', async () => {
  await using server = await startTmux();
  await using pane = await startRecordingPane(server);
  await using tmux = connectTmux(server);
  const { paneId } = pane.target;
  await attach(tmux, pane.target);
  for (const [typed, how] of [
    ['x', () => tmux.typist.press(pane.target, ['x'], UNGUARDED)],
    [pasted('y').toString(), () => tmux.typist.paste(pane.target, 'y', UNGUARDED)],
  ] as const) {
    await server.run('copy-mode', '-t', paneId);
    const before = await pane.bytes();
    expect(await how()).toBe('typed');
    const all = await pane.given(before.length + typed.length);
    expect(all.subarray(before.length).toString()).toBe(typed);
    expect(await server.run('display-message', '-p', '-t', paneId, '#{pane_in_mode}')).toBe('0');
  }
});

describe('nothing is typed', () => {
  test('into a pane that is gone, dead, or runs another program by now', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using other = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    await attach(tmux, other.target);
    const { target } = pane;
    const both = async () => [
      await tmux.typist.paste(target, 'x', UNGUARDED),
      await tmux.typist.press(target, ['Enter'], UNGUARDED),
    ];
    await server.run('set-option', '-g', 'remain-on-exit', 'on');
    process.kill(target.panePid);
    await until('it is dead', async () =>
      (await server.run('display-message', '-p', '-t', target.paneId, '#{pane_dead}')) === '1'
        ? true
        : null,
    );
    expect(await both()).toEqual(['gone', 'gone']);
    await server.run('respawn-pane', '-k', '-t', target.paneId, 'cat');
    expect(await both()).toEqual(['gone', 'gone']);
    await server.run('kill-session', '-t', target.sessionId);
    expect(await both()).toEqual(['gone', 'gone']);
    expect(await pane.bytes()).toHaveLength(0);
    expect(await server.run('list-buffers')).toBe('');
  });

  test('into the same ids of another server life, nor where no server is left', async () => {
    await using server = await startTmux();
    await using before = await startRecordingPane(server, { name: 'shop-api' });
    await using tmux = connectTmux(server);
    await server.kill();
    const both = async () => [
      await tmux.typist.paste(before.target, 'x', UNGUARDED),
      await tmux.typist.press(before.target, ['Enter'], UNGUARDED),
    ];
    expect(await both()).toEqual(['gone', 'gone']);
    await server.start();
    await using after = await startRecordingPane(server, { name: 'shop-api' });
    expect(after.target.paneId).toBe(before.target.paneId);
    expect(await both()).toEqual(['gone', 'gone']);
    expect(await after.bytes()).toHaveLength(0);
    expect(await server.run('list-buffers')).toBe('');
  });
});

describe('it is unknown whether it was typed', () => {
  /** Asks for a key of a server that stands still, so that its answer is still to come. */
  const askFrozen = async (server: TestTmux, tmux: ConnectedTmux, pane: RecordingPane) => {
    await attach(tmux, pane.target);
    const clients = (await server.run('list-clients', '-F', '#{client_pid}')).split('\n');
    process.kill(pane.target.server.pid, 'SIGSTOP');
    const typing = tmux.typist.press(pane.target, ['x'], UNGUARDED);
    typing.catch(() => {});
    // By then it was written.
    await setImmediate();
    return { typing, clients: clients.map(Number) };
  };

  test('where the client dies between the question and the answer', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    const { typing, clients } = await askFrozen(server, tmux, pane);
    for (const pid of clients) process.kill(pid, 'SIGKILL');
    await expect(typing).rejects.toThrow(TypingUnknown);
    process.kill(pane.target.server.pid, 'SIGCONT');
  });

  test('where the server dies before it answers', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    const { typing } = await askFrozen(server, tmux, pane);
    process.kill(pane.target.server.pid, 'SIGKILL');
    await expect(typing).rejects.toThrow(TypingUnknown);
  });
});

test('a client goes on answering in order after a command that ran others', async () => {
  await using server = await startTmux();
  await using pane = await startRecordingPane(server, { echo: true });
  await using tmux = connectTmux(server);
  await attach(tmux, pane.target);
  const { paneId } = pane.target;
  await server.run('set-hook', '-g', 'after-paste-buffer', 'display-message -p hooked');
  const [typed, shown, blocked, again] = await Promise.all([
    tmux.typist.paste(pane.target, 'hello', UNGUARDED),
    tmux.capture(paneId, { lines: 40, ansi: false }),
    tmux.typist.press(pane.target, ['x'], { absent: ['ready'], present: [] }),
    tmux.capture(paneId, { lines: 40, ansi: false }),
  ]);
  expect([typed, blocked]).toEqual(['typed', 'blocked']);
  for (const screen of [shown, again]) expect(screen).toMatch(/^ready/);
});
