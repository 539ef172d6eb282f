/** Why a client ended: tmux says the same whether its session was killed or only it was sent away. */

import type { Listing, WatchTarget } from '../../actors/ports.ts';
import { isSameServer } from './look.ts';
import { isRunning } from './server-process.ts';

/** `list` is to answer a question that begins now. */
export const fateOf = async (
  { server, sessionId, paneId }: WatchTarget,
  list: () => Promise<Listing | null>,
): Promise<'gone' | 'lost'> => {
  if (!isRunning(server.pid)) return 'gone';
  try {
    const listing = await list();
    if (listing === null || !isSameServer(listing.server, server)) return 'gone';
    const isHere = (pane: Listing['panes'][number]): boolean =>
      pane.sessionId === sessionId && pane.paneId === paneId;
    return listing.panes.some(isHere) ? 'lost' : 'gone';
  } catch {
    // The server does not answer; that may be because it has just ended.
    return isRunning(server.pid) ? 'lost' : 'gone';
  }
};
