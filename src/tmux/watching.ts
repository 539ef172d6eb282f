/** All watches: over the shared connection at first, then each by a client of its own. */

import type { Clock, Listing, Log, Watch, WatchListener, WatchTarget } from '../../actors/ports.ts';
import type { ServerIdentity } from '../../machines/vocabulary.ts';
import { clientBudget } from './budget.ts';
import type { Calm } from './calm.ts';
import type { ControlClient } from './client.ts';
import { messageOf } from './failures.ts';
import { fateOf } from './fate.ts';
import { isSameServer, type Looker } from './look.ts';
import type { OutputMeter } from './output-meter.ts';
import { createOwnConnection, type OwnConnection } from './own-connection.ts';
import { nextPace, type Pace, PUSHING } from './pace.ts';
import { createPaneWatch, type PaneWatch } from './pane-watch.ts';
import type { Program } from './program.ts';
import type { Requests } from './requests.ts';
import { createRhythm } from './rhythm.ts';
import { maxFilesOf } from './server-process.ts';
import type { SharedConnection } from './shared-connection.ts';
import type { Sweep } from './sweep.ts';

export interface Watching {
  watch(target: WatchTarget, listener: WatchListener): Watch;
  /** The watched sessions that attaching does not change. */
  homes(): ReadonlySet<string>;
  /** The client of its own that a watched pane has at the moment. */
  clientOf(pane: Pick<WatchTarget, 'server' | 'paneId'>): ControlClient | null;
  /** `attached` includes the `swept`, whose own client is silent at the moment. */
  count(): { attached: number; shared: number; swept: number };
  /**
   * Looks at the panes of which the listing knows better: a program that ends in a pane that stays,
   * or a title set from elsewhere, comes with no output and no notification.
   */
  compare(listing: Listing): void;
  /** The shared connection has come, or is given up for now. */
  resume(): void;
  /** Asks every client of its own: one that is not answered ends, as one that is idle would not. */
  doubt(): void;
  stop(): void;
}

export interface WatchingOptions {
  program: Program;
  clock: Clock;
  log: Log;
  requests: Requests;
  looker: Looker;
  calm: Calm;
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
  meter: OutputMeter;
}

/** A moment does not last: after so many it is looked for again. */
const ATTACHES_AT_A_TIME = 16;
const ROUND_MS = 1000;
/** Where a client of its own did not come, though the session is there. */
const ATTACH_AGAIN_MS = 30_000;

interface Entry {
  watch: PaneWatch;
  mode: 'starting' | 'polled' | 'attached';
  own: OwnConnection | null;
  pace: Pace;
  /** On the monotonic clock: not to be attached sooner. */
  attachAt: number;
}

export const createWatching = (options: WatchingOptions): Watching => {
  const { clock, log, calm, shared, sweep } = options;
  const entries = new Set<Entry>();
  /** Those that have a client of their own, or are about to. */
  const clients = new Set<Entry>();
  const maxFiles = createMaxFiles();
  let filling = false;

  const begin = (target: WatchTarget, listener: WatchListener): Entry => {
    const closed: WatchListener['closed'] = (cause, detail) => {
      remove(entry);
      listener.closed(cause, detail);
    };
    const heard: WatchListener = {
      looked: (look) => {
        // Not sooner: without an answer nothing is connected, though it is asked for.
        if (entry.mode === 'polled') watch.connected('shared');
        listener.looked(look);
      },
      connected: (by) => listener.connected(by),
      closed,
    };
    const watch = createPaneWatch(target, heard, () => lookAgain(entry));
    const entry: Entry = { watch, mode: 'starting', own: null, pace: PUSHING, attachAt: 0 };
    entries.add(entry);
    shared.want();
    void shared.decided().then(() => poll(entry));
    return entry;
  };

  const poll = (entry: Entry): void => {
    if (!entry.watch.open) return;
    entry.mode = 'polled';
    sweep.poll(entry.watch);
    rounds.adjust();
    void fill();
  };

  /** Gives clients of their own to those that may have one, in a moment when that is safe. */
  const fill = async (): Promise<void> => {
    if (filling || candidates().length === 0) return;
    filling = true;
    try {
      while (candidates().length > 0) {
        await calm.idle();
        await Promise.all(candidates().slice(0, ATTACHES_AT_A_TIME).map(attach));
      }
    } catch (error) {
      log.debug({ error: messageOf(error) }, 'no moment to attach');
    } finally {
      filling = false;
    }
  };

  const candidates = (): Entry[] => {
    const { server } = shared;
    if (server === null) return [];
    const size = { panes: options.panes(), maxFiles: maxFiles(server) };
    const room = clientBudget(options.connectionBudget, size) - clients.size;
    const now = clock.monotonic();
    return [...entries]
      .filter((entry) => entry.mode === 'polled' && !clients.has(entry) && entry.attachAt <= now)
      .filter(({ watch: { target } }) => !target.fragile && isSameServer(target.server, server))
      .slice(0, Math.max(0, room));
  };

  const attach = async (entry: Entry): Promise<void> => {
    const { watch } = entry;
    clients.add(entry);
    entry.own = createOwnConnection({
      ...options,
      watch,
      attached: () => {
        sweep.drop(watch);
        entry.mode = 'attached';
        watch.connected('attached');
      },
      ended: (cause, detail) => void ended(entry, cause, detail),
    });
    await entry.own.settled;
  };

  const ended = async (entry: Entry, cause: 'gone' | 'unknown', detail: string): Promise<void> => {
    const { watch, mode } = entry;
    entry.own = null;
    clients.delete(entry);
    if (cause === 'gone') watch.close('gone', detail);
    else if (mode === 'attached') {
      sweep.drop(watch);
      watch.close(await fateOf(watch.target, options.list, clock), detail);
    } else entry.attachAt = clock.monotonic() + ATTACH_AGAIN_MS;
  };

  const remove = (entry: Entry): void => {
    if (!entries.delete(entry)) return;
    clients.delete(entry);
    sweep.drop(entry.watch);
    entry.own?.close();
    if (entries.size === 0) shared.release();
  };

  const lookAgain = ({ watch, mode, own, pace }: Entry): void => {
    if (mode === 'attached' && !pace.swept) own?.look();
    else if (mode !== 'starting') sweep.look(watch);
  };

  const rounds = createRhythm({
    clock,
    periodMs: () => (entries.size === 0 ? null : ROUND_MS),
    beat: async () => {
      const attached = [...clients].filter(({ mode }) => mode === 'attached');
      const next = nextPace(
        attached.map(({ watch, own, pace }) => ({
          pace,
          events: pace.swept ? sweep.takeChanged(watch) : (own?.takeMarks() ?? 0),
        })),
        sweep.takePolledChanges(),
      );
      for (const [index, entry] of attached.entries()) {
        // Without the shared connection nobody can be swept.
        setPace(entry, shared.server === null ? PUSHING : (next[index] ?? PUSHING));
      }
      void fill();
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
    homes: () => {
      const targets = [...entries].map(({ watch }) => watch.target);
      return new Set(targets.filter(({ fragile }) => !fragile).map(({ sessionId }) => sessionId));
    },
    clientOf: ({ server, paneId }) => {
      for (const { watch, mode, own } of entries) {
        const { target } = watch;
        const isMeant = target.paneId === paneId && isSameServer(target.server, server);
        if (isMeant && mode === 'attached' && own !== null) return own.client;
      }
      return null;
    },
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
      void fill();
    },
    doubt: () => {
      for (const { own } of clients) own?.look();
    },
    stop: () => {
      rounds.stop();
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
