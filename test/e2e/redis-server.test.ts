import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../actors/ports.ts';
import { type RedisServer, startRedisServer } from '../../src/redis/server.ts';
import { createRecordedPart } from '../support/parts.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { freePort, startRedis } from '../support/redis.ts';
import { createDataFolder, type DataFolder } from '../support/store.ts';
import { systemClock } from '../support/system-clock.ts';

let data: DataFolder;
let port: number;
const started: RedisServer[] = [];
const clients: Redis[] = [];
beforeEach(async () => {
  data = createDataFolder();
  port = await freePort();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  for (const server of started.splice(0)) await server.stop();
  data[Symbol.dispose]();
});

const folder = (name = 'redis'): string => join(data.path, name);

const start = (
  parts: { url?: string; folder?: string; command?: string; port?: number; clock?: Clock } = {},
) => {
  const log = createRecordedLog();
  const part = createRecordedPart();
  const options = { url: null, folder: folder(), port, clock: systemClock, log, part, ...parts };
  const server = startRedisServer(options);
  started.push(server);
  return { ...server, log };
};

const connect = (): Redis => {
  const client = new Redis({ port, retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined); // Until it is there, and while it is away on purpose.
  clients.push(client);
  return client;
};

const pidOf = async (client: Redis): Promise<number> =>
  Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

const check = (server: RedisServer) => expect.poll(server.check, { timeout: 10_000 });

describe('with nothing on the port', () => {
  it('starts a private Redis, for this machine only and keeping its data, and ends it', async () => {
    const server = start();
    expect(server.url).toBe(`redis://127.0.0.1:${port}`);
    const client = connect();
    const pid = await pidOf(client);
    expect(server.check()).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining(`${pid}`),
    });
    const settings = await client.config('GET', 'bind', 'appendonly', 'appendfsync', 'dir');
    expect(Object.fromEntries(pairs(settings as string[]))).toEqual({
      ...{ bind: '127.0.0.1', appendonly: 'yes', appendfsync: 'everysec', dir: folder() },
    });
    expect(await client.config('GET', 'maxmemory-policy')).toContain('noeviction');
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    await server.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('starts it again when it ends, with its data', async () => {
    const server = start();
    const client = connect();
    const pid = await pidOf(client);
    await client.set('key', 'kept');
    await expect.poll(() => client.info('persistence')).toContain('aof_pending_bio_fsync:0');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => pidOf(client), { timeout: 10_000 }).not.toBe(pid);
    expect(await client.get('key')).toBe('kept');
    expect(server.log.messages('warn')).toEqual(['there is no Redis']);
  });

  it.each([
    { what: 'commands', file: 'appendonly.aof.1.incr.aof' },
    { what: 'base', file: 'appendonly.aof.1.base.rdb' },
    { what: 'manifest', file: 'appendonly.aof.manifest' },
  ])(
    'begins anew where the $what it kept cannot be read, and keeps them aside',
    async ({ file }) => {
      const before = start();
      await connect().set('key', 'kept');
      await before.stop();
      const damaged = join(folder(), 'appendonlydir', file);
      writeFileSync(damaged, `damaged ${file}`);

      const server = start();
      const client = connect();
      expect(await client.get('key')).toBeNull();
      expect(server.log.messages('warn')).toEqual(['there is no Redis']);
      const [aside = ''] = readdirSync(folder()).filter((name) => name.startsWith('corrupt-'));
      expect(readFileSync(join(folder(), aside, 'appendonlydir', file), 'utf8')).toContain(
        'damaged',
      );
      await check(server).toMatchObject({ status: 'ok' });
    },
  );

  it('ends one that hangs', async () => {
    const server = start();
    const pid = await pidOf(connect());
    process.kill(pid, 'SIGSTOP');
    await server.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('leaves nothing running when it is stopped while starting', async () => {
    const server = start();
    await server.stop();
    await expect(connectOnce(port)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('says what to install where there is no redis-server', async () => {
    const server = start({ command: 'redis-server-that-is-not-there' });
    await check(server).toEqual({
      status: 'degraded',
      detail: expect.stringMatching(/there is no redis-server-that.*; install it with: \S+ /),
    });
    expect(server.log.messages('warn')).toEqual(['there is no Redis']);
  });

  it('says where to look where redis-server does not start', async () => {
    const server = start({ command: 'false' });
    await check(server).toEqual({
      status: 'degraded',
      detail: `the private redis-server ended with code 1; see ${folder()}/redis.log`,
    });
  });

  it('sets nothing aside where the log tells of an earlier end, and the data are gone', async () => {
    mkdirSync(folder());
    const line = '# Bad file format reading the append only file appendonly.aof.1.incr.aof';
    writeFileSync(join(folder(), 'redis.log'), `${line}\n`);
    const server = start({ command: 'false' });
    await check(server).toEqual({
      status: 'degraded',
      detail: `the private redis-server ended with code 1; see ${folder()}/redis.log`,
    });
    expect(readdirSync(folder())).toEqual(['redis.log']);
  });
});

describe('with a Redis on the port', () => {
  it('uses it, starts none, and leaves it running', async () => {
    await using redis = await startRedis({ port });
    const server = start();
    await check(server).toEqual({
      status: 'ok',
      detail: `the Redis that was found at redis://127.0.0.1:${port}`,
    });
    await server.stop();
    expect(await redis.client.ping()).toBe('PONG');
    expect(isRunning(redis.pid)).toBe(true);
  });

  it('takes one of another monitor for what it is: found, not its own', async () => {
    const one = start({ folder: folder('one') });
    const pid = await pidOf(connect());
    const two = start({ folder: folder('two') });
    await check(two).toMatchObject({ detail: expect.stringContaining('was found') });
    await two.stop();
    expect(isRunning(pid)).toBe(true);
    await one.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it.each([
    { how: 'politely', hang: false },
    { how: 'by force where it hangs', hang: true },
  ])('adopts the one that a killed monitor left running, and ends it $how', async ({ hang }) => {
    const pid = await leaveBehind();
    const server = start();
    await check(server).toMatchObject({ status: 'ok', detail: expect.stringContaining(`${pid}`) });
    expect(server.log.messages('info')).toEqual(['a private Redis was running and is adopted']);
    if (hang) process.kill(pid, 'SIGSTOP');
    await server.stop();
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it('starts another when the adopted one ends', async () => {
    const pid = await leaveBehind();
    const server = start();
    await check(server).toMatchObject({ detail: expect.stringContaining(`${pid}`) });
    const client = connect();
    await client.ping();
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => pidOf(client), { timeout: 10_000 }).not.toBe(pid);
  });
});

describe('with a Redis on the port that says it works in our folder', () => {
  it.each<[string, (pid: number) => string | null]>([
    ['did not write its pid there', () => null],
    ['is not the one that wrote its pid there', (pid) => `${pid + 1}`],
  ])('uses it and never signals it where it %s', async (_, written) => {
    const pid = await leaveBehind();
    const file = join(folder(), 'redis.pid');
    const content = written(pid);
    if (content === null) rmSync(file);
    else writeFileSync(file, content);
    try {
      const server = start();
      await check(server).toMatchObject({ detail: expect.stringContaining('was found') });
      await server.stop();
      expect(isRunning(pid)).toBe(true);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it.each<[string, (bystander: number) => string]>([
    ['0', () => '0'],
    ['none', () => ''],
    ['our own', () => `${process.pid}`],
    ['another program’s', (bystander) => `${bystander}`],
  ])('never signals the pid that it tells: %s', async (_, toTell) => {
    const bystander = spawn('sleep', ['600']);
    const pid = bystander.pid ?? 0;
    mkdirSync(folder());
    writeFileSync(join(folder(), 'redis.pid'), toTell(pid));
    const liar = createServer((socket) => {
      socket.on('error', () => undefined); // It is hung up on.
      socket.on('data', (data) => socket.write(lie(`${data}`, toTell(pid), folder())));
    });
    await once(liar.listen(port, '127.0.0.1'), 'listening');
    try {
      const server = start();
      await check(server).toMatchObject({ detail: expect.stringContaining('was found') });
      await server.stop();
      expect(isRunning(pid)).toBe(true);
    } finally {
      liar.close();
      bystander.kill('SIGKILL');
    }
  });
});

describe('a Redis that was found and goes', () => {
  /** Seconds take a twentieth of their time. */
  const quick: Clock = {
    ...systemClock,
    setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms / 20),
  };

  it('is replaced by a private one', async () => {
    await using redis = await startRedis({ port });
    const server = start({ clock: quick });
    await check(server).toMatchObject({ detail: expect.stringContaining('was found') });
    await redis.kill();
    await check(server).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/gone/),
    });
    await check(server).toMatchObject({ detail: expect.stringContaining('a private Redis') });
    const client = connect();
    expect(await client.ping()).toBe('PONG');
  });

  it('is used again where it comes back', async () => {
    await using redis = await startRedis({ port });
    const server = start();
    await check(server).toMatchObject({ detail: expect.stringContaining('was found') });
    await redis.kill();
    await check(server).toMatchObject({ status: 'degraded' });
    await redis.start();
    await check(server).toMatchObject({ detail: expect.stringContaining('was found') });
    await server.stop();
    expect(isRunning(redis.pid)).toBe(true);
  });
});

it('waits for a port that something else has, and says so', async () => {
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await once(other.listen(port, '127.0.0.1'), 'listening');
  const server = start();
  await check(server).toMatchObject({
    status: 'degraded',
    detail: expect.stringContaining(`port ${port} is taken by something that is no Redis for us`),
  });
  other.close();
  await check(server).toMatchObject({ status: 'ok' });
});

it('starts nothing where an address is given', async () => {
  const server = start({ url: 'redis://127.0.0.1:1', folder: folder() });
  expect(server.url).toBe('redis://127.0.0.1:1');
  expect(server.check()).toEqual({ status: 'ok', detail: 'the Redis of REDIS_URL' });
  await server.stop();
  expect(statSync(folder(), { throwIfNoEntry: false })).toBeUndefined();
});

/** Starts a private Redis from a process that is then killed, and answers the pid of what is left. */
const leaveBehind = async (): Promise<number> => {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const code = `
    const { startRedisServer } = await import(${module('../../src/redis/server.ts')});
    const { systemClock: clock } = await import(${module('../support/system-clock.ts')});
    const { createRecordedLog } = await import(${module('../support/recorded-log.ts')});
    const { createRecordedPart } = await import(${module('../support/parts.ts')});
    const folder = ${JSON.stringify(folder())};
    const [log, part] = [createRecordedLog(), createRecordedPart()];
    startRedisServer({ url: null, folder, port: ${port}, clock, log, part });
    setInterval(() => undefined, 1000);`;
  const monitor = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: 'inherit',
  });
  const exit = once(monitor, 'exit');
  try {
    return await pidOf(connect());
  } finally {
    monitor.kill('SIGKILL');
    await exit;
  }
};

const connectOnce = async (to: number): Promise<void> => {
  const client = new Redis({ port: to, lazyConnect: true, retryStrategy: () => null });
  const refused = new Promise<never>((_, reject) => client.once('error', reject));
  await Promise.race([client.connect().then(() => client.disconnect()), refused]);
};

const pairs = (flat: string[]): [string, string][] =>
  Array.from({ length: flat.length / 2 }, (_, index) => [
    flat[2 * index] ?? '',
    flat[2 * index + 1] ?? '',
  ]);

/** Answers as a Redis that tells this pid and folder. */
const lie = (request: string, pid: string, dir: string): string =>
  request
    .split(/^\*\d+\r\n/m)
    .slice(1)
    .map((command) => {
      if (/info\r\n\$\d+\r\nserver/i.test(command)) return bulk(`process_id:${pid}\r\n`);
      if (/config\r\n\$\d+\r\nget/i.test(command)) return `*2\r\n${bulk('dir')}${bulk(dir)}`;
      return '+OK\r\n';
    })
    .join('');

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
