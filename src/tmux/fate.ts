/** Why a client ended: tmux says the same whether its session was killed or only it was sent away. */

import type { Clock, Listing, WatchTarget } from '../../actors/ports.ts';
import { isSameServer } from './look.ts';
import { isRunning } from './server-process.ts';

/** A server that is just ending breaks off in the middle of an answer, but not for long. */
const ASK_AGAIN_MS = 100;
const ASK_FOR_MS = 1000;

/** `list` is to answer a question that begins with the call. */
export const fateOf = async (
  target: WatchTarget,
  list: () => Promise<Listing | null>,
  clock: Clock,
): Promise<'gone' | 'lost'> => {
  const giveUpAt = clock.monotonic() + ASK_FOR_MS;
  while (isRunning(target.server.pid)) {
    try {
      return isListed(target, await list()) ? 'lost' : 'gone';
    } catch {
      if (clock.monotonic() >= giveUpAt) return 'lost';
    }
    await new Promise<void>((resolve) => clock.setTimeout(resolve, ASK_AGAIN_MS));
  }
  return 'gone';
};

const isListed = ({ server, sessionId, paneId }: WatchTarget, listing: Listing | null): boolean =>
  listing !== null &&
  isSameServer(listing.server, server) &&
  listing.panes.some((pane) => pane.sessionId === sessionId && pane.paneId === paneId);
