/**
 * Loaded into the daemon before itself: writes how late its event loop was, since it was last
 * asked, into a file whenever it gets a SIGUSR2.
 */

import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 10;

const file = process.env.BENCH_LOOP_DELAY_FILE;
if (isMainThread && file !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  // What is counted is the time between two timers, the time that was meant included.
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  process.on('SIGUSR2', () => {
    const text = JSON.stringify({ p99: late(delays.percentile(99)), max: late(delays.max) });
    delays.reset();
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  });
}
