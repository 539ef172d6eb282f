/**
 * Knows whether a server runs, without ever starting one, and hears what changes on it: a client
 * in control mode that is in no session, waits for a channel nobody signals, and so has no effect.
 */

import type { Clock, Log, Part } from '../../actors/ports.ts';
import type { Calm } from './calm.ts';
import { type ControlClient, createControlClient } from './client.ts';
import { failureOf, messageOf, NoServer } from './failures.ts';
import { changesListing } from './notices.ts';
import type { Program } from './program.ts';
import { type SocketWait, socketLife, waitForSocket } from './socket-wait.ts';

export interface Presence {
  /** True where surely no server runs, and none can have come since. */
  readonly absent: boolean;
  start(): void;
  stop(): void;
}

export interface PresenceOptions {
  program: Program;
  clock: Clock;
  log: Log;
  part: Part;
  calm: Calm;
  /** The socket's path. */
  socket: string;
  /** A server came or went, or something on it changed. */
  changed(): void;
}

/** Nobody asks a server sooner than this that may just be starting. */
const KEEP_AWAY_MS = 250;

export const createPresence = (options: PresenceOptions): Presence => {
  const { program, clock, log, part, calm, socket, changed } = options;
  let client: ControlClient | null = null;
  let wait: SocketWait | null = null;
  let stopped = false;
  let retry: unknown = null;

  const connect = async (): Promise<void> => {
    const socketBefore = socketLife(socket);
    try {
      await calm.still();
    } catch (error) {
      lost(error, socketBefore);
      return;
    }
    if (stopped) return;
    const mine = createControlClient({
      program,
      command: ['wait-for', `agent-monitor-${process.pid}`],
      clock,
      listener: {
        marked: () => {},
        noticed: (name) => {
          if (changesListing(name)) changed();
        },
        ended: (detail) => {
          if (client === mine) lost(failureOf(detail), socketBefore);
        },
      },
    });
    client = mine;
    // It says why by its end.
    mine.started.then(
      () => {
        part.running();
        changed();
      },
      () => mine.close(),
    );
  };

  const lost = (error: unknown, socketBefore: string): void => {
    client = null;
    if (stopped) return;
    changed();
    if (error instanceof NoServer) {
      part.idle();
      wait = waitForSocket({
        ...{ clock, socket, before: socketBefore, keepAwayMs: KEEP_AWAY_MS },
        appeared: () => {
          wait?.stop();
          wait = null;
          changed();
          void connect();
        },
      });
      return;
    }
    const retryMs = Math.max(KEEP_AWAY_MS, part.failed(error));
    log.debug({ error: messageOf(error), retryMs }, 'the tmux watcher ended');
    retry = clock.setTimeout(() => void connect(), retryMs);
  };

  return {
    get absent() {
      return wait !== null;
    },
    start: () => void connect(),
    stop: () => {
      stopped = true;
      clock.clearTimeout(retry);
      wait?.stop();
      client?.close();
    },
  };
};
