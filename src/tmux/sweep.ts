/** Looks at panes that do not push, over the shared connection: many in one write, on a common beat. */

import type { Clock, Log } from '../../actors/ports.ts';
import { ConnectionLost, messageOf, NoServer, saysNoSessions } from './failures.ts';
import { ask, type Channel, type Looker } from './look.ts';
import { beatMs, pollMs } from './pace.ts';
import type { PaneWatch } from './pane-watch.ts';
import type { PaneSign, Requests } from './requests.ts';
import { createRhythm } from './rhythm.ts';
import type { SharedConnection } from './shared-connection.ts';

export interface Sweep {
  /** Captures the pane on every beat. */
  sweep(watch: PaneWatch): void;
  /** Captures the pane when a cheap question says that it changed. */
  poll(watch: PaneWatch): void;
  drop(watch: PaneWatch): void;
  /** Captures the pane as soon as possible; it need not be swept or polled. */
  look(watch: PaneWatch): void;
  /** How many looks at the swept pane differed since the last call. */
  takeChanged(watch: PaneWatch): number;
  readonly swept: number;
  /** The shared connection is there again, or is given up for now. */
  resume(): void;
  stop(): void;
}

export interface SweepOptions {
  clock: Clock;
  log: Log;
  requests: Requests;
  looker: Looker;
  shared: SharedConnection;
  /** How many panes the server has. */
  panes(): number;
}

/** Without control mode every look is a process. */
const FORKED_PERIOD_MS = 1000;
/** So few that the shared connection, where it comes, soon takes over the rest. */
const FORKED_AT_A_TIME = 8;
const RETRY_MS = 1000;
/** What changed so lately will probably change again. */
const LIVELY_MS = 3000;
/** `window_activity` counts whole seconds: what wrote so lately may have written again since. */
const RECENT_SECONDS = 2;

export const createSweep = (options: SweepOptions): Sweep => {
  const { clock, log, requests, looker, shared } = options;
  const swept = new Map<PaneWatch, { changed: number }>();
  const polled = new Map<PaneWatch, { sign: string | null }>();
  const asked = new Set<PaneWatch>();
  let changedAt = Number.NEGATIVE_INFINITY;

  const isLively = (): boolean => clock.monotonic() - changedAt < LIVELY_MS;

  /** Null while it is worth waiting for the shared connection. */
  const channel = (): Channel | null => {
    if (shared.mode === 'control') return shared.control;
    return shared.mode === 'forked' ? shared : null;
  };
  const unlessForked = (ms: number): number => (shared.mode === 'forked' ? FORKED_PERIOD_MS : ms);

  const lookAt = async (watches: readonly PaneWatch[]): Promise<PaneWatch[]> => {
    const changed: PaneWatch[] = [];
    for (let rest = watches; rest.length > 0; ) {
      const over = channel();
      if (over === null) {
        for (const watch of rest) asked.add(watch);
        break;
      }
      const now = over === shared ? rest.slice(0, FORKED_AT_A_TIME) : rest;
      rest = rest.slice(now.length);
      changed.push(...(await looker.lookAt(over, now, failed)));
    }
    return changed;
  };

  const failed = (watch: PaneWatch, error: unknown): void => {
    if (error instanceof NoServer) watch.close('gone', messageOf(error));
    else {
      asked.add(watch);
      if (error instanceof ConnectionLost) return;
      log.warn({ pane: watch.target.paneId, error: messageOf(error) }, 'cannot look at a pane');
    }
  };

  const asks = createRhythm({
    clock,
    periodMs: () => (asked.size === 0 ? null : RETRY_MS),
    beat: async () => {
      const watches = [...asked].filter(({ open }) => open);
      asked.clear();
      await lookAt(watches);
    },
  });

  const beats = createRhythm({
    clock,
    periodMs: () => (swept.size === 0 ? null : unlessForked(beatMs(swept.size, options.panes()))),
    beat: async () => {
      for (const watch of await lookAt([...swept.keys()])) {
        const counter = swept.get(watch);
        if (counter !== undefined) counter.changed += 1;
      }
    },
  });

  const polls = createRhythm({
    clock,
    periodMs: () => (polled.size === 0 ? null : unlessForked(pollMs(options.panes(), isLively()))),
    beat: async () => {
      const over = channel();
      if (over === null) return;
      try {
        const changed = await lookAt(changedSince(await ask(over, requests.signs())));
        if (changed.length > 0) changedAt = clock.monotonic();
      } catch (error) {
        if (error instanceof NoServer || saysNoSessions(error)) {
          for (const watch of polled.keys()) watch.close('gone', messageOf(error));
        } else log.debug({ error: messageOf(error) }, 'cannot ask which panes changed');
      }
    },
  });

  const changedSince = (signs: PaneSign[]): PaneWatch[] => {
    const byPane = new Map(signs.map((one) => [`${one.sessionId} ${one.paneId}`, one]));
    const recent = clock.now() / 1000 - RECENT_SECONDS;
    const changed: PaneWatch[] = [];
    for (const [watch, known] of polled) {
      const { sessionId, paneId } = watch.target;
      const now = byPane.get(`${sessionId} ${paneId}`);
      if (now === undefined) {
        watch.close('gone', `tmux no longer has ${paneId} in ${sessionId}`);
      } else if (now.sign !== known.sign || now.activity >= recent) {
        known.sign = now.sign;
        changed.push(watch);
      }
    }
    return changed;
  };

  return {
    sweep: (watch) => {
      swept.set(watch, { changed: 0 });
      beats.adjust();
    },
    poll: (watch) => {
      polled.set(watch, { sign: null });
      polls.soon();
    },
    drop: (watch) => {
      swept.delete(watch);
      polled.delete(watch);
      asked.delete(watch);
      beats.adjust();
      polls.adjust();
    },
    look: (watch) => {
      asked.add(watch);
      asks.soon();
    },
    takeChanged: (watch) => {
      const counter = swept.get(watch);
      const changed = counter?.changed ?? 0;
      if (counter !== undefined) counter.changed = 0;
      return changed;
    },
    get swept() {
      return swept.size;
    },
    resume: () => {
      asks.soon();
      beats.adjust();
      polls.soon();
    },
    stop: () => {
      asks.stop();
      beats.stop();
      polls.stop();
    },
  };
};
