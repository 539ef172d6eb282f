/** What is known of all panes beside their text, from one question for the whole server. */

import type { Clock, WatchTarget } from '../../actors/ports.ts';
import type { ServerIdentity } from '../../machines/vocabulary.ts';
import { ask, type Channel, deathOf, isSameServer } from './look.ts';
import type { BesideText } from './pane-watch.ts';
import type { PaneSign, Requests } from './requests.ts';

export interface Signs {
  /** Asks anew. `server`: the life that answers, where that is known. */
  refresh(channel: Channel, server: ServerIdentity | null): Promise<void>;
  /** As of the last question; undefined where the server no longer has the pane. */
  of(target: WatchTarget): PaneSign | undefined;
  /** The same as a look tells it, or null where it is not all known. */
  besideText(target: WatchTarget): BesideText | null;
  /** What is known may be out of date: everything is asked for the next time, and nothing is known until then. */
  forget(): void;
}

/** How often tmux is asked what runs in each pane: it asks the system for each. */
const COMMANDS_MS = 500;

export const createSigns = (requests: Requests, clock: Clock): Signs => {
  let server: ServerIdentity | null = null;
  let signs = new Map<string, PaneSign>();
  let commandsDueAt = Number.NEGATIVE_INFINITY;

  return {
    refresh: async (channel, answering) => {
      const now = clock.monotonic();
      const commands = now >= commandsDueAt;
      if (commands) commandsDueAt = now + COMMANDS_MS;
      const found = await ask(channel, requests.signs({ commands }));
      const before = signs;
      server = answering;
      signs = new Map();
      for (const sign of found) {
        const command = sign.command ?? before.get(keyOf(sign))?.command ?? null;
        signs.set(keyOf(sign), { ...sign, ...deathOf(sign, sign.panePid), command });
      }
    },
    of: (target) => signs.get(keyOf(target)),
    besideText: (target) => {
      const sign = signs.get(keyOf(target));
      if (sign === undefined || server === null || !isSameServer(server, target.server))
        return null;
      const { title, width, height, command, panePid, dead, deadStatus } = sign;
      return command === null ? null : { title, width, height, command, panePid, dead, deadStatus };
    },
    forget: () => {
      server = null;
      signs = new Map();
      commandsDueAt = Number.NEGATIVE_INFINITY;
    },
  };
};

const keyOf = ({ sessionId, paneId }: Pick<WatchTarget, 'sessionId' | 'paneId'>): string =>
  `${sessionId} ${paneId}`;
