/** A session's own control-mode client: its pane's output comes as marks, and marks become looks. */

import type { Clock } from '../../actors/ports.ts';
import { type ControlClient, createControlClient } from './client.ts';
import { ConnectionLost, messageOf, saysGone } from './failures.ts';
import { ask, type Looker } from './look.ts';
import { changesListing, movesPanes } from './notices.ts';
import type { OutputMeter } from './output-meter.ts';
import type { PaneWatch } from './pane-watch.ts';
import type { Program } from './program.ts';
import type { Requests } from './requests.ts';
import { createThrottle } from './throttle.ts';

export interface OwnConnection {
  /** Resolves when the client is in the session, or will never be. */
  readonly settled: Promise<void>;
  readonly client: ControlClient;
  /** Looks at the pane without waiting for a mark. */
  look(): void;
  /** Switches the pushed output on or off. While it is off, only `look` looks. */
  push(on: boolean): void;
  /** How often the pane wrote since the last call. */
  takeMarks(): number;
  close(): void;
}

export interface OwnConnectionOptions {
  program: Program;
  clock: Clock;
  requests: Requests;
  looker: Looker;
  watch: PaneWatch;
  /** The client is in the session. */
  attached(): void;
  /** Sessions, windows or panes may have changed. */
  changed(): void;
  meter: OutputMeter;
  /** It is over, whether it ever stood or not; after `close` nobody is told. */
  ended(cause: 'gone' | 'unknown', detail: string): void;
}

/** Agents paint in pieces a few milliseconds apart: a look at once reads half-drawn screens. */
const SETTLE_MS = 8;
const LOOK_GAP_MS = 30;

const MEMBERSHIP_SETTLE_MS = 20;
const MEMBERSHIP_GAP_MS = 1000;

export const createOwnConnection = (options: OwnConnectionOptions): OwnConnection => {
  const { program, clock, requests, looker, watch, meter } = options;
  const { sessionId, paneId } = watch.target;
  /** Other panes of the session, whose output would come for nothing. */
  const hushed = new Set<string>();
  let marks = 0;
  /** When the pane first wrote something that no look has shown, on the monotonic clock. */
  let unseenSince: number | null = null;
  let pushing = true;
  let over = false;
  const settled = Promise.withResolvers<void>();

  const finish = (cause: 'gone' | 'unknown', detail: string): void => {
    if (over) return;
    close();
    options.ended(cause, detail);
  };
  const failed = (error: unknown): void => {
    if (saysGone(error)) finish('gone', messageOf(error));
    // A lost connection ends the client too, which knows better why.
    else if (!(error instanceof ConnectionLost)) finish('unknown', messageOf(error));
  };

  // -E: the session's environment stays as it is. Never ignore-size, never a size of our own.
  const client = createControlClient({
    program,
    command: ['attach-session', '-E', '-t', sessionId, '-f', 'pause-after=1'],
    clock,
    listener: {
      marked: (pane, bytes) => {
        meter.output(bytes);
        marked(pane);
      },
      noticed: (name, rest) => noticed(name, rest),
      ended: (detail) => finish('unknown', detail),
    },
  });
  client.started.catch(failed);

  /**
   * Not by the no-output flag: set while output waits to be sent, that makes tmux 3.3a withhold
   * every later answer. A paused pane is not held up; what it writes is not kept for us.
   */
  const act = async (pane: string, action: 'pause' | 'continue'): Promise<void> => {
    await client.run([['refresh-client', '-A', `${pane}:${action}`]]).catch(failed);
  };

  const resume = async (): Promise<void> => {
    await act(paneId, 'continue');
    looks.now();
  };

  const marked = (pane: string): void => {
    if (pane === paneId) {
      marks += 1;
      unseenSince ??= clock.monotonic();
      looks.mark();
    } else if (!hushed.has(pane)) {
      hushed.add(pane);
      void act(pane, 'pause');
    }
  };

  const looks = createThrottle({
    clock,
    settleMs: SETTLE_MS,
    gapMs: LOOK_GAP_MS,
    act: async () => {
      const since = unseenSince;
      unseenSince = null;
      let missed = false;
      await looker.lookAt(
        client,
        [watch],
        (_, error) => {
          missed = true;
          failed(error);
        },
        () => null,
      );
      if (missed) unseenSince = since;
      else if (since !== null && watch.open) meter.shown((clock.monotonic() - since) / 1000);
    },
  });

  /** A pane moved to another session lives on, but its output no longer comes here. */
  const membership = createThrottle({
    clock,
    settleMs: MEMBERSHIP_SETTLE_MS,
    gapMs: MEMBERSHIP_GAP_MS,
    act: async () => {
      const panes = await ask(client, requests.panesOf(sessionId)).catch(failed);
      if (panes?.includes(paneId) === false) finish('gone', `${paneId} left ${sessionId}`);
    },
  });

  const noticed = (name: string, rest: string): void => {
    if (over) return;
    if (name === 'session-changed') arrived(rest.split(' ', 1)[0] ?? '');
    // Paused not by us: we read too slowly, and tmux dropped what the pane wrote meanwhile.
    else if (name === 'pause' && rest === paneId && pushing) void resume();
    if (movesPanes(name)) {
      membership.mark();
      looks.mark();
    }
    if (changesListing(name)) options.changed();
  };

  /** With detach-on-destroy off, tmux moves the client of a session that ends to another one. */
  const arrived = (session: string): void => {
    if (session === sessionId) {
      options.attached();
      settled.resolve();
      looks.now();
    } else finish('gone', `${sessionId} ended`);
  };

  const close = (): void => {
    over = true;
    settled.resolve();
    looks.stop();
    membership.stop();
    client.close();
  };

  return {
    settled: settled.promise,
    client,
    look: () => looks.now(),
    push: (on) => {
      pushing = on;
      unseenSince = null;
      void (on ? resume() : act(paneId, 'pause'));
    },
    takeMarks: () => {
      const taken = marks;
      marks = 0;
      return taken;
    },
    close,
  };
};
