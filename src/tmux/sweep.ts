/** Looks at panes that do not push, over the shared connection: many in one write, on a common beat. */

import type { Clock, Log, WatchTarget } from '../../actors/ports.ts';
import type { ServerIdentity } from '../../machines/vocabulary.ts';
import { ConnectionLost, messageOf, NoServer, saysNoSessions } from './failures.ts';
import { ask, type Channel, deathOf, isSameServer, type Looker } from './look.ts';
import { beatMs, groupsOf, pollMs } from './pace.ts';
import type { BesideText, PaneWatch } from './pane-watch.ts';
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
const RETRY_MS = 1000;
/** A polled pane that changed so lately will probably change again: it goes with the beat. */
const LIVELY_MS = 3000;
/** How often tmux is asked what runs in each pane. */
const COMMANDS_MS = 500;
/** `window_activity` counts whole seconds: what wrote so lately may have written again since. */
const RECENT_SECONDS = 2;

const keyOf = ({ sessionId, paneId }: Pick<WatchTarget, 'sessionId' | 'paneId'>): string =>
  `${sessionId} ${paneId}`;

export const createSweep = (options: SweepOptions): Sweep => {
  const { clock, log, requests, looker, shared } = options;
  const swept = new Map<PaneWatch, { changed: number }>();
  const polled = new Map<PaneWatch, { sign: string | null }>();
  const asked = new Set<PaneWatch>();
  /** All that go with the beat, the one longest not looked at first, and until when they do. */
  const beaten = new Map<PaneWatch, number>();
  /** By session and pane, as of the last poll. */
  let signs = new Map<string, PaneSign & { server: ServerIdentity | null }>();
  let commandsDueAt = 0;
  let polledChanges = 0;

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
      changed.push(
        ...(await looker.lookAt(over, now, failed, over === shared ? undefined : known)),
      );
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
      for (const watch of await lookAt(due)) {
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
      if (over === null) return;
      const now = clock.monotonic();
      const commands = now >= commandsDueAt;
      if (commands) commandsDueAt = now + COMMANDS_MS;
      try {
        remember(await ask(over, requests.signs({ commands })));
        for (const watch of await lookAt(movedSince())) goWithTheBeat(watch);
        beats.adjust();
      } catch (error) {
        if (error instanceof NoServer || saysNoSessions(error)) {
          for (const watch of polled.keys()) watch.close('gone', messageOf(error));
        } else log.debug({ error: messageOf(error) }, 'cannot ask which panes changed');
      }
    },
  });

  const remember = (found: PaneSign[]): void => {
    const { server } = shared;
    const before = signs;
    signs = new Map();
    for (const sign of found) {
      const command = sign.command ?? before.get(keyOf(sign))?.command ?? null;
      signs.set(keyOf(sign), { ...sign, ...deathOf(sign, sign.panePid), command, server });
    }
  };

  /** What the last signs say of a pane; the text of a look is newer by no more than a poll. */
  const known = (target: WatchTarget): BesideText | null => {
    const sign = signs.get(keyOf(target));
    if (sign?.server == null || !isSameServer(sign.server, target.server)) return null;
    const { title, width, height, command, panePid, dead, deadStatus } = sign;
    return command === null ? null : { title, width, height, command, panePid, dead, deadStatus };
  };

  /** The polled panes that changed, but do not go with the beat. */
  const movedSince = (): PaneWatch[] => {
    const recent = clock.now() / 1000 - RECENT_SECONDS;
    const moved: PaneWatch[] = [];
    for (const [watch, last] of polled) {
      const { sessionId, paneId } = watch.target;
      const now = signs.get(keyOf(watch.target));
      if (now === undefined) {
        watch.close('gone', `tmux no longer has ${paneId} in ${sessionId}`);
      } else if (now.sign !== last.sign || now.activity >= recent) {
        last.sign = now.sign;
        if (!beaten.has(watch)) moved.push(watch);
      }
    }
    return moved;
  };

  return {
    sweep: (watch) => {
      swept.set(watch, { changed: 0 });
      goWithTheBeat(watch);
      beats.adjust();
      polls.adjust();
    },
    poll: (watch) => {
      polled.set(watch, { sign: null });
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
