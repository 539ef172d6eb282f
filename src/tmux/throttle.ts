/** Answers many calls with few acts: not at once, not too often, and never not at all. */

import type { Clock } from '../../actors/ports.ts';

export interface Throttle {
  /** Something happened: act soon, once it has settled. */
  mark(): void;
  /** Act without waiting, but for the act under way. */
  now(): void;
  stop(): void;
}

export interface ThrottleOptions {
  clock: Clock;
  /** From the first mark to the act. */
  settleMs: number;
  /** The least time from one act to the next. */
  gapMs: number;
  /** The next act waits for this one. */
  act(): Promise<void>;
}

export const createThrottle = ({ clock, settleMs, gapMs, act }: ThrottleOptions): Throttle => {
  let timer: unknown = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let actedAt = Number.NEGATIVE_INFINITY;
  let acting = false;
  let stopped = false;

  const arm = (): void => {
    clock.clearTimeout(timer);
    timer = null;
    if (stopped || acting || dueAt === Number.POSITIVE_INFINITY) return;
    timer = clock.setTimeout(fire, Math.max(0, dueAt - clock.monotonic()));
  };

  const fire = (): void => {
    dueAt = Number.POSITIVE_INFINITY;
    actedAt = clock.monotonic();
    acting = true;
    void act().finally(() => {
      acting = false;
      arm();
    });
  };

  const schedule = (at: number): void => {
    if (at >= dueAt) return;
    dueAt = at;
    arm();
  };

  return {
    mark: () => {
      if (dueAt === Number.POSITIVE_INFINITY) {
        schedule(Math.max(clock.monotonic() + settleMs, actedAt + gapMs));
      }
    },
    now: () => schedule(clock.monotonic()),
    stop: () => {
      stopped = true;
      arm();
    },
  };
};
