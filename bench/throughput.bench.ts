/** How fast a program in a pane gets rid of what it writes, whatever becomes of who watches it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startDaemon, type TestDaemon } from '../test/support/daemon.ts';
import { startRedis } from '../test/support/redis.ts';
import { createDataFolder } from '../test/support/store.ts';
import { startTmux } from '../test/support/tmux.ts';
import { processSeconds } from './cpu.ts';
import { percentile } from './figures.ts';
import { now } from './program.ts';

export interface ThroughputRow {
  monitor: string;
  /** Of several windows the middle one, in MB/s, and in MB for each second of the tmux server's CPU. */
  rate: number;
  perServerSecond: number;
}

export interface ThroughputOptions {
  /** How long each window is. */
  seconds: number;
  signal: AbortSignal;
  say(text: string): void;
}

const ROUNDS = 5;
/** So that tmux has noticed that nobody reads, and the daemon that there is too much. */
const SETTLE_MS = 2500;
const WRITER = new URL('../test/support/counting-writer.ts', import.meta.url).pathname;

export const throughput = async (options: ThroughputOptions): Promise<ThroughputRow[]> => {
  const { seconds, signal, say } = options;
  await using tmux = await startTmux();
  await using redis = await startRedis();
  using folder = createDataFolder();
  const file = join(folder.path, 'bytes');
  await tmux.newSession({ name: 'writer', command: [process.execPath, WRITER, file] });
  const { pid } = await tmux.identity();
  await using daemon = await startDaemon({ tmux, redis, sessions: ['writer'] });
  await daemon.end();

  const windows = new Map<string, { rate: number; perServerSecond: number }[]>();
  const measure = async (monitor: string): Promise<void> => {
    await delay(SETTLE_MS, undefined, { signal });
    const read = () => ({
      at: now(),
      bytes: Number(readFileSync(file, 'utf8')),
      server: processSeconds(pid),
    });
    const before = read();
    await delay(seconds * 1000, undefined, { signal });
    const after = read();
    const megabytes = (after.bytes - before.bytes) / 1e6;
    const figures = {
      rate: (megabytes / (after.at - before.at)) * 1000,
      perServerSecond: megabytes / (after.server - before.server),
    };
    windows.set(monitor, [...(windows.get(monitor) ?? []), figures]);
  };

  for (let round = 1; round <= ROUNDS; round += 1) {
    say(`a pane that writes as fast as it can, round ${round} of ${ROUNDS}`);
    await measure('absent');
    await daemon.start();
    await daemon.agent('writer', ({ connection }) => connection === 'attached');
    await measure('watching');
    await fail(daemon, measure);
  }
  return [...windows].map(([monitor, of]) => ({
    monitor,
    rate: median(of.map(({ rate }) => rate)),
    perServerSecond: median(of.map(({ perServerSecond }) => perServerSecond)),
  }));
};

const fail = async (
  daemon: TestDaemon,
  measure: (monitor: string) => Promise<void>,
): Promise<void> => {
  process.kill(daemon.pid, 'SIGSTOP');
  await measure('stopped (SIGSTOP)');
  await daemon.end('SIGKILL');
  await measure('killed while stopped');
};

const median = (samples: readonly number[]): number => percentile(samples, 0.5);
