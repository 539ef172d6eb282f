import { expect, test } from 'vitest';
import { socketPath } from '../../../src/tmux/socket-path.ts';

const inside = { TMUX: '/tmp/tmux-7/work,123,0' };

test.each([
  { socket: null, env: {}, expected: '/tmp/tmux-7/default' },
  { socket: 'work', env: {}, expected: '/tmp/tmux-7/work' },
  { socket: '/run/a.sock', env: inside, expected: '/run/a.sock' },
  { socket: null, env: inside, expected: '/tmp/tmux-7/work' },
  { socket: 'other', env: inside, expected: '/tmp/tmux-7/other' },
  { socket: null, env: { TMUX_TMPDIR: '/run/user/7' }, expected: '/run/user/7/tmux-7/default' },
  { socket: null, env: { TMUX: '' }, expected: '/tmp/tmux-7/default' },
])('$socket in $env is $expected', ({ socket, env, expected }) => {
  expect(socketPath(socket, env, 7)).toBe(expected);
});
