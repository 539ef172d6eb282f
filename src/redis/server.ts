import type { Check, Clock, Log, Part, Stop } from '../../actors/ports.ts';
import { isOwnRedis, isSame } from './owned.ts';
import { watchPresence } from './presence.ts';
import { adopt, launch, type PrivateRedis } from './private-redis.ts';
import { probe } from './probe.ts';

/** Long enough for a Redis of the machine to be restarted: its port is not to be taken meanwhile. */
const GONE_MS = 10_000;

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
 * killed monitor left running on that folder is adopted. One that was found and stays away is replaced.
 */
export const startRedisServer = (options: {
  url: string | null;
  folder: string;
  port: number;
  clock: Clock;
  log: Log;
  part: Part;
  /** The program to run. */
  command?: string;
}): RedisServer => {
  const { folder, port, clock, log, part, command = 'redis-server' } = options;
  const local = `redis://127.0.0.1:${port}`;
  let state: State = { at: options.url === null ? 'looking' : 'given' };
  let warned = '';
  let timer: unknown;
  let looking: Promise<void> | undefined;
  let own: PrivateRedis | undefined;
  let stopWatching: Stop | undefined;

  const look = async (): Promise<void> => {
    const found = await probe(port);
    if (state.at === 'stopped') return;
    if (found.is === 'nothing') {
      watch(launch({ command, folder, port }), 'was started');
    } else if (found.is === 'silent') {
      retry(`port ${port} is taken by something that is no Redis for us: ${found.detail}`);
    } else if (isOwn(found, folder)) {
      watch(await adopt({ port, pid: found.pid, folder }), 'was running and is adopted');
    } else {
      use();
    }
  };

  const use = (): void => {
    state = { at: 'found' };
    part.running();
    log.info({ url: local }, 'the Redis of this machine is used');
    stopWatching = watchPresence({
      port,
      onGone: () => {
        state = { at: 'failed', detail: `the Redis that was found at ${local} is gone` };
        log.warn({ url: local }, 'the Redis of this machine is gone');
        timer = clock.setTimeout(replace, GONE_MS);
      },
      onBack: () => {
        clock.clearTimeout(timer);
        state = { at: 'found' };
        log.info({ url: local }, 'the Redis of this machine is back');
      },
    });
  };

  const replace = (): void => {
    stopWatching?.();
    begin();
  };

  const watch = (redis: PrivateRedis, how: string): void => {
    own = redis;
    if (state.at !== 'stopped') state = { at: 'private', pid: redis.pid };
    if (redis.pid !== undefined) {
      log.info({ redisPid: redis.pid, folder }, `a private Redis ${how}`);
      part.running();
    }
    void redis.ended.then(retry);
  };

  const retry = (detail: string): void => {
    if (state.at === 'stopped') return;
    state = { at: 'failed', detail };
    if (detail !== warned) log.warn({ detail }, 'there is no Redis');
    warned = detail;
    timer = clock.setTimeout(begin, part.failed(detail));
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
      stopWatching?.();
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

/** What a server says of itself on the network is not enough: its pid is to be signalled. */
const isOwn = (found: { folder: string | null; pid: number }, folder: string): boolean =>
  found.folder !== null && isSame(found.folder, folder) && isOwnRedis(found.pid, folder);
