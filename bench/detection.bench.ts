/**
 * How soon a change in a pane is told, and what watching costs: the daemon beside the bare output
 * of control mode and beside a poller that forks, all under the same load in one run.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Pace } from './load.ts';
import { cpuOver, type Measured, measure } from './measure.ts';
import { now } from './program.ts';
import { type Stage, startStage } from './stage.ts';
import { type RunningWatcher, watchBareOutput, watchByDaemon, watchByForks } from './watchers.ts';

export type WatcherName = 'control-mode output' | 'fork-poller' | 'daemon';

export interface Row extends Measured {
  load: string;
  watcher: WatcherName;
  seconds: number;
  /** What the tmux server took just before, with the same load and nobody watching, in cores. */
  base: number;
}

export interface Detection {
  rows: Row[];
  /** From the daemon's start until the last of the running agents had its first state told, in ms. */
  starts: { sessions: number; ms: number[] } | null;
}

export interface DetectionOptions {
  sessions: readonly number[];
  /** Of the longest windows. */
  seconds: number;
  signal: AbortSignal;
  say(text: string): void;
}

const MANY = 50;
/** A prompt stands long enough for the poller to see it twice, a turn long enough to be seen at all. */
const BRISK: Pace = { promptMs: [1100, 1500], busyMs: [600, 900] };
const STEADY: Pace = { promptMs: [1200, 2800], busyMs: [1000, 3000] };

const PIECES = { bytes: 900, gapMs: 2 };
const SESSIONS_IN_PIECES = 20;
const STARTS = 3;
/** How long watching must have gone on before it is measured: longer than the daemon adapts. */
const SETTLE_SECONDS = 6;

export const detection = async (options: DetectionOptions): Promise<Detection> => {
  const rows: Row[] = [];
  let starts: Detection['starts'] = null;
  for (const count of options.sessions) {
    await using stage = await startStage(count);
    rows.push(...(await besideOthers(stage, options)));
    if (count >= MANY) starts = { sessions: count, ms: await timeStarts(stage, options) };
  }
  rows.push(await inPieces(options));
  return { rows, starts };
};

const besideOthers = async (stage: Stage, options: DetectionOptions): Promise<Row[]> => {
  const { seconds } = options;
  const count = stage.sessions.length;
  const load = `${count} sessions`;
  // Few sessions have few turns: it takes longer to see as many.
  const longest = count < MANY ? seconds * 2 : seconds;
  await stage.load.call('turns', count < MANY ? BRISK : STEADY);
  const measureOne = (watcher: WatcherName, length: number) =>
    measureRow(stage, { ...options, load, watcher, seconds: length });
  return [
    await measureOne('control-mode output', seconds / 2),
    await measureOne('fork-poller', seconds),
    await measureOne('daemon', longest),
  ];
};

const inPieces = async (options: DetectionOptions): Promise<Row> => {
  const count = Math.min(SESSIONS_IN_PIECES, Math.max(...options.sessions));
  await using stage = await startStage(count, PIECES);
  await stage.load.call('turns', BRISK);
  const load = `${count} sessions, in pieces`;
  return await measureRow(stage, { ...options, load, watcher: 'daemon' });
};

const WATCHERS: Record<WatcherName, (stage: Stage) => Promise<RunningWatcher>> = {
  'control-mode output': watchBareOutput,
  'fork-poller': watchByForks,
  daemon: watchByDaemon,
};

const measureRow = async (
  stage: Stage,
  options: DetectionOptions & { load: string; watcher: WatcherName },
): Promise<Row> => {
  const { load, watcher, seconds, signal, say } = options;
  say(`${load}, ${watcher}: ${seconds} s`);
  const settleMs = Math.min(SETTLE_SECONDS, seconds) * 1000;
  await delay(settleMs / 2, undefined, { signal });
  const base = await cpuOver(stage, null, { seconds: seconds / 5, signal });
  await using running = await WATCHERS[watcher](stage);
  await delay(settleMs, undefined, { signal });
  const measured = await measure(stage, running, { seconds, signal });
  return { ...measured, load, watcher, seconds, base: base.server };
};

/** Every agent is in a turn, so that one look is enough to know its state. */
const timeStarts = async (stage: Stage, { signal, say }: DetectionOptions): Promise<number[]> => {
  say(`${stage.sessions.length} sessions, ${STARTS} starts of the daemon`);
  await stage.load.call('hold');
  const times: number[] = [];
  while (times.length < STARTS) {
    await delay(1000, undefined, { signal });
    const begun = now();
    await using _daemon = await watchByDaemon(stage);
    const firsts = await stage.subscriber.call('firsts');
    times.push(Math.max(...firsts.map(({ at }) => at)) - begun);
  }
  return times;
};
