/** Redis servers as the monitor starts them for itself, and who connects to them. */

import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach } from 'vitest';
import type { Clock } from '../../actors/ports.ts';
import type { Way } from '../../src/redis/access.ts';
import { namesFor } from '../../src/redis/names.ts';
import { type RedisServer, startRedisServer } from '../../src/redis/server.ts';
import { createRecordedPart, type RecordedPart } from './parts.ts';
import { createRecordedLog, type RecordedLog } from './recorded-log.ts';
import { freePort } from './redis.ts';
import { createDataFolder, type DataFolder } from './store.ts';
import { systemClock } from './system-clock.ts';

type ServerOptions = Parameters<typeof startRedisServer>[0];

export interface PrivateRedises {
  /** Of this test alone, as the data folder is. */
  port(): number;
  dataFolder(): string;
  /** Where a server has its data. */
  folder(name?: string): string;
  start(
    options?: Partial<ServerOptions> & { prefix?: string },
  ): RedisServer & { log: RecordedLog; part: RecordedPart };
  /** A client, as a consumer unless told otherwise. */
  connect(as?: Way | { port: number; password?: string }): Redis;
  /** A client that goes in as the monitor does. */
  enter(server: Pick<RedisServer, 'follow'>): Promise<Redis>;
}

/** For all tests of the file; what one of them starts is ended after it. */
export const usePrivateRedises = (clock: Clock): PrivateRedises => {
  let data: DataFolder;
  let port: number;
  const servers: RedisServer[] = [];
  const clients: Redis[] = [];
  beforeEach(async () => {
    data = createDataFolder();
    port = await freePort();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect();
    for (const server of servers.splice(0)) await server.stop();
    data[Symbol.dispose]();
  });

  const folder = (name = 'redis'): string => join(data.path, name);
  const connect: PrivateRedises['connect'] = (as = { port }) => {
    const client = new Redis({ ...as, retryStrategy: () => 20, maxRetriesPerRequest: null });
    client.on('error', () => undefined); // Until it is there, and while it is away on purpose.
    clients.push(client);
    return client;
  };
  return {
    ...{ folder, connect, port: () => port, dataFolder: () => data.path },
    start: ({ prefix = '', ...options } = {}) => {
      const log = createRecordedLog();
      const part = createRecordedPart();
      const server = startRedisServer({
        ...{ url: null, password: null, names: namesFor(prefix), folder: folder(), port },
        ...{ clock, log, part, ...options },
      });
      servers.push(server);
      return { ...server, log, part };
    },
    enter: (server) =>
      new Promise((resolve) => {
        server.follow((way) => resolve(connect(way)));
      }),
  };
};

export const pidOf = async (client: Redis): Promise<number> =>
  Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);

/** A clock on which a second takes so much less. */
export const times = (speed: number): Clock => ({
  ...systemClock,
  monotonic: () => systemClock.monotonic() * speed,
  setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms / speed),
});
