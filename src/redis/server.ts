import { realpathSync } from 'node:fs';
import type { Check, Clock, Log } from '../../actors/ports.ts';
import { adopt, launch, type PrivateRedis } from './private-redis.ts';
import { probe } from './probe.ts';

const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 30_000;
/** A private Redis that ran so long has started well: its next failure counts as the first. */
const PROVEN_MS = 30_000;

export interface RedisServer {
  readonly url: string;
  check(): Check;
  /** Ends a private Redis, also an adopted one, within a few seconds; any other is left alone. */
  stop(): Promise<void>;
}

type State =
  | { at: 'given' | 'looking' | 'found' | 'stopped' }
  | { at: 'private'; pid: number | undefined }
  | { at: 'failed'; detail: string };

/**
 * Sees to it that there is a Redis: the one that `url` names; else the local one, if any answers on
 * the port; else a private one with its data in `folder`, started again whenever it ends. One that a
 * killed monitor left running on that folder is adopted.
 */
export const startRedisServer = (options: {
  url: string | null;
  folder: string;
  port: number;
  clock: Clock;
  log: Log;
  /** The program to run. */
  command?: string;
}): RedisServer => {
  const { folder, port, clock, log, command = 'redis-server' } = options;
  const local = `redis://127.0.0.1:${port}`;
  let state: State = { at: options.url === null ? 'looking' : 'given' };
  let failures = 0;
  let warned = '';
  let timer: unknown;
  let looking: Promise<void> | undefined;
  let own: PrivateRedis | undefined;

  const look = async (): Promise<void> => {
    const found = await probe(port);
    if (state.at === 'stopped') return;
    if (found.is === 'nothing') {
      watch(launch({ command, folder, port }), 'was started');
    } else if (found.is === 'silent') {
      retry(`port ${port} is taken by something that is no Redis for us: ${found.detail}`);
    } else if (found.folder !== null && isSame(found.folder, folder)) {
      watch(await adopt({ port, pid: found.pid }), 'was running and is adopted');
    } else {
      state = { at: 'found' };
      log.info({ url: local }, 'the Redis of this machine is used');
    }
  };

  const watch = (redis: PrivateRedis, how: string): void => {
    own = redis;
    if (state.at !== 'stopped') state = { at: 'private', pid: redis.pid };
    if (redis.pid !== undefined)
      log.info({ redisPid: redis.pid, folder }, `a private Redis ${how}`);
    const since = clock.monotonic();
    void redis.ended.then((detail) => {
      if (clock.monotonic() - since >= PROVEN_MS) failures = 0;
      retry(detail);
    });
  };

  const retry = (detail: string): void => {
    if (state.at === 'stopped') return;
    state = { at: 'failed', detail };
    if (detail !== warned) log.warn({ detail }, 'there is no Redis');
    warned = detail;
    timer = clock.setTimeout(begin, Math.min(RETRY_MIN_MS * 2 ** failures, RETRY_MAX_MS));
    failures += 1;
  };

  const begin = (): void => {
    looking = look().catch((error: unknown) => {
      retry(error instanceof Error ? error.message : String(error));
    });
  };

  if (options.url === null) begin();
  return {
    url: options.url ?? local,
    check: () => describe(state, options.url ?? local),
    stop: async () => {
      state = { at: 'stopped' };
      clock.clearTimeout(timer);
      await looking;
      await own?.stop();
    },
  };
};

const describe = (state: State, url: string): Check => {
  switch (state.at) {
    case 'failed':
      return { status: 'degraded', detail: state.detail };
    case 'looking':
      return { status: 'degraded', detail: `looking for Redis at ${url}` };
    case 'found':
      return { status: 'ok', detail: `the Redis that was found at ${url}` };
    case 'private':
      return { status: 'ok', detail: `a private Redis at ${url}, pid ${state.pid}` };
    case 'given':
      return { status: 'ok', detail: 'the Redis of REDIS_URL' };
    case 'stopped':
      return { status: 'degraded', detail: 'stopped' };
  }
};

const isSame = (found: string, folder: string): boolean => {
  try {
    return realpathSync(found) === realpathSync(folder);
  } catch {
    return false; // One of them does not exist here, so they are not the same.
  }
};
