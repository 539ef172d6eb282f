import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import type { Way } from './access.ts';
import { MOST_DATA_KB } from './bounds.ts';
import { setDamagedAside } from './damaged.ts';
import { KEPT_BYTES, keepEnd } from './output.ts';
import { hasEnded, isRedisIn, pidFile } from './owned.ts';

const END_WITHIN_MS = 2000;
/** What it wrote last is there by then, though a child of its own may keep the pipe. */
const LAST_WORDS_MS = 500;
const END_LOOK_MS = 20;

/** A Redis of our own, whoever started it. */
export interface PrivateRedis {
  readonly pid: number | undefined;
  /** Resolves when it has ended or could not be started, with what happened. */
  readonly ended: Promise<string>;
  /** Ends it: politely, and after two seconds by force. */
  stop(): Promise<void>;
}

/**
 * Starts `redis-server` on loopback with its data in `folder`. It is not of our process group, so
 * that Ctrl-C does not end it before the last events are told.
 */
export const launch = (options: {
  command: string;
  folder: string;
  port: number;
  /** Further arguments. */
  args: string[];
}): PrivateRedis => {
  const { command, folder, port } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  boundLog(folder);
  const args = [...serverArgs(folder, port), ...options.args];
  const child = spawn('/bin/sh', ['-c', LIMITED, 'sh', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.unref();
  const ended = endOf(child, command, folder);
  return {
    pid: child.pid,
    ended,
    stop: async () => {
      child.ref(); // Its end is to be seen, also by a program that has nothing else to do.
      child.kill('SIGTERM');
      if (!(await isOverWithin(ended, END_WITHIN_MS))) child.kill('SIGKILL');
      await ended;
    },
  };
};

/**
 * The major version of a `redis-server`; infinite where it does not say, which is to fail by itself
 * where it matters.
 */
export const versionOf = async (command: string): Promise<number> => {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version']);
    return Number(/\bv=(\d+)/.exec(stdout)?.[1] ?? Number.POSITIVE_INFINITY);
  } catch {
    return Number.POSITIVE_INFINITY; // Starting it tells why.
  }
};

/**
 * Takes over a Redis that a killed monitor left running in `folder`; the one at this place has this pid.
 * @throws where it is no longer there.
 */
export const adopt = async (options: {
  way: Way;
  pid: number;
  folder: string;
}): Promise<PrivateRedis> => {
  const { way, pid, folder } = options;
  const client = new Redis({
    ...way,
    // It says nothing and waits for the end. The greeting of protocol 3 is refused without a password.
    ...{ username: undefined, password: undefined, protocol: 2 },
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined); // `end` follows, and says all that matters.
  const ended = new Promise<string>((resolve) => {
    client.once('end', () => resolve(`the adopted Redis, pid ${pid}, has ended`));
  });
  await client.connect();
  return {
    pid,
    ended,
    stop: async () => {
      // A pid may have become another's; what then still answers on the port is let go.
      const end = (name: NodeJS.Signals): void => {
        if (isRedisIn(pid, folder)) signal(pid, name);
        else client.disconnect();
      };
      if (client.status === 'ready') end('SIGTERM');
      if (!(await isOverWithin(ended, END_WITHIN_MS))) end('SIGKILL');
      await ended;
    },
  };
};

/**
 * Ends the Redis with this pid in `folder`, which lets nobody in.
 * @throws where it does not end.
 */
export const end = async (pid: number, folder: string): Promise<void> => {
  for (const name of ['SIGTERM', 'SIGKILL'] as const) {
    if (isRedisIn(pid, folder)) signal(pid, name);
    for (let waited = 0; waited < END_WITHIN_MS; waited += END_LOOK_MS) {
      if (hasEnded(pid, folder)) return;
      await delay(END_LOOK_MS);
    }
  }
  throw new Error(`the private Redis in ${folder}, pid ${pid}, cannot be ended`);
};

/** Where a bound is set for it already that is lower, that one stands. */
const LIMITED = `ulimit -d ${MOST_DATA_KB} 2>/dev/null; exec "$@"`;

/** What sh answers where there is no such program. */
const NO_PROGRAM = 127;

const serverArgs = (folder: string, port: number): string[] => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
  ...['--pidfile', pidFile(folder), '--save', '', '--appendonly', 'yes'],
  ...['--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
];

/** What happened to it; rejects never. What it wrote last is in its log file then. */
const endOf = async (child: ChildProcess, command: string, folder: string): Promise<string> => {
  const told = keepEnd(child);
  const closed = new Promise((resolve) => child.once('close', resolve));
  try {
    const [code, signal] = await once(child, 'exit');
    if (code === NO_PROGRAM) {
      return `there is no ${command} on this machine; install it with: ${INSTALL}`;
    }
    await isOverWithin(closed, LAST_WORDS_MS);
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    const why = signal === null && code !== 0 ? describeData(folder, told()) : '';
    return `the private redis-server ended ${how}${why}; ${writeLog(folder, told())}`;
  } catch (error) {
    return `${command} cannot be started: ${(error as Error).message}`;
  }
};

const logFile = (folder: string): string => join(folder, 'redis.log');

/** Earlier versions let Redis write it, without end. */
const boundLog = (folder: string): void => {
  const size = statSync(logFile(folder), { throwIfNoEntry: false })?.size ?? 0;
  if (size > KEPT_BYTES) rmSync(logFile(folder));
};

const writeLog = (folder: string, told: string): string => {
  try {
    writeFileSync(logFile(folder), told, { mode: 0o600 });
    return `see ${logFile(folder)}`;
  } catch (error) {
    return `its last words cannot be written: ${(error as Error).message}`;
  }
};

const describeData = (folder: string, told: string): string => {
  try {
    const aside = setDamagedAside(folder, told);
    return aside === null ? '' : `: it could not read its data, which are now in ${aside}`;
  } catch (error) {
    return `: it could not read its data, and they cannot be set aside: ${(error as Error).message}`;
  }
};

const INSTALL =
  process.platform === 'darwin' ? 'brew install redis' : 'sudo apt-get install redis-server';

const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // Else it has just ended.
  }
};

const isOverWithin = async (ended: Promise<unknown>, ms: number): Promise<boolean> => {
  const waiting = new AbortController();
  // It keeps the process alive: nothing else may do so while this one is stopping.
  const late = delay(ms, false, waiting).catch(() => true);
  try {
    return await Promise.race([ended.then(() => true), late]);
  } finally {
    waiting.abort();
  }
};
