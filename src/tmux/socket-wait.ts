/** Waits until a server has made its socket anew, and then a little longer. */

import { statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock } from '../../actors/ports.ts';

export interface SocketWait {
  stop(): void;
}

export interface SocketWaitOptions {
  clock: Clock;
  /** The socket's path; neither it nor its folder need exist. */
  socket: string;
  /** Its `socketLife` when nobody listened on it. */
  before: string;
  /**
   * From the change to `appeared`: whoever connects in the moment a server starts can make the
   * command fail that starts it (tmux 3.3a, where a dead server had left its socket behind).
   */
  keepAwayMs: number;
  appeared(): void;
}

/** Where the folder cannot be watched, because it does not exist yet, a look must do. */
const STAT_PERIOD_MS = 1000;

export const waitForSocket = (options: SocketWaitOptions): SocketWait => {
  const { clock, socket } = options;
  let before = options.before;
  let soon: unknown = null;
  let later: unknown = null;

  const check = (): void => {
    const now = socketLife(socket);
    if (now === before) return;
    before = now;
    clock.clearTimeout(soon);
    if (now !== NO_SOCKET) soon = clock.setTimeout(options.appeared, options.keepAwayMs);
  };
  const folder = watchFolder(socket, check);
  const tick = (): void => {
    check();
    later = clock.setTimeout(tick, STAT_PERIOD_MS);
  };
  tick();

  return {
    stop: () => {
      folder.close();
      clock.clearTimeout(soon);
      clock.clearTimeout(later);
    },
  };
};

/** Tells one socket file from the next one at the same path. */
export const socketLife = (socket: string): string => {
  const stat = statSync(socket, { throwIfNoEntry: false });
  return stat === undefined ? NO_SOCKET : `${stat.ino} ${stat.ctimeMs}`;
};

/** The `socketLife` of none. */
export const NO_SOCKET = '';

const watchFolder = (socket: string, changed: () => void): { close(): void } => {
  try {
    const watcher = watch(dirname(socket), (_, name) => {
      if (name === basename(socket)) changed();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // No folder yet, or no more inotify instances: the look every second finds it too.
    return { close: () => {} };
  }
};
