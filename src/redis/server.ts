import { isDeepStrictEqual } from 'node:util';
import type { Check, Clock, Log, Part, Stop } from '../../actors/ports.ts';
import { createAccess, FIRST_WITH_USERS, type Way } from './access.ts';
import { boundsArgs } from './bounds.ts';
import { hasData } from './damaged.ts';
import { watchEntry } from './entry.ts';
import { type Found, findRedis, notLetIn } from './find.ts';
import type { Names } from './names.ts';
import { watchPresence } from './presence.ts';
import { adopt, end, launch, type PrivateRedis, versionOf } from './private-redis.ts';

/** Long enough for a Redis of the machine to be restarted: its port is not to be taken meanwhile. */
const GONE_MS = 10_000;

export interface RedisServer {
  readonly url: string;
  /** Calls back with the way to a local Redis, once there is one and whenever it becomes another. */
  follow(listener: (way: Way) => void): Stop;
  check(): Check;
  /** True while it is one of the monitor's own. */
  isPrivate(): boolean;
  /** Ends a private Redis, also an adopted one, within a few seconds; any other is left alone. */
  stop(): Promise<void>;
}

type State =
  | { at: 'given' | 'looking' | 'found' | 'stopped' }
  /** `trouble` is why it does not let the monitor in; empty where it does. */
  | { at: 'private'; pid: number | undefined; trouble: string }
  | { at: 'failed'; detail: string };

/**
 * Sees to it that there is a Redis: the one that `url` names; else the local one, if any answers on
 * the port; else a private one with its data in `folder`, started again whenever it ends. One that a
 * killed monitor left running on that folder is adopted, or started anew where other users are wanted
 * in it, or where it lets the monitor in no more. One that was found and stays away is replaced. With a
 * `password` none is used but a private one, since nothing else is known to ask for it; nor where a
 * private one has run in `folder`, since whoever can bring that down could take its place.
 */
export const startRedisServer = (options: {
  url: string | null;
  /** What everyone but the monitor is asked for by a private Redis; null for nothing. */
  password: string | null;
  names: Names;
  folder: string;
  port: number;
  clock: Clock;
  log: Log;
  part: Part;
  /** The program to run. */
  command?: string;
}): RedisServer => {
  const { folder, port, names, password, clock, log, part, command = 'redis-server' } = options;
  const access = createAccess({ folder, names, password });
  const followers = new Set<(way: Way) => void>();
  const local = `redis://127.0.0.1:${port}`;
  let state: State = { at: options.url === null ? 'looking' : 'given' };
  let warned = '';
  let timer: unknown;
  let looking: Promise<void> | undefined;
  let own: PrivateRedis | undefined;
  /** One that was left running and lets nobody in. */
  let shutPid: number | undefined;
  let stopWatching: Stop | undefined;
  let way: Way | undefined;

  const lead = (to: Way): void => {
    if (isDeepStrictEqual(way, to)) return;
    way = to;
    for (const follower of followers) follower(to);
  };

  const look = async (): Promise<void> => {
    const found = await findRedis({ folder, port, access });
    shutPid = found.is === 'shut' ? found.pid : undefined;
    if (state.at === 'stopped') return;
    if (found.is === 'silent') return retry(found.detail);
    if (found.is === 'shut') return waitFor(found);
    if (found.is === 'foreign') return useOrRefuse();
    if (found.is === 'nothing') return await start();
    if (found.isAsWanted) {
      watch(await adopt({ ...found, folder }), found.way, 'was running and is adopted');
      return lead(found.way);
    }
    await end(found.pid, folder);
    log.info({ redisPid: found.pid, folder }, 'a private Redis with other settings was ended');
    await start();
  };

  const start = async (): Promise<void> => {
    const version = await versionOf(command);
    if (state.at === 'stopped') return;
    const prepared = access.prepare(version);
    if (version < FIRST_WITH_USERS) log.warn({ version }, OPEN_TO_ALL);
    const args = [...prepared.args, ...boundsArgs(version)];
    watch(launch({ command, folder, port, args }), prepared.way, 'was started');
    lead(prepared.way);
  };

  /** It may let the monitor in yet, with all that it holds. */
  const waitFor = ({ way: there, pid, detail }: Extract<Found, { is: 'shut' }>): void => {
    state = { at: 'failed', detail };
    const onShut = (_: string, lasts: boolean): void => {
      if (lasts) attempt(() => endShut(pid, detail));
    };
    stopWatching = watchEntry({ way: there, clock, onOpen: replace, onShut });
  };

  const endShut = async (pid: number, detail: string): Promise<void> => {
    log.warn({ redisPid: pid, detail }, ENDED);
    await end(pid, folder);
    retry(`${detail}; it was ended`);
  };

  const useOrRefuse = (): void => {
    if (password !== null) retry(notOurs(local));
    else if (hasData(folder)) retry(notBelieved(local));
    else use();
  };

  const use = (): void => {
    state = { at: 'found' };
    part.running();
    lead({ host: '127.0.0.1', port });
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

  const watch = (redis: PrivateRedis, there: Way, how: string): void => {
    own = redis;
    const tell = (trouble: string): void => {
      if (state.at !== 'stopped') state = { at: 'private', pid: redis.pid, trouble };
    };
    tell('');
    const onShut = (why: string, lasts: boolean): void => {
      tell(notLetIn(folder, why));
      if (lasts) attempt(() => endOwn(redis, why));
    };
    stopWatching = watchEntry({ way: there, clock, onOpen: () => tell(''), onShut });
    if (redis.pid !== undefined) {
      log.info({ redisPid: redis.pid, folder }, `a private Redis ${how}`);
      part.running();
    }
    void redis.ended.then(retry);
  };

  const endOwn = async (redis: PrivateRedis, detail: string): Promise<void> => {
    log.warn({ redisPid: redis.pid, detail }, ENDED);
    await redis.stop();
  };

  const retry = (detail: string): void => {
    stopWatching?.();
    if (state.at === 'stopped') return;
    state = { at: 'failed', detail };
    if (detail !== warned) log.warn({ detail }, 'there is no Redis');
    warned = detail;
    timer = clock.setTimeout(begin, part.failed(detail));
  };

  const attempt = (work: () => Promise<void>): void => {
    looking = work().catch((error: unknown) => {
      retry(error instanceof Error ? error.message : String(error));
    });
  };

  const begin = (): void => attempt(look);

  if (options.url === null) begin();
  return {
    url: options.url ?? local,
    follow: (listener) => {
      followers.add(listener);
      if (way !== undefined) listener(way);
      return () => followers.delete(listener);
    },
    isPrivate: () => state.at === 'private',
    check: () => describe(state, options.url ?? local),
    stop: async () => {
      state = { at: 'stopped' };
      clock.clearTimeout(timer);
      stopWatching?.();
      await looking;
      stopWatching?.(); // What was under way may have begun to.
      if (shutPid !== undefined) await end(shutPid, folder);
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
      return state.trouble === ''
        ? { status: 'ok', detail: `a private Redis at ${url}, pid ${state.pid}` }
        : { status: 'degraded', detail: state.trouble };
    case 'given':
      return { status: 'ok', detail: 'the Redis of REDIS_URL' };
    case 'stopped':
      return { status: 'degraded', detail: 'stopped' };
  }
};

const notOurs = (url: string): string =>
  `the Redis at ${url} is not the monitor's own, so AGENT_MONITOR_REDIS_PASSWORD cannot close it; stop it, or name it in REDIS_URL instead`;

const notBelieved = (url: string): string =>
  `the Redis at ${url} is not the private one that has the events, and not told any: stop it, or set REDIS_URL=${url} to use it`;

const ENDED = 'a private Redis that lets nobody in is ended';

const OPEN_TO_ALL = `before redis-server ${FIRST_WITH_USERS}.0 a private Redis is open to all users of this machine, also to write`;
