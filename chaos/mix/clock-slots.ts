/**
 * How far the daemon's clock may be off: so that whatever it writes down still tells when that was.
 * Each setting is a multiple of more than a run lasts, so that no two settings tell the same time.
 */

export interface ClockSlots {
  /** More than all that a run takes. Seconds. */
  readonly longestSeconds: number;
  /** How far it is to be off, in ms; `choice` is from 0 to below 1. */
  offMs(choice: number): number;
  /** By the true clock, what the daemon wrote down during this run. `now` is by the true clock too. */
  trueTime(at: number, now: number): number;
}

/** What comes before and after the faults. */
const BESIDES_MS = 20 * 60_000;
/** Forth and back, in slots: less than the day for which a caller's key is kept. */
const FARTHEST = 4;

export const clockSlots = (runMs: number): ClockSlots => {
  const slotMs = Math.ceil(runMs) + BESIDES_MS;
  return {
    longestSeconds: Math.ceil(slotMs / 1000),
    offMs: (choice) => slotMs * (Math.floor(choice * (2 * FARTHEST + 1)) - FARTHEST),
    trueTime: (at, now) => at - slotMs * Math.ceil((at - now) / slotMs),
  };
};
