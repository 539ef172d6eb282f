import type { Clock } from '../../actors/ports.ts';

export interface ManualClock extends Clock {
  /** Moves the time on and calls what falls due on the way, in order. */
  advance(ms: number): void;
  /** How many timers are set. */
  pending(): number;
}

/** A clock that stands still until the test moves it. */
export const createManualClock = (start = Date.UTC(2026, 0, 1)): ManualClock => {
  let now = start;
  let timers: { at: number; callback: () => void }[] = [];

  const nextUntil = (end: number) =>
    timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];

  return {
    now: () => now,
    monotonic: () => now - start,
    setTimeout: (callback, ms) => {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return timer;
    },
    clearTimeout: (timer) => {
      timers = timers.filter((other) => other !== timer);
    },
    advance: (ms) => {
      const end = now + ms;
      for (let timer = nextUntil(end); timer !== undefined; timer = nextUntil(end)) {
        timers = timers.filter((other) => other !== timer);
        now = Math.max(now, timer.at);
        timer.callback();
      }
      now = end;
    },
    pending: () => timers.length,
  };
};
