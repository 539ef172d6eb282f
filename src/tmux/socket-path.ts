/** Finds the server's socket as tmux itself would. */

import { join } from 'node:path';

/**
 * `socket` is a path as for `tmux -S`, a name as for `tmux -L`, or null for the default: inside
 * tmux that is the server one is in.
 */
export const socketPath = (
  socket: string | null,
  env: { TMUX?: string | undefined; TMUX_TMPDIR?: string | undefined },
  uid: number,
): string => {
  if (socket?.includes('/')) return socket;
  const inside = env.TMUX?.split(',', 1)[0];
  if (socket === null && inside) return inside;
  return join(env.TMUX_TMPDIR || '/tmp', `tmux-${uid}`, socket ?? 'default');
};
