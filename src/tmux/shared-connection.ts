/**
 * The one client that runs commands for everybody. It must be attached somewhere to be heard, so
 * it sits in a session of the user with its output off, and moves on when that one ends.
 */

import type { Clock, Listing, Log, Part } from '../../actors/ports.ts';
import type { ServerIdentity } from '../../machines/vocabulary.ts';
import type { Calm } from './calm.ts';
import { type ControlClient, createControlClient } from './client.ts';
import { ConnectionLost, messageOf } from './failures.ts';
import { ask, type Channel } from './look.ts';
import { changesListing } from './notices.ts';
import type { Program } from './program.ts';
import type { Requests } from './requests.ts';

/**
 * `off`: nobody wants it. `connecting`: it is worth waiting for. `forked`: control mode cannot be
 * had at the moment; every command is a process of its own, and it is tried again.
 */
type SharedMode = 'off' | 'connecting' | 'control' | 'forked';

/** As a channel, it forks where it is not connected. */
export interface SharedConnection extends Channel {
  readonly mode: SharedMode;
  /** The client itself, while it is connected. */
  readonly control: ControlClient | null;
  /** The server life it is connected to. */
  readonly server: ServerIdentity | null;
  want(): void;
  release(): void;
  /** Resolves once it is worth waiting no longer. */
  decided(): Promise<void>;
}

export interface SharedConnectionOptions {
  program: Program;
  clock: Clock;
  log: Log;
  part: Part;
  requests: Requests;
  calm: Calm;
  /** What is on the server now, without using this connection. */
  list(): Promise<Listing | null>;
  /** Sessions that are watched anyway: attaching to one of these is news to nobody. */
  preferred(): ReadonlySet<string>;
  /** Sessions, windows or panes may have changed. */
  changed(): void;
  /** It has become `control` or `forked`. */
  moved(mode: SharedMode): void;
  /** It stood, and broke: so may others. */
  broke(): void;
}

/** That there is no session for it is no failure of its own. */
const HOMELESS_AGAIN_MS = 5000;
/** Nobody is kept waiting longer than this, or for more than so many failures in a row. */
const PATIENCE_MS = 400;
const FAILURES_BEFORE_FORKING = 3;
/** A connection that stood for so long was a good one. */
const STEADY_MS = 10_000;

export const createSharedConnection = (options: SharedConnectionOptions): SharedConnection => {
  const { program, clock, log, part, requests } = options;
  let mode: SharedMode = 'off';
  let client: ControlClient | null = null;
  let server: ServerIdentity | null = null;
  let attempt = 0;
  let begunAt = 0;
  let failures = 0;
  let retry: unknown = null;
  let impatience: unknown = null;
  const waiting: (() => void)[] = [];

  const become = (next: SharedMode): void => {
    if (mode === next) return;
    mode = next;
    clock.clearTimeout(impatience);
    if (next === 'connecting') {
      impatience = clock.setTimeout(() => become('forked'), PATIENCE_MS);
      return;
    }
    for (const resolve of waiting.splice(0)) resolve();
    if (next !== 'off') options.moved(next);
  };

  const connect = async (): Promise<void> => {
    const mine = ++attempt;
    try {
      await options.calm.still();
      const home = chooseHome(await options.list(), options.preferred());
      if (mine === attempt) attach(home);
    } catch (error) {
      if (mine === attempt) failed(error);
    }
  };

  const attach = (home: string): void => {
    begunAt = clock.monotonic();
    const mine = createControlClient({
      program,
      command: ['attach-session', '-E', '-t', home, '-f', 'no-output,pause-after=1'],
      clock,
      listener: {
        marked: () => {},
        noticed: (name) => {
          if (client !== mine) return;
          // At first, and wherever detach-on-destroy moves it when its session ends.
          if (name === 'session-changed') void settleIn(mine);
          if (changesListing(name)) options.changed();
        },
        ended: (detail) => {
          if (client === mine) failed(new ConnectionLost(detail));
        },
      },
    });
    client = mine;
    mine.started.catch((error: unknown) => {
      if (client === mine) failed(error);
    });
  };

  const settleIn = async (mine: ControlClient): Promise<void> => {
    try {
      const place = await ask(mine, requests.place());
      if (client !== mine) return;
      if (place.fragile) throw new NoHome('moved to a session with destroy-unattached');
      server = place.server;
      if (mode === 'forked') log.info({}, 'the shared tmux connection is there');
      part.running();
      become('control');
    } catch (error) {
      if (client === mine) failed(error);
    }
  };

  const failed = (error: unknown): void => {
    disconnect();
    failures = clock.monotonic() - begunAt >= STEADY_MS ? 1 : failures + 1;
    const isHomeless = error instanceof NoHome;
    if (isHomeless) part.idle();
    const retryMs = isHomeless ? HOMELESS_AGAIN_MS : part.failed(error);
    const hopeless = isHomeless || failures >= FAILURES_BEFORE_FORKING;
    const level = hopeless && mode !== 'forked' ? 'warn' : 'debug';
    log[level]({ error: messageOf(error), retryMs }, 'there is no shared tmux connection');
    if (mode === 'control') options.broke();
    if (hopeless) become('forked');
    else if (mode === 'control') become('connecting');
    retry = clock.setTimeout(() => void connect(), retryMs);
  };

  const disconnect = (): void => {
    client?.close();
    client = null;
    server = null;
  };

  return {
    get mode() {
      return mode;
    },
    get control() {
      return mode === 'control' ? client : null;
    },
    get server() {
      return server;
    },
    run: async (commands) => {
      if (mode !== 'control' || client === null) return program.fork(commands);
      try {
        return await client.run(commands);
      } catch (error) {
        if (error instanceof ConnectionLost) return program.fork(commands);
        throw error;
      }
    },
    want: () => {
      if (mode !== 'off') return;
      become('connecting');
      void connect();
    },
    release: () => {
      attempt += 1;
      failures = 0;
      clock.clearTimeout(retry);
      disconnect();
      part.idle();
      become('off');
    },
    decided: () =>
      mode === 'connecting' ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(),
  };
};

/** There is no session to attach to that would not be changed by it. */
class NoHome extends Error {}

const chooseHome = (listing: Listing | null, preferred: ReadonlySet<string>): string => {
  if (listing === null) throw new NoHome('no tmux server runs');
  const homes = listing.panes.filter(({ fragile }) => !fragile).map(({ sessionId }) => sessionId);
  const home = homes.find((sessionId) => preferred.has(sessionId)) ?? homes[0];
  if (home === undefined) throw new NoHome('every session has destroy-unattached');
  return home;
};
