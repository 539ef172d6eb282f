/**
 * Knows whether a server runs, without ever starting one, and hears what changes on it: a client
 * in control mode that is in no session, waits for a channel nobody signals, and so has no effect.
 */

import type { Clock, Log } from '../../actors/ports.ts';
import { type ControlClient, createControlClient } from './client.ts';
import { failureOf, NoServer } from './failures.ts';
import { changesListing } from './notices.ts';
import type { Program } from './program.ts';
import { type SocketWait, socketLife, waitForSocket } from './socket-wait.ts';

/** `unsure`: not tried yet, or the connection broke and only a question can tell. */
export type PresenceState = 'unsure' | 'present' | 'absent';

export interface Presence {
  readonly state: PresenceState;
  /** Resolves once the first attempt has told. */
  known(): Promise<void>;
  stop(): void;
}

export interface PresenceOptions {
  program: Program;
  clock: Clock;
  log: Log;
  /** The socket's path. */
  socket: string;
  /** A server came or went, or something on it changed. */
  changed(): void;
}

/** Nobody connects sooner than this to a server that may just be starting. */
const KEEP_AWAY_MS = 250;
const MAX_RETRY_MS = 5000;
/** A connection that stood for so long was a good one. */
const STEADY_MS = 10_000;

export const createPresence = (options: PresenceOptions): Presence => {
  const { program, clock, log, socket } = options;
  const first = Promise.withResolvers<void>();
  let state: PresenceState = 'unsure';
  let client: ControlClient | null = null;
  let failures = 0;
  let begunAt = 0;
  let retry: unknown = null;
  let wait: SocketWait | null = null;

  const become = (next: PresenceState): void => {
    const news = next !== state;
    state = next;
    first.resolve();
    if (news) options.changed();
  };

  const connect = (): void => {
    wait?.stop();
    wait = null;
    begunAt = clock.monotonic();
    const socketBefore = socketLife(socket);
    const mine = createControlClient({
      child: program.control(['wait-for', `agent-monitor-${process.pid}`]),
      clock,
      listener: {
        marked: () => {},
        noticed: (name) => {
          if (changesListing(name)) options.changed();
        },
        ended: (detail) => {
          if (client === mine) lost(detail, socketBefore);
        },
      },
    });
    client = mine;
    mine.started.then(
      () => become('present'),
      () => mine.close(),
    );
  };

  const lost = (detail: string, socketBefore: string): void => {
    client = null;
    const steady = clock.monotonic() - begunAt >= STEADY_MS;
    failures = steady ? 1 : failures + 1;
    if (failureOf(detail) instanceof NoServer) {
      failures = 0;
      const keepAwayMs = KEEP_AWAY_MS;
      wait = waitForSocket({ clock, socket, before: socketBefore, keepAwayMs, appeared: connect });
      become('absent');
      return;
    }
    const retryMs = Math.min(MAX_RETRY_MS, KEEP_AWAY_MS * 2 ** (failures - 1));
    log.debug({ detail, retryMs }, 'the tmux watcher ended');
    retry = clock.setTimeout(connect, retryMs);
    become('unsure');
  };

  connect();
  return {
    get state() {
      return state;
    },
    known: () => first.promise,
    stop: () => {
      clock.clearTimeout(retry);
      wait?.stop();
      const last = client;
      client = null;
      last?.close();
    },
  };
};
