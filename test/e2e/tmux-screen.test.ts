import { expect, it } from 'vitest';
import { connectTmux } from '../support/connect-tmux.ts';
import { startTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';

const DRAW = String.raw`printf '\033[1;31mred\033[0m 世界 \033]8;;javascript:1\033\\link\033]8;;\033\\\n\033[44mblue  \n\033[0m\033(0lqk\033(B\033[?25l'; cat`;

it('gives the exact grid of a pane, and nothing of another life of it', async () => {
  await using server = await startTmux();
  await using tmux = connectTmux(server);
  const session = await server.newSession({ command: DRAW, width: 24, height: 5 });
  const target = { server: await server.identity(), ...session };
  const screen = await until('the program has drawn', async () => {
    const seen = await tmux.screen(target);
    return seen?.rows[2] ? seen : null;
  });
  expect(screen).toMatchObject({ width: 24, height: 5, cursor: { x: 3, y: 2, visible: false } });
  expect(screen.rows).toHaveLength(5);
  const [red = '', blue = '', lines = ''] = screen.rows;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal
  const plain = (row: string) => row.replace(/\x1b\[[\d;:]*m/g, '');
  expect(red).toContain('\x1b[31mred');
  expect(plain(red).trimEnd()).toBe('red 世界 link');
  expect(blue).toContain('\x1b[44mblue');
  expect(plain(blue)).toBe('blue  ');
  expect(plain(lines).trimEnd()).toBe('┌─┐');

  expect(await tmux.screen({ ...target, panePid: 1 })).toBeNull();
  expect(await tmux.screen({ ...target, server: { pid: 1, startTime: 1 } })).toBeNull();
  await server.run('resize-window', '-t', session.sessionId, '-x', '30', '-y', '4');
  await until('the pane is resized', async () => {
    const seen = await tmux.screen(target);
    return seen?.width === 30 && seen.height === 4 && seen.rows.length === 4;
  });
  await server.run('kill-pane', '-t', session.paneId);
  await until('the pane is gone', async () => (await tmux.screen(target)) === null);
});
