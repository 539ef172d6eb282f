/** All watches: each by a client of its own while the server can bear it, else by the shared one. */

import type { Clock, Listing, Log, Watch, WatchListener, WatchTarget } from '../../actors/ports.ts';
import type { ServerIdentity } from '../../machines/vocabulary.ts';
import { clientBudget } from './budget.ts';
import type { ControlClient } from './client.ts';
import { messageOf } from './failures.ts';
import { createLimit } from './limit.ts';
import { ask, isSameServer, type Looker } from './look.ts';
import { createOwnConnection, type OwnConnection } from './own-connection.ts';
import { nextPace, type Pace, PUSHING } from './pace.ts';
import { createPaneWatch, type PaneWatch } from './pane-watch.ts';
import type { Program } from './program.ts';
import type { Requests } from './requests.ts';
import { createRhythm } from './rhythm.ts';
import { isRunning, maxFilesOf } from './server-process.ts';
import type { SharedConnection } from './shared-connection.ts';
import type { Sweep } from './sweep.ts';

export interface Watching {
  watch(target: WatchTarget, listener: WatchListener): Watch;
  /** The client of its own that a watched pane has at the moment. */
  clientOf(pane: Pick<WatchTarget, 'server' | 'paneId'>): ControlClient | null;
  /** The sessions that are watched now. */
  sessions(): ReadonlySet<string>;
  /** `attached` includes the `swept`, whose own client is silent at the moment. */
  count(): { attached: number; shared: number; swept: number };
  /**
   * Looks at the panes of which the listing knows better: a program that ends in a pane that stays,
   * or a title set from elsewhere, comes with no output and no notification.
   */
  compare(listing: Listing): void;
  /** The shared connection has come, or is given up for now. */
  resume(): void;
  stop(): void;
}

export interface WatchingOptions {
  program: Program;
  clock: Clock;
  log: Log;
  requests: Requests;
  looker: Looker;
  shared: SharedConnection;
  sweep: Sweep;
  /** The most clients of our own on one server. */
  connectionBudget: number;
  /** What is on the server now, by a question that begins after the call. */
  list(): Promise<Listing | null>;
  /** How many panes the server has. */
  panes(): number;
  /** Sessions, windows or panes may have changed. */
  changed(): void;
}

const ATTACHES_AT_A_TIME = 8;
const PACE_PERIOD_MS = 1000;

interface Entry {
  watch: PaneWatch;
  mode: 'starting' | 'attached' | 'polled';
  own: OwnConnection | null;
  pace: Pace;
}

export const createWatching = (options: WatchingOptions): Watching => {
  const { clock, log, requests, shared, sweep } = options;
  const entries = new Set<Entry>();
  /** Those that have a client of their own, or will get one. */
  const clients = new Set<Entry>();
  const inTurn = createLimit(ATTACHES_AT_A_TIME);
  const maxFiles = createMaxFiles();

  const begin = (target: WatchTarget, listener: WatchListener): Entry => {
    const closed: WatchListener['closed'] = (cause, detail) => {
      remove(entry);
      listener.closed(cause, detail);
    };
    const watch = createPaneWatch(target, {
      looked: (look) => listener.looked(look),
      connected: (by) => listener.connected(by),
      closed,
    });
    const entry: Entry = { watch, mode: 'starting', own: null, pace: PUSHING };
    entries.add(entry);
    shared.want();
    void shared.decided().then(() => place(entry));
    return entry;
  };

  const place = (entry: Entry): void => {
    if (!entry.watch.open || entry.mode === 'attached' || clients.has(entry)) return;
    if (mayAttach(entry.watch.target)) {
      clients.add(entry);
      void inTurn(() => attach(entry));
    } else if (entry.mode === 'starting') poll(entry);
  };

  const mayAttach = ({ fragile, server }: WatchTarget): boolean => {
    if (fragile || shared.mode !== 'control') return false;
    const size = { panes: options.panes(), maxFiles: maxFiles(server) };
    return clients.size < clientBudget(options.connectionBudget, size);
  };

  const attach = async (entry: Entry): Promise<void> => {
    const { watch } = entry;
    try {
      const server = shared.server ?? (await ask(shared, requests.identity()));
      if (!watch.open) return;
      if (!isSameServer(server, watch.target.server)) {
        watch.close('gone', 'another tmux server runs now');
        return;
      }
      entry.own = createOwnConnection({
        ...options,
        watch,
        attached: () => attached(entry),
        ended: (cause, detail) => void ended(entry, cause, detail),
      });
      await entry.own.settled;
    } catch (error) {
      await ended(entry, 'unknown', messageOf(error));
    }
  };

  const attached = (entry: Entry): void => {
    sweep.drop(entry.watch);
    entry.mode = 'attached';
    entry.watch.connected('attached');
    paces.adjust();
  };

  const ended = async (entry: Entry, cause: 'gone' | 'unknown', detail: string): Promise<void> => {
    entry.own = null;
    clients.delete(entry);
    // A client that was to relieve the shared connection: that one goes on.
    if (entry.mode === 'polled' && cause === 'unknown') return;
    sweep.drop(entry.watch);
    const fate = cause === 'gone' ? cause : await fateOf(entry.watch.target);
    entry.watch.close(fate, detail);
  };

  /** tmux says the same whether the session was killed or only the client was sent away. */
  const fateOf = async ({ server, sessionId, paneId }: WatchTarget): Promise<'gone' | 'lost'> => {
    if (!isRunning(server.pid)) return 'gone';
    try {
      const listing = await options.list();
      if (listing === null || !isSameServer(listing.server, server)) return 'gone';
      const there = listing.panes.some(
        (pane) => pane.sessionId === sessionId && pane.paneId === paneId,
      );
      return there ? 'lost' : 'gone';
    } catch (error) {
      log.debug({ pane: paneId, error: messageOf(error) }, 'cannot tell why a client ended');
      return isRunning(server.pid) ? 'lost' : 'gone';
    }
  };

  const poll = (entry: Entry): void => {
    entry.mode = 'polled';
    entry.watch.connected('shared');
    sweep.poll(entry.watch);
  };

  const remove = (entry: Entry): void => {
    if (!entries.delete(entry)) return;
    clients.delete(entry);
    sweep.drop(entry.watch);
    entry.own?.close();
    if (entries.size === 0) shared.release();
    else fill();
  };

  /** There may be room for more clients. */
  const fill = (): void => {
    for (const entry of entries) place(entry);
  };

  const lookAgain = ({ watch, mode, own, pace }: Entry): void => {
    if (mode === 'attached' && !pace.swept) own?.look();
    else if (mode !== 'starting') sweep.look(watch);
  };

  const paces = createRhythm({
    clock,
    periodMs: () => (clients.size === 0 ? null : PACE_PERIOD_MS),
    beat: async () => {
      const panes = [...clients].filter(({ mode }) => mode === 'attached');
      const seconds = panes.map(({ watch, own, pace }) => ({
        pace,
        events: pace.swept ? sweep.takeChanged(watch) : (own?.takeMarks() ?? 0),
      }));
      const next = nextPace(seconds);
      for (const [index, entry] of panes.entries()) {
        setPace(entry, shared.mode === 'control' ? (next[index] ?? PUSHING) : PUSHING);
      }
    },
  });

  const setPace = (entry: Entry, pace: Pace): void => {
    const switched = pace.swept !== entry.pace.swept;
    entry.pace = pace;
    if (!switched) return;
    entry.own?.push(!pace.swept);
    if (pace.swept) sweep.sweep(entry.watch);
    else sweep.drop(entry.watch);
  };

  return {
    watch: (target, listener) => {
      const entry = begin(target, listener);
      return {
        look: () => {
          entry.watch.ask();
          lookAgain(entry);
        },
        stop: () => {
          entry.watch.stop();
          remove(entry);
        },
      };
    },
    clientOf: ({ server, paneId }) => {
      for (const { watch, mode, own } of entries) {
        const { target } = watch;
        const isMeant = target.paneId === paneId && isSameServer(target.server, server);
        if (isMeant && mode === 'attached' && own !== null) return own.client;
      }
      return null;
    },
    sessions: () => new Set([...entries].map(({ watch }) => watch.target.sessionId)),
    count: () => ({
      attached: [...entries].filter(({ mode }) => mode === 'attached').length,
      shared: [...entries].filter(({ mode }) => mode === 'polled').length,
      swept: sweep.swept,
    }),
    compare: ({ panes }) => {
      const byId = new Map(panes.map((pane) => [pane.paneId, pane]));
      for (const entry of entries) {
        const pane = byId.get(entry.watch.target.paneId);
        const stale = pane !== undefined && entry.watch.isNews(pane);
        if (stale && !entry.pace.swept) lookAgain(entry);
      }
    },
    resume: () => {
      sweep.resume();
      fill();
    },
    stop: () => {
      paces.stop();
      for (const entry of entries) {
        entry.watch.stop();
        remove(entry);
      }
    },
  };
};

/** The limit is asked for once per server life. */
const createMaxFiles = () => {
  let known: { server: ServerIdentity; maxFiles: number } | null = null;
  return (server: ServerIdentity): number => {
    if (known === null || !isSameServer(known.server, server)) {
      known = { server, maxFiles: maxFilesOf(server.pid) };
    }
    return known.maxFiles;
  };
};
