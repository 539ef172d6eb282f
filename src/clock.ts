import type { Clock, Stop } from '../actors/ports.ts';

/** The real time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

const CHECK_EVERY_MS = 1_000;
const MAX_DRIFT_MS = 5_000;

/**
 * Calls back with the new time, and by how many ms it has moved, when the wall clock was set or the
 * machine slept: durations counted on the wall clock would otherwise be wrong by as much. Also, with
 * 0 ms, when this process did not run for a while: nobody has looked at anything meanwhile.
 */
export const watchClock = (clock: Clock, jumped: (at: number, byMs: number) => void): Stop => {
  let offset = clock.now() - clock.monotonic();
  let checkedAt = clock.monotonic();
  let timer: unknown;
  const check = () => {
    const now = clock.now();
    const monotonic = clock.monotonic();
    // Whole: what is kept of it is kept as such.
    const drift = Math.round(now - monotonic - offset);
    const wasStopped = monotonic - checkedAt - CHECK_EVERY_MS > MAX_DRIFT_MS;
    checkedAt = monotonic;
    if (Math.abs(drift) > MAX_DRIFT_MS) {
      offset += drift;
      jumped(now, drift);
    } else if (wasStopped) jumped(now, 0);
    timer = clock.setTimeout(check, CHECK_EVERY_MS);
  };
  timer = clock.setTimeout(check, CHECK_EVERY_MS);
  return () => clock.clearTimeout(timer);
};
