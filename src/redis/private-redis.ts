import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import type { Way } from './access.ts';
import { logFile, setDamagedAside } from './damaged.ts';
import { isRedisIn, pidFile } from './owned.ts';

const END_WITHIN_MS = 2000;

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
  const args = [...serverArgs(folder, port), ...options.args];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.unref();
  const ended = endOf(child, command, folder);
  return {
    pid: child.pid,
    ended,
    stop: async () => {
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

const serverArgs = (folder: string, port: number): string[] => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
  ...['--pidfile', pidFile(folder), '--logfile', logFile(folder)],
  ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'],
  ...['--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
];

/** What happened to it; rejects never. */
const endOf = async (child: ChildProcess, command: string, folder: string): Promise<string> => {
  try {
    const [code, signal] = await once(child, 'exit');
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    const why = signal === null && code !== 0 ? describeData(folder) : '';
    return `the private redis-server ended ${how}${why}; see ${logFile(folder)}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') return `${command} cannot be started: ${message}`;
    return `there is no ${command} on this machine; install it with: ${INSTALL}`;
  }
};

const describeData = (folder: string): string => {
  try {
    const aside = setDamagedAside(folder);
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

const isOverWithin = (ended: Promise<unknown>, ms: number): Promise<boolean> =>
  Promise.race([ended.then(() => true), delay(ms, false, { ref: false })]);
