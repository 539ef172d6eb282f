/** A private redis-server for one test, on a port and in a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { boundsArgs } from '../../src/redis/bounds.ts';
import { namesFor } from '../../src/redis/names.ts';
import { OWN_USER, usersOf } from '../../src/redis/users.ts';
import { killAtExit } from './at-exit.ts';

export interface TestRedis extends AsyncDisposable {
  /** As consumers are told it. */
  readonly url: string;
  /** As who may do all; the same where everyone may. */
  readonly ownUrl: string;
  readonly port: number;
  /** Where it keeps its append-only file. */
  readonly folder: string;
  readonly pid: number;
  /** A client of this server, which may do all, that the test need not close. It waits where the server is away. */
  readonly client: Redis;
  /** SIGSTOP: it takes connections and answers none, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Ends the server with SIGKILL and keeps its data. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, with its data or without. */
  start(options?: { empty?: boolean }): Promise<void>;
  flush(): Promise<void>;
}

/**
 * `{ started: false }` leaves the start to `start`; `args` are added to redis-server's own. With a
 * `password`, be it null, it has the users and bounds of a private Redis; without everyone may do all.
 */
export const startRedis = async (
  options: {
    started?: boolean;
    port?: number;
    args?: string[];
    password?: string | null;
    prefix?: string;
  } = {},
): Promise<TestRedis> => {
  const folder = await mkdtemp(join(tmpdir(), 'am-test-redis-'));
  const port = options.port ?? (await freePort());
  const { password, prefix = '' } = options;
  const args = [...(options.args ?? [])];
  const own: Credentials = password === undefined ? {} : { username: OWN_USER, password: SECRET };
  if (password !== undefined) {
    const aclFile = join(folder, 'users.acl');
    await writeFile(aclFile, usersOf({ names: namesFor(prefix), secret: SECRET, password }));
    args.push('--aclfile', aclFile, ...boundsArgs(7));
  }
  const client = new Redis({ ...PATIENT, ...own, port, lazyConnect: true });
  // While the server is away on purpose, the attempts to reach it again are no news.
  client.on('error', () => undefined);
  let child: ChildProcess | undefined;
  const forget = killAtExit(() => (child?.pid === undefined ? [] : [child.pid]), 'SIGKILL');

  const start = async ({ empty = false } = {}): Promise<void> => {
    if (empty) await rm(join(folder, 'appendonlydir'), { recursive: true, force: true });
    child = spawn('redis-server', [...serverArgs(port, folder), ...args], {
      stdio: 'ignore',
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`redis-server on port ${port} ended with code ${code}`);
    });
    await Promise.race([answers(port, own), ended]);
    ended.catch(() => undefined); // From here on it is the test that ends it.
  };

  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };

  if (options.started ?? true) await start();
  return {
    url: urlOf(port, password ? { password } : {}),
    ownUrl: urlOf(port, own),
    port,
    folder,
    client,
    get pid() {
      return pidOf(child);
    },
    freeze: () => process.kill(pidOf(child), 'SIGSTOP'),
    thaw: () => process.kill(pidOf(child), 'SIGCONT'),
    kill,
    start,
    flush: async () => {
      await client.flushall();
    },
    [Symbol.asyncDispose]: async () => {
      client.disconnect();
      await kill();
      forget();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Waits until the client is connected, however often it fails before. */
export const untilReady = (client: Redis): Promise<void> =>
  new Promise((resolve) => {
    client.once('ready', () => resolve());
  });

/** A port of this machine that nothing listens on at the moment. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given');
  return address.port;
};

/** Of the one who may do all. */
const SECRET = 'a-secret-of-the-monitor';

interface Credentials {
  username?: string;
  password?: string;
}

const urlOf = (port: number, { username = '', password }: Credentials): string => {
  const who = password === undefined ? '' : `${username}:${password}@`;
  return `redis://${who}127.0.0.1:${port}`;
};

/** A command waits until the server is there, however long a busy machine takes to start it. */
const PATIENT = { host: '127.0.0.1', retryStrategy: () => 20, maxRetriesPerRequest: null };

const serverArgs = (port: number, folder: string): string[] => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
  ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
];

const answers = async (port: number, own: Credentials): Promise<void> => {
  const probe = new Redis({ ...PATIENT, ...own, port });
  probe.on('error', () => undefined); // Refused until it listens.
  try {
    await Promise.race([probe.ping(), tooLate(10_000, `redis-server on port ${port}`)]);
  } finally {
    probe.disconnect();
  }
};

const tooLate = async (ms: number, what: string): Promise<never> => {
  await delay(ms, undefined, { ref: false });
  throw new Error(`${what} did not answer within ${ms} ms`);
};

const pidOf = (child: ChildProcess | undefined): number => {
  if (child?.pid === undefined) throw new Error('this redis-server was not started');
  return child.pid;
};
