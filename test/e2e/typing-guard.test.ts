/** What the tmux server itself checks before it types, on real screens. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PaneIdentity, TypingGuard } from '../../machines/vocabulary.ts';
import { attach, connectTmux } from '../support/connect-tmux.ts';
import { startRecordingPane } from '../support/recording-pane.ts';
import { startTmux, type TestTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const UNGUARDED: TypingGuard = { absent: [], present: [] };

/** tmux takes a `;` at the end of an argument for the end of the command. */
const whole = (argument: string): string => argument.replace(/;$/, '\\;');

describe('the guard', () => {
  /** A pane that shows the rows. */
  const showing = async (server: TestTmux, rows: readonly string[]): Promise<PaneIdentity> => {
    const { sessionId, paneId, panePid } = await server.newSession({
      command: ['sh', '-c', 'printf "%s\\n" "$@"; echo shown; exec cat', 'sh', ...rows.map(whole)],
      width: 200,
    });
    await until('the rows are shown', async () =>
      (await server.run('capture-pane', '-p', '-t', paneId)).includes('shown') ? true : null,
    );
    return { server: await server.identity(), sessionId, paneId, panePid };
  };

  const row = fc
    .array(
      fc.constantFrom(
        ...['[', ']', '*', '?', '\\', '#', '{', '}', ',', ':', '/', '"', "'", ';', ' ', '(', ')'],
        ...['#{host}', '#[fg]', '$HOME', 'Yes', 'proceed', '日本語', '❯', '│', '\u00a0', '-', '!'],
        ...['^', '1.', '|', '+', '.', '$', '~', '{2}', '[a-z]', '👩‍👩‍👧', '❤️', 'é', '##', '#(id)'],
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join(''))
    .filter((text) => text.trim() !== '');

  test('finds a row whatever it is made of, and takes no other for it', {
    timeout: 120_000,
  }, async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    await attach(tmux, pane.target);
    const some = fc.array(
      fc.tuple(row, fc.constantFrom('', '%', '%H', '%%')).map((parts) => parts.join('')),
      { minLength: 1, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(some, row, async (rows, other) => {
        const target = await showing(server, rows);
        const press = (guard: Partial<TypingGuard>) =>
          tmux.typist.press(target, ['a'], { ...UNGUARDED, ...guard });
        const screen = (await tmux.see(target))?.text.split('\n') ?? [];
        const drawn = screen.slice(0, rows.length);
        const told = drawn.map((each) => each.replaceAll('\u00a0', ' ').trim());
        expect(await press({ present: drawn, absent: ['Do you want to proceed'] })).toBe('typed');
        for (const each of told.filter((text) => text !== ''))
          expect(await press({ absent: ['zzz', each] })).toBe('blocked');
        const isThere = screen.some((each) => each.trimEnd() === other.trimEnd());
        expect(await press({ present: [...drawn, other] })).toBe(isThere ? 'typed' : 'blocked');
        for (const each of drawn.filter((text) => text.trim() !== ''))
          for (const changed of [`${each}x`, ` ${each}`, each.trimEnd().slice(0, -1)])
            if (!screen.some((shown) => shown.trimEnd() === changed.trimEnd()))
              expect(await press({ present: [changed] })).toBe('blocked');
        await server.run('kill-session', '-t', target.sessionId);
      }),
      { numRuns: 20 },
    );
  });

  const path = '/home/user/project/packages/shop-api/src';
  test.each([
    { expected: ' git push', shown: ' git push --force' },
    { expected: ` curl ${path}/items/list`, shown: ` curl ${path}/items/delete` },
    { expected: ' rm a b', shown: ' rm a|b' },
    { expected: ' rm a b', shown: ' rm a\u00a0b' },
    { expected: ' ❯ 1. Yes', shown: '   1. Yes' },
    { expected: '❯ 1', shown: '❯ 1. Yes' },
    { expected: ' rm 5%', shown: ' rm 5$' },
    { expected: ' 👍', shown: ' 👎' },
    { expected: '', shown: ' something' },
  ])('takes `$shown` for no `$expected`', async ({ expected, shown }) => {
    await using server = await startTmux();
    const target = await showing(server, [shown]);
    await using tmux = connectTmux(server);
    const press = (present: string) =>
      tmux.typist.press(target, ['a'], { absent: [], present: [present] });
    expect(await press(expected)).toBe('blocked');
    expect(await press(shown)).toBe('typed');
  });

  test('lets nothing through that it blocks, and leaves no buffer behind', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    await attach(tmux, pane.target);
    const blocking = { absent: ['ready'], present: [] };
    expect(await tmux.typist.paste(pane.target, 'never', blocking)).toBe('blocked');
    expect(await tmux.typist.press(pane.target, ['n'], blocking)).toBe('blocked');
    expect(await tmux.typist.press(pane.target, ['y'], UNGUARDED)).toBe('typed');
    expect((await pane.given(1)).toString()).toBe('y');
    expect(await server.run('list-buffers')).toBe('');
  });

  test('types into no pane that hands its keys to others, or takes none', async () => {
    await using server = await startTmux();
    await using pane = await startRecordingPane(server);
    await using tmux = connectTmux(server);
    const { paneId } = pane.target;
    await attach(tmux, pane.target);
    const type = () => tmux.typist.paste(pane.target, 'x', UNGUARDED);
    await server.run('set-option', '-w', '-t', paneId, 'synchronize-panes', 'on');
    expect(await type()).toBe('blocked');
    await server.run('set-option', '-w', '-t', paneId, 'synchronize-panes', 'off');
    await server.run('select-pane', '-d', '-t', paneId);
    expect(await type()).toBe('blocked');
    await server.run('select-pane', '-e', '-t', paneId);
    expect(await type()).toBe('typed');
    expect((await pane.given(13)).toString()).toBe('\x1b[200~x\x1b[201~');
  });
});
