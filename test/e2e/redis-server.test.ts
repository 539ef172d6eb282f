import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import type { Way } from '../../src/redis/access.ts';
import { namesFor } from '../../src/redis/names.ts';
import type { RedisServer } from '../../src/redis/server.ts';
import { blocksOf } from '../support/page.ts';
import { pidOf, times, usePrivateRedises } from '../support/private-redises.ts';
import { isRunning } from '../support/processes.ts';
import { startRedis } from '../support/redis.ts';
import { startRelay } from '../support/relay.ts';
import { systemClock } from '../support/system-clock.ts';

const PASSWORD = 'a-password-of-24-letters';

const { port, dataFolder, folder, start, connect, enter } = usePrivateRedises(systemClock);
/** Seconds take a twentieth of their time. */
const quick = times(20);

const check = (server: RedisServer) => expect.poll(server.check, { timeout: 10_000 });

describe('with nothing on the port', () => {
  it('starts a private Redis, for this machine only and keeping its data, and ends it', async () => {
    const server = start();
    expect(server.url).toBe(`redis://127.0.0.1:${port()}`);
    const client = await enter(server);
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
    for (const name of ['secret', 'users.acl', 'redis.sock']) {
      expect(statSync(join(folder(), name)).mode & 0o777).toBe(0o600);
    }
    const secret = readFileSync(join(folder(), 'secret'), 'utf8').trim();
    expect(readFileSync(join(folder(), 'users.acl'), 'utf8')).not.toContain(secret);
    await server.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('starts it again when it ends, with its data', async () => {
    const server = start();
    const client = await enter(server);
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
      await (await enter(before)).set('key', 'kept');
      await before.stop();
      const damaged = join(folder(), 'appendonlydir', file);
      writeFileSync(damaged, `damaged ${file}`);

      const server = start();
      const client = await enter(server);
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
    await expect(connectOnce(port())).rejects.toThrow(/ECONNREFUSED/);
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
    expect(readdirSync(folder())).toEqual(['redis.log', 'secret', 'users.acl']);
  });
});

describe('with a Redis on the port', () => {
  it('uses it, starts none, and leaves it running', async () => {
    await using redis = await startRedis({ port: port() });
    const server = start();
    await check(server).toEqual({
      status: 'ok',
      detail: `the Redis that was found at redis://127.0.0.1:${port()}`,
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

describe('with a private Redis left behind whose users are others', () => {
  const secret = () => join(folder(), 'secret');

  it.each<[string, { left?: string; lose?: () => void; wanted?: Parameters<typeof start>[0] }]>([
    ['of another prefix', { wanted: { prefix: 'bull' } }],
    ['asked for no password', { wanted: { password: PASSWORD } }],
    ['asked for a password', { left: PASSWORD }],
    ['asked for another password', { left: PASSWORD, wanted: { password: `${PASSWORD}2` } }],
    ['one of whom has a secret that was lost', { lose: () => rmSync(secret()) }],
    ['one of whom has a secret that was open', { lose: () => chmodSync(secret(), 0o640) }],
  ])('%s: starts it anew, with its data', async (_, { left, lose, wanted }) => {
    const pid = await leaveBehind(left);
    await connect({ port: port(), ...(left && { password: left }) }).set(
      'bull:agent-events:key',
      'kept',
    );
    lose?.();
    const server = start(wanted);
    const client = await enter(server);
    expect(await client.get('bull:agent-events:key')).toBe('kept');
    expect(await pidOf(client)).not.toBe(pid);
    expect(isRunning(pid)).toBe(false);
    expect(server.log.messages('info')).toEqual(ANEW);
    expect(statSync(secret()).mode & 0o777).toBe(0o600);
  });

  it('none: starts it anew, with its data', async () => {
    mkdirSync(folder());
    const args = ['--dir', folder(), '--pidfile', join(folder(), 'redis.pid')];
    await using earlier = await startRedis({ port: port(), args });
    await earlier.client.set('key', 'kept');
    const server = start();
    const client = await enter(server);
    expect(await client.get('key')).toBe('kept');
    expect(server.log.messages('info')).toEqual(ANEW);
    await expect(connect().get('key')).rejects.toThrow('NOPERM');
  });

  it('the same: adopts it, also where it asks for a password', async () => {
    const pid = await leaveBehind(PASSWORD);
    const server = start({ password: PASSWORD });
    expect(await pidOf(await enter(server))).toBe(pid);
    expect(server.log.messages('info')).toEqual(['a private Redis was running and is adopted']);
  });

  const ANEW = ['a private Redis with other settings was ended', 'a private Redis was started'];
});

describe('with a Redis on the port that says it works in our folder', () => {
  it.each<[string, (pid: number) => string | null]>([
    ['did not write its pid there', () => null],
    ['is not the one that wrote its pid there', (pid) => `${pid + 1}`],
  ])('tells it nothing and never signals it where it %s', async (_, written) => {
    mkdirSync(folder());
    await using redis = await startRedis({ port: port(), args: ['--dir', folder()] });
    const content = written(redis.pid);
    if (content !== null) writeFileSync(join(folder(), 'redis.pid'), content);
    const server = start();
    await check(server).toMatchObject({
      detail: expect.stringContaining('is not the private one'),
    });
    await server.stop();
    expect(isRunning(redis.pid)).toBe(true);
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
    await once(liar.listen(port(), '127.0.0.1'), 'listening');
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
  it('is replaced by a private one', async () => {
    await using redis = await startRedis({ port: port() });
    const server = start({ clock: quick });
    const ways: Way[] = [];
    server.follow((way) => ways.push(way));
    await check(server).toMatchObject({ detail: expect.stringContaining('was found') });
    await redis.kill();
    await check(server).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/gone/),
    });
    await check(server).toMatchObject({ detail: expect.stringContaining('a private Redis') });
    expect(ways).toEqual([
      { host: '127.0.0.1', port: port() },
      expect.objectContaining({ path: join(folder(), 'redis.sock'), username: 'agent-monitor' }),
    ]);
    expect(await connect(ways[1]).get('key')).toBeNull();
  });

  it('is used again where it comes back', async () => {
    await using redis = await startRedis({ port: port() });
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

describe('the events', () => {
  const lengthOf = async (client: Redis) => await client.xlen('agent-events:stream');
  const soon = { timeout: 20_000 };

  it('get into a private Redis, also after it was killed, and are read there by anyone', async () => {
    const server = start();
    await using relay = await startRelay({ redis: null, follow: server.follow });
    await relay.commit(5);
    await relay.untilRelayed();
    const consumer = connect();
    expect(await lengthOf(consumer)).toBe(5);
    process.kill(await pidOf(consumer), 'SIGKILL');
    await relay.until(({ state }) => state === 'degraded');
    await relay.commit(5);
    await expect.poll(() => lengthOf(consumer), soon).toBe(10);
    await expect(consumer.del('agent-events:stream')).rejects.toThrow('NOPERM');
  });

  it('get into whichever Redis there is, a found one and the private one after it', async () => {
    await using redis = await startRedis({ port: port() });
    const server = start({ clock: quick });
    await using relay = await startRelay({ redis: null, follow: server.follow });
    await relay.commit(5);
    await relay.untilRelayed();
    expect(await lengthOf(redis.client)).toBe(5);
    await redis.kill();
    await check(server).toMatchObject({ detail: expect.stringContaining('a private Redis') });
    await relay.commit(5);
    await expect.poll(() => lengthOf(connect()), soon).toBe(10);
  });
});

it('lets its user do all by the command of docs/operations.md', async () => {
  const server = start({ password: PASSWORD });
  await (await enter(server)).ping();
  const block = blocksOf('operations.md', 'bash').find(({ body }) => /^REDISCLI_AUTH=/.test(body));
  const command = block?.body.trim().replaceAll('data/redis', folder());
  const answer = await promisify(execFile)('sh', ['-c', `${command} -e ACL WHOAMI`]);
  expect(answer.stdout).toBe('agent-monitor\n');
});

it('waits for a port that something else has, and says so', async () => {
  const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await once(other.listen(port(), '127.0.0.1'), 'listening');
  const server = start();
  await check(server).toMatchObject({
    status: 'degraded',
    detail: expect.stringContaining(`port ${port()} is taken by something that is no Redis for us`),
  });
  other.close();
  await check(server).toMatchObject({ status: 'ok' });
});

it('does not tell a Redis that is not its own where everyone is to be asked for a password', async () => {
  await using redis = await startRedis({ port: port() });
  const server = start({ password: PASSWORD });
  const ways: Way[] = [];
  server.follow((way) => ways.push(way));
  await check(server).toMatchObject({
    status: 'degraded',
    detail: expect.stringContaining('AGENT_MONITOR_REDIS_PASSWORD cannot close it'),
  });
  expect(ways).toEqual([]);
  await redis.kill();
  await check(server).toMatchObject({ detail: expect.stringContaining('a private Redis') });
});

describe('a redis-server that knows too little of users', () => {
  const old = () => {
    const command = join(dataFolder(), 'redis-server-6');
    const script = 'test "$1" != --version && exec redis-server "$@"; echo "Redis server v=6.2.14"';
    writeFileSync(command, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return command;
  };

  it('is used without, and that is said', async () => {
    const server = start({ command: old() });
    const client = await enter(server);
    expect(await client.set('key', 'value')).toBe('OK');
    expect(await connect().get('key')).toBe('value');
    expect(server.log.messages('warn')).toEqual([expect.stringContaining('is open to all users')]);
  });

  it('is not used where a password is wanted', async () => {
    const server = start({ command: old(), password: PASSWORD });
    await check(server).toEqual({
      status: 'degraded',
      detail: 'AGENT_MONITOR_REDIS_PASSWORD needs redis-server 7.0 or later',
    });
    await expect(connectOnce(port())).rejects.toThrow(/ECONNREFUSED/);
  });
});

it('starts none where the path of its socket is too long', async () => {
  const server = start({ folder: folder('x'.repeat(100)) });
  await check(server).toMatchObject({
    detail: expect.stringContaining('is too long for a socket'),
  });
  await expect(connectOnce(port())).rejects.toThrow(/ECONNREFUSED/);
});

it('starts nothing where an address is given', async () => {
  const server = start({ url: 'redis://127.0.0.1:1', folder: folder() });
  expect(server.url).toBe('redis://127.0.0.1:1');
  expect(server.check()).toEqual({ status: 'ok', detail: 'the Redis of REDIS_URL' });
  await server.stop();
  expect(statSync(folder(), { throwIfNoEntry: false })).toBeUndefined();
});

/** Starts a private Redis from a process that is then killed, and answers the pid of what is left. */
const leaveBehind = async (password?: string): Promise<number> => {
  const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const code = `
    const { startRedisServer } = await import(${module('../../src/redis/server.ts')});
    const { systemClock: clock } = await import(${module('../support/system-clock.ts')});
    const { createRecordedLog } = await import(${module('../support/recorded-log.ts')});
    const { createRecordedPart } = await import(${module('../support/parts.ts')});
    const folder = ${JSON.stringify(folder())};
    const [log, part] = [createRecordedLog(), createRecordedPart()];
    const names = ${JSON.stringify(namesFor(''))};
    const options = { folder, port: ${port()}, names, clock, log, part };
    startRedisServer({ url: null, password: ${JSON.stringify(password ?? null)}, ...options });
    setInterval(() => undefined, 1000);`;
  const monitor = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: 'inherit',
  });
  const exit = once(monitor, 'exit');
  try {
    return await pidOf(connect({ port: port(), ...(password && { password }) }));
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
