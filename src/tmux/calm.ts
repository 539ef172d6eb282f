/**
 * Finds the moment to send a control client: one in which nothing happens on the server. What
 * tmux 3.3a does otherwise is told in `door.ts`; asking takes a plain client, and that is safe.
 */

import type { Clock } from '../../actors/ports.ts';
import { ConnectionLost } from './failures.ts';
import type { StillLife } from './requests.ts';

export interface Calm {
  /**
   * Resolves once nothing has moved for a moment; on a server that never is still, after a while
   * all the same. Rejects as the question does.
   */
  still(): Promise<void>;
  /** Resolves once, besides, nobody has typed for some seconds: for what can wait. */
  idle(): Promise<void>;
  /** Rejects whoever waits. */
  stop(): void;
}

const STILL_MS = 300;
const MAX_STILL_WAIT_MS = 10_000;
const IDLE_PERIOD_MS = 1000;
const TYPING_SECONDS = 3;

export const createCalm = (clock: Clock, lookAround: () => Promise<StillLife>): Calm => {
  const pauses = new Set<{ timer: unknown; end(): void }>();
  let stopped = false;

  const pause = async (ms: number): Promise<void> => {
    if (!stopped) {
      await new Promise<void>((resolve) => {
        const one = {
          timer: clock.setTimeout(() => one.end(), ms),
          end: () => {
            pauses.delete(one);
            resolve();
          },
        };
        pauses.add(one);
      });
    }
    if (stopped) throw new ConnectionLost('stopped');
  };

  const stillness = async (): Promise<void> => {
    const giveUpAt = clock.monotonic() + MAX_STILL_WAIT_MS;
    let before = await lookAround();
    for (;;) {
      await pause(STILL_MS);
      const now = await lookAround();
      if (now.scene === before.scene || clock.monotonic() >= giveUpAt) return;
      before = now;
    }
  };

  const idleness = async (): Promise<void> => {
    let before = await lookAround();
    for (;;) {
      await pause(STILL_MS);
      const now = await lookAround();
      // By a clock that was set back, what was typed before it is still to come: nobody types just now.
      const typing = Math.abs(clock.now() / 1000 - now.typedAt) < TYPING_SECONDS;
      if (now.scene === before.scene && !typing) return;
      before = now;
      if (typing) await pause(IDLE_PERIOD_MS);
    }
  };

  return {
    still: together(stillness),
    idle: together(idleness),
    stop: () => {
      stopped = true;
      for (const { timer, end } of [...pauses]) {
        clock.clearTimeout(timer);
        end();
      }
    },
  };
};

/** Whoever comes while others wait, waits with them. */
const together = (wait: () => Promise<void>): (() => Promise<void>) => {
  let waiting: Promise<void> | null = null;
  return () => {
    waiting ??= wait().finally(() => {
      waiting = null;
    });
    return waiting;
  };
};
