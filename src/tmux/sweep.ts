/** Looks at panes that do not push, over the shared connection: many in one write, on a common beat. */

import type { Clock, Log, WatchTarget } from '../../actors/ports.ts';
import { ConnectionLost, messageOf, NoServer, saysNoSessions } from './failures.ts';
import type { Channel, Looker } from './look.ts';
import { beatMs, groupsOf, pollMs } from './pace.ts';
import type { BesideText, PaneWatch } from './pane-watch.ts';
import type { Requests } from './requests.ts';
import { createRhythm } from './rhythm.ts';
import type { SharedConnection } from './shared-connection.ts';
import { createSigns } from './signs.ts';

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
  /** How many looks at all polled panes differed since the last call. */
  takePolledChanges(): number;
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
/** So many that one task judges them; thousands of new panes hold nobody up for long. */
const LOOKS_AT_A_TIME = 128;
const RETRY_MS = 1000;
/** A polled pane that changed so lately will probably change again: it goes with the beat. */
const LIVELY_MS = 3000;
/** `window_activity` counts whole seconds: what wrote so lately may have written again since. */
const RECENT_SECONDS = 2;

export const createSweep = (options: SweepOptions): Sweep => {
  const { clock, log, requests, looker, shared } = options;
  const swept = new Map<PaneWatch, { changed: number }>();
  const polled = new Map<PaneWatch, { sign: string | null }>();
  const asked = new Set<PaneWatch>();
  /** All that go with the beat, the one longest not looked at first, and until when they do. */
  const beaten = new Map<PaneWatch, number>();
  const signs = createSigns(requests, clock);
  let polledChanges = 0;

  /** Null while it is worth waiting for the shared connection. */
  const channel = (): Channel | null => {
    if (shared.mode === 'control') return shared.control;
    return shared.mode === 'forked' ? shared : null;
  };
  const unlessForked = (ms: number): number => (shared.mode === 'forked' ? FORKED_PERIOD_MS : ms);

  /** `known`: what need not be asked for beside the text. */
  const lookAt = async (
    watches: readonly PaneWatch[],
    known: (target: WatchTarget) => BesideText | null,
  ): Promise<PaneWatch[]> => {
    const changed: PaneWatch[] = [];
    for (let rest = watches; rest.length > 0; ) {
      const over = channel();
      if (over === null) {
        owe(rest);
        break;
      }
      const now = rest.slice(0, over === shared ? FORKED_AT_A_TIME : LOOKS_AT_A_TIME);
      rest = rest.slice(now.length);
      changed.push(...(await looker.lookAt(over, now, failed, known)));
    }
    return changed;
  };

  const failed = (watch: PaneWatch, error: unknown): void => {
    if (error instanceof NoServer) watch.close('gone', messageOf(error));
    else {
      owe([watch]);
      if (error instanceof ConnectionLost) return;
      log.warn({ pane: watch.target.paneId, error: messageOf(error) }, 'cannot look at a pane');
    }
  };

  /** On a still screen nothing else would bring the look that was missed. */
  const owe = (watches: readonly PaneWatch[]): void => {
    for (const watch of watches) asked.add(watch);
    asks.adjust();
  };

  const asks = createRhythm({
    clock,
    periodMs: () => (asked.size === 0 ? null : RETRY_MS),
    beat: async () => {
      const watches = [...asked].filter(({ open }) => open);
      asked.clear();
      await lookAt(watches, () => null);
    },
  });

  const goWithTheBeat = (watch: PaneWatch): void => {
    beaten.delete(watch);
    beaten.set(watch, swept.has(watch) ? Number.POSITIVE_INFINITY : clock.monotonic() + LIVELY_MS);
  };

  const beats = createRhythm({
    clock,
    periodMs: () => {
      const { size } = beaten;
      if (size === 0) return null;
      return unlessForked(beatMs(size, options.panes()) / groupsOf(size));
    },
    beat: async () => {
      const due = [...beaten.keys().take(Math.ceil(beaten.size / groupsOf(beaten.size)))];
      for (const watch of due) {
        const until = beaten.get(watch) ?? 0;
        beaten.delete(watch);
        if (until > clock.monotonic()) beaten.set(watch, until);
      }
      for (const watch of await lookAt(due, signs.besideText)) {
        const counter = swept.get(watch);
        if (counter !== undefined) counter.changed += 1;
        else if (polled.has(watch)) {
          polledChanges += 1;
          goWithTheBeat(watch);
        }
      }
    },
  });

  const polls = createRhythm({
    clock,
    periodMs: () => {
      if (polled.size + swept.size === 0) return null;
      return unlessForked(pollMs(options.panes(), beaten.size > 0));
    },
    beat: async () => {
      const over = channel();
      if (over === null) return signs.forget();
      try {
        await signs.refresh(over, shared.server);
        for (const watch of await lookAt(moved(), signs.besideText)) goWithTheBeat(watch);
        beats.adjust();
      } catch (error) {
        signs.forget();
        if (error instanceof NoServer || saysNoSessions(error)) {
          for (const watch of polled.keys()) watch.close('gone', messageOf(error));
        } else log.debug({ error: messageOf(error) }, 'cannot ask which panes changed');
      }
    },
  });

  /** The polled panes that changed, but do not go with the beat. */
  const moved = (): PaneWatch[] => {
    const recent = clock.now() / 1000 - RECENT_SECONDS;
    const found: PaneWatch[] = [];
    for (const [watch, last] of polled) {
      const { sessionId, paneId } = watch.target;
      const now = signs.of(watch.target);
      if (now === undefined) {
        watch.close('gone', `tmux no longer has ${paneId} in ${sessionId}`);
      } else if (now.sign !== last.sign || now.activity >= recent) {
        last.sign = now.sign;
        if (!beaten.has(watch)) found.push(watch);
      }
    }
    return found;
  };

  return {
    sweep: (watch) => {
      // Nobody asked while there was nothing to poll or sweep: a title of then would be old news.
      if (polled.size + swept.size === 0) signs.forget();
      swept.set(watch, { changed: 0 });
      goWithTheBeat(watch);
      beats.adjust();
      polls.adjust();
    },
    poll: (watch) => {
      polled.set(watch, { sign: null });
      signs.forget();
      polls.soon();
    },
    drop: (watch) => {
      swept.delete(watch);
      polled.delete(watch);
      asked.delete(watch);
      beaten.delete(watch);
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
    takePolledChanges: () => {
      const taken = polledChanges;
      polledChanges = 0;
      return taken;
    },
    get swept() {
      return swept.size;
    },
    resume: () => {
      signs.forget();
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
