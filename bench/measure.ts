/** One window of a benchmark: how late the turns were noticed, and what that cost. */

import { setTimeout as delay } from 'node:timers/promises';
import { familySeconds, machineSeconds, processSeconds } from './cpu.ts';
import { type Latency, latencyOf } from './figures.ts';
import type { Begun } from './load.ts';
import { now } from './program.ts';
import type { Stage } from './stage.ts';
import type { Sighting } from './subscriber.ts';

/** Somebody who notices turns. */
export interface Watcher {
  /** The process that, with its descendants, does it. */
  pid: number;
  /** What was noticed since the last call. */
  take(): Promise<Sighting[]>;
}

/** In cores: CPU seconds per second. */
export interface Cpu {
  server: number;
  watcher: number;
  /** What other programs took meanwhile: with little left, every figure is worse than it should be. */
  elsewhere: number;
}

export interface Measured {
  latency: Latency;
  /** Turns that nobody noticed. */
  missed: number;
  /** Turns that were told more than once. */
  repeated: number;
  cpu: Cpu;
}

/** What is noticed later than this after the window counts as missed. */
const LATEST_MS = 1500;

export const measure = async (
  stage: Stage,
  watcher: Watcher,
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<Measured> => {
  await Promise.all([stage.load.call('take'), watcher.take()]);
  const cpu = await cpuOver(stage, watcher.pid, { seconds, signal });
  const begun = await stage.load.call('take');
  await delay(LATEST_MS, undefined, { signal });
  return { ...compare(begun, await watcher.take()), cpu };
};

export const cpuOver = async (
  { server }: Pick<Stage, 'server'>,
  pid: number | null,
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<Cpu> => {
  const read = () => ({
    at: now(),
    server: processSeconds(server.pid),
    watcher: pid === null ? 0 : familySeconds(pid),
    bench: familySeconds(process.pid),
    machine: machineSeconds(),
  });
  const before = read();
  await delay(seconds * 1000, undefined, { signal });
  const after = read();
  const cores = (name: 'server' | 'watcher' | 'bench' | 'machine'): number =>
    ((after[name] - before[name]) / (after.at - before.at)) * 1000;
  const elsewhere = cores('machine') - cores('server') - cores('bench');
  return { server: cores('server'), watcher: cores('watcher'), elsewhere: Math.max(0, elsewhere) };
};

/** Who noticed which turn is told by its number, so that none can pass for another. */
export const compare = (
  begun: readonly Begun[],
  sightings: readonly Sighting[],
): Omit<Measured, 'cpu'> => {
  const seen = Map.groupBy(sightings, keyOf);
  const latencies: number[] = [];
  let repeated = 0;
  for (const turn of begun) {
    const [first, ...more] = seen.get(keyOf(turn)) ?? [];
    if (first !== undefined) latencies.push(first.at - turn.at);
    repeated += more.length;
  }
  return { latency: latencyOf(latencies), missed: begun.length - latencies.length, repeated };
};

const keyOf = ({ session, turn }: Begun | Sighting): string => `${session} ${turn}`;
