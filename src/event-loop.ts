/** How late the event loop is: what holds it up, holds up every session and every caller. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Stats } from '../actors/ports.ts';

export interface EventLoopWatch {
  /** Over the last one to two minutes. */
  read(): Stats['eventLoop'];
  stop(): void;
}

const RESOLUTION_MS = 20;
const WINDOW_MS = 60_000;

export const watchEventLoop = (): EventLoopWatch => {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const windows = createWindows(delays);
  delays.enable();
  const timer = setInterval(windows.next, WINDOW_MS).unref();
  return {
    read: windows.read,
    stop: () => {
      clearInterval(timer);
      delays.disable();
    },
  };
};

/** This window and the one before: a delay is told for at least as long as one lasts. */
export const createWindows = (
  delays: Pick<ReturnType<typeof monitorEventLoopDelay>, 'percentile' | 'max' | 'reset'>,
): { read(): Stats['eventLoop']; next(): void } => {
  const take = (): Stats['eventLoop'] => ({
    p99: late(delays.percentile(99)),
    max: late(delays.max),
  });
  let before: Stats['eventLoop'] = { p99: 0, max: 0 };
  return {
    read: () => {
      const now = take();
      return { p99: Math.max(before.p99, now.p99), max: Math.max(before.max, now.max) };
    },
    next: () => {
      before = take();
      delays.reset();
    },
  };
};

/** Node counts from one of its timers to the next: the time that was meant is no delay. */
const late = (nanoseconds: number): number =>
  Math.max(0, Math.round((nanoseconds / 1e6 - RESOLUTION_MS) * 10) / 10);
