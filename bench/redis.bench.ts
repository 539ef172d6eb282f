/** What a Redis that fails costs callers and agents, and how fast it is caught up with. */

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ended, send } from '../test/support/command-calls.ts';
import { type CommandStage, startCommandStage } from '../test/support/command-stage.ts';
import type { RecordingAgent } from '../test/support/recording-agent.ts';
import { startRedis } from '../test/support/redis.ts';
import { startRelay } from '../test/support/relay.ts';
import { type Latency, latencyOf, table } from './figures.ts';
import { now } from './program.ts';

const CALLERS = 4;
/** A caller's pause: what is measured is the wait, not how much the API can bear. */
const CALL_EVERY_MS = 10;
const TYPE_EVERY_MS = 500;
const CAUGHT_UP = 50_000;
const BATCH = 500;

export interface RedisOptions {
  /** How long each failure lasts. */
  seconds: number;
  signal: AbortSignal;
  say(text: string): void;
}

interface Window {
  calls: Latency;
  typed: Latency;
  /** The daemon's resident memory at the end, in bytes. */
  rss: number;
}

export interface RedisResult {
  windows: [redis: string, window: Window][];
  /** Events that wait, and how many of them a second get into the stream once Redis is there. */
  caughtUp: number;
  perSecond: number;
}

export const redis = async (options: RedisOptions): Promise<RedisResult> => {
  const windows = await watched(options);
  options.say(`catching up with ${CAUGHT_UP} events`);
  return { windows, caughtUp: CAUGHT_UP, perSecond: await catchUp() };
};

export const redisReportOf = ({ windows, caughtUp, perSecond }: RedisResult): string => {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const rows = windows.map(([name, { calls, typed, rss }]) => [
    ...[name, String(calls.count), ms(calls.p50), ms(calls.p99), ms(typed.p50), ms(typed.max)],
    `${Math.round(rss / 1e6)} MB`,
  ]);
  return [
    table(['Redis', 'calls', 'p50', 'p99', 'typed, p50', 'max', 'memory'], rows),
    `Once it is there, ${caughtUp} events that waited are in the stream at ${Math.round(perSecond)} a second; to reach: 5000.`,
  ].join('\n\n');
};

const watched = async (options: RedisOptions): Promise<RedisResult['windows']> => {
  await using stage = await startCommandStage();
  const agent = await stage.recording('shop-api', { timed: true });
  const windows: RedisResult['windows'] = [];
  const measured = async (name: string): Promise<void> => {
    options.say(`with a Redis that is ${name}`);
    windows.push([name, await windowOf(stage, agent, options)]);
  };
  await windowOf(stage, agent, options); // Everything has been called once.
  await measured('there');
  stage.redis.freeze();
  await measured('frozen');
  stage.redis.thaw();
  await stage.redis.kill();
  await measured('gone');
  await stage.redis.start();
  await measured('back');
  return windows;
};

const windowOf = async (
  { daemon }: CommandStage,
  agent: RecordingAgent,
  { seconds, signal }: RedisOptions,
): Promise<Window> => {
  const end = now() + seconds * 1000;
  const calls: number[] = [];
  const call = async (): Promise<void> => {
    while (now() < end) {
      await delay(CALL_EVERY_MS, undefined, { signal });
      const began = now();
      await daemon.get('/api/agents');
      calls.push(now() - began);
    }
  };
  const typed: number[] = [];
  const type = async (): Promise<void> => {
    while (now() < end) {
      await delay(TYPE_EVERY_MS, undefined, { signal });
      const text = `do #${agent.records().length}.`;
      const { id } = await send(daemon, 'shop-api', text);
      const acceptedAt = now();
      const { status } = await ended(daemon, id);
      if (status !== 'sent') throw new Error(`a command ended ${status}`);
      const paste = agent.records().findLast(({ did }) => did === 'paste');
      typed.push((paste?.at ?? Number.NaN) - acceptedAt);
    }
  };
  await Promise.all([...Array.from({ length: CALLERS }, call), type()]);
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${daemon.pid}/status`, 'utf8'))?.[1];
  return { calls: latencyOf(calls), typed: latencyOf(typed), rss: Number(rss) * 1024 };
};

const catchUp = async (): Promise<number> => {
  await using server = await startRedis({ started: false });
  await using relay = await startRelay({ redis: server });
  for (let count = 0; count < CAUGHT_UP; count += BATCH) await relay.commit(BATCH);
  await server.start();
  await relay.until(({ lastRelayed }) => lastRelayed > 0);
  const [began, first] = [now(), relay.status().lastRelayed];
  await relay.untilRelayed();
  return ((CAUGHT_UP - first) / (now() - began)) * 1000;
};
