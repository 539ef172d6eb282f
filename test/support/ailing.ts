/**
 * Loaded into a daemon before itself: a SIGUSR2 makes it ill. It reads slowly: most of every second
 * its event loop stands still; or it runs out of memory.
 */

import { isMainThread } from 'node:worker_threads';

const PERIOD_MS = 1000;
const HELD_MS = 900;
const GREED_NUMBERS = 10_000;

const { AILMENT } = process.env;

const holdUp = (): void => {
  const still = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.wait(still, 0, 0, HELD_MS), PERIOD_MS);
};

const swallow = (): void => {
  // On the heap, of which the daemon is given little: memory elsewhere would be the machine's.
  const kept: number[][] = [];
  for (;;) kept.push(Array.from({ length: GREED_NUMBERS }, () => Math.random()));
};

if (isMainThread) process.once('SIGUSR2', AILMENT === 'slow' ? holdUp : swallow);
