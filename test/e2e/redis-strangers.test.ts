/** What whoever connects to a private Redis can do to it and to the machine, and how the monitor gets over it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect as open, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../actors/ports.ts';
import type { Way } from '../../src/redis/access.ts';
import { createRedis } from '../../src/redis/redis.ts';
import type { RedisServer } from '../../src/redis/server.ts';
import { createRecordedPart } from '../support/parts.ts';
import { pidOf, times, usePrivateRedises } from '../support/private-redises.ts';
import { isRunning } from '../support/processes.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { startRedis } from '../support/redis.ts';
import { startRelay } from '../support/relay.ts';
import { startStore } from '../support/store.ts';
import { systemClock } from '../support/system-clock.ts';

/** Seconds take a twentieth of their time. */
const quick = times(20);
const { port, dataFolder, folder, start, connect, enter } = usePrivateRedises(quick);
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** As of a monitor that was killed: nothing is done any more. */
const dead: Clock = { ...systemClock, setTimeout: () => undefined, clearTimeout: () => undefined };

const soon = { timeout: 30_000 };
const check = (server: Pick<RedisServer, 'check'>) => expect.poll(server.check, soon);

/** Whoever said it does not wait: it goes on when he has left. */
const holdUp = async (): Promise<void> => {
  const client = connect();
  await client.ping();
  const script = 'while true do redis.call("get", "bull:agent-events:x") end';
  const held = client.eval(`redis.call("set", "bull:agent-events:x", 1) ${script}`, 0);
  held.catch(() => undefined); // It has no answer.
  const other = connect();
  await expect
    .poll(() => other.ping().catch((error: Error) => error.message), soon)
    .toContain('BUSY');
  for (const each of [client, other]) each.disconnect();
};

describe('what a stranger can make a private Redis take', () => {
  it('is bounded, by Redis and for its process', async () => {
    const client = await enter(start());
    const one = async (name: string) => ((await client.config('GET', name)) as string[])[1];
    for (const name of ['maxmemory', 'maxmemory-clients', 'proto-max-bulk-len']) {
      expect(Number(await one(name))).toBeGreaterThan(0);
      expect(Number(await one(name))).toBeLessThan(2 ** 30);
    }
    const limits = readFileSync(`/proc/${await pidOf(client)}/limits`, 'utf8');
    expect(limits).toMatch(/^Max data size +2147483648 +2147483648/m);
  });

  it('is a value of some MB', async () => {
    start();
    const set = connect().setrange('bull:agent-events:x', 20 * 2 ** 20, 'x');
    await expect(set).rejects.toThrow('exceeds maximum allowed size');
  });

  it('is no answer without end that nobody reads', async () => {
    await using redis = await startRedis({ password: null });
    await using relay = await startRelay({ redis });
    await relay.commit(500);
    await relay.untilRelayed();
    const socket = open(redis.port, '127.0.0.1').pause();
    socket.on('error', () => undefined); // It is hung up on.
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write('CLIENT SETNAME idle\r\n');
    const names = async () => (await redis.client.client('LIST')) as string;
    await expect.poll(names, soon).toContain('name=idle');
    socket.write('XRANGE agent-events:stream - +\r\n'.repeat(1500));
    await expect.poll(names, soon).not.toContain('name=idle');
  });

  it('is no memory without end by a script: past its limit Redis ends, and begins anew with its data', async () => {
    const server = start({ clock: systemClock });
    const client = await enter(server);
    const pid = await pidOf(client);
    await client.set('key', 'kept');
    await expect.poll(() => client.info('persistence')).toContain('aof_pending_bio_fsync:0');
    const filled = 'redis.call("setrange", "bull:agent-events:" .. i, 15 * 1024 * 1024, "x")';
    const script = `for i = 1, 300 do ${filled} end`;
    connect()
      .eval(script, 0)
      .catch(() => undefined); // It has no answer.
    await expect.poll(() => isRunning(pid), soon).toBe(false);
    const told = () => readFileSync(join(folder(), 'redis.log'), 'utf8');
    await expect.poll(told, soon).toContain('aborting for OUT OF MEMORY');
    await check(server).toMatchObject({ status: 'ok' });
    expect(await client.get('key')).toBe('kept');
    expect(await client.dbsize()).toBe(1);
  });

  it('is no log without end, neither while the monitor reads it nor when nobody does', async () => {
    const lines = `for i = 1, 20000 do redis.log(redis.LOG_WARNING, ("x"):rep(1000)) end return 1`;
    const one = start({ clock: dead });
    const client = connect();
    expect(await client.eval(lines, 0)).toBe(1);
    const pid = await pidOf(client);
    expect(await client.eval(lines, 0)).toBe(1);
    expect(existsSync(join(folder(), 'redis.log'))).toBe(false);
    expect(await pidOf(await enter(start()))).toBe(pid);
    await one.stop();
    expect(statSync(join(folder(), 'redis.log')).size).toBeLessThanOrEqual(64 * 1024);
  });
});

describe('a private Redis that lets the monitor in no more', () => {
  it('is started anew where a script holds it up, with its data', async () => {
    const server = start({ clock: times(2) }); // Redis calls a script slow after five seconds.
    const client = await enter(server);
    const pid = await pidOf(client);
    await client.set('key', 'kept');
    await expect.poll(() => client.info('persistence')).toContain('aof_pending_bio_fsync:0');
    await holdUp();
    await check(server).toEqual({
      status: 'degraded',
      detail: expect.stringMatching(/does not let the monitor in: BUSY .*; where that lasts it is/),
    });
    await check(server).toMatchObject({ status: 'ok' });
    expect(isRunning(pid)).toBe(false);
    expect(await connect(await wayOf(server)).get('key')).toBe('kept');
    expect(server.part.failures).toHaveLength(1);
  });

  it('is started anew where it hangs', async () => {
    const server = start();
    const pid = await pidOf(connect());
    process.kill(pid, 'SIGSTOP');
    await check(server).toMatchObject({ detail: expect.stringContaining('it does not answer') });
    await check(server).toMatchObject({ status: 'ok' });
    expect(isRunning(pid)).toBe(false);
  });

  it('is started anew where a killed monitor left it so', async () => {
    start({ clock: dead });
    const pid = await pidOf(connect());
    await holdUp();
    const server = start();
    await check(server).toMatchObject({ detail: expect.stringContaining('BUSY') });
    await check(server).toMatchObject({ status: 'ok' });
    expect(isRunning(pid)).toBe(false);
    expect(server.part.failures).toEqual([expect.stringMatching(/BUSY.*; it was ended$/)]);
  });

  it('is started anew where all its places are taken', async () => {
    const first = start({ clock: dead });
    const client = await enter(first);
    const pid = await pidOf(client);
    await client.config('SET', 'maxclients', '50');
    for (let i = 0; i < 60; i += 1) {
      sockets.push(open(port(), '127.0.0.1').on('error', () => undefined));
    }
    const full = async () => /rejected_connections:(\d+)/.exec(await client.info('stats'))?.[1];
    await expect.poll(full, soon).not.toBe('0');
    const server = start();
    await check(server).toMatchObject({ detail: expect.stringContaining('does not let the') });
    await check(server).toMatchObject({ status: 'ok' });
    expect(isRunning(pid)).toBe(false);
  });

  it('is used as it is where it lets the monitor in again', async () => {
    start({ clock: dead });
    const pid = await pidOf(connect());
    process.kill(pid, 'SIGSTOP');
    const server = start({ clock: systemClock });
    await check(server).toMatchObject({ detail: expect.stringContaining('it does not answer') });
    process.kill(pid, 'SIGCONT');
    await check(server).toMatchObject({ status: 'ok', detail: expect.stringContaining(`${pid}`) });
  });

  it('is ended with the monitor, also where it was left so', async () => {
    start({ clock: dead });
    const pid = await pidOf(connect());
    await holdUp();
    const server = start({ clock: systemClock });
    await check(server).toMatchObject({ detail: expect.stringContaining('BUSY') });
    await server.stop();
    expect(isRunning(pid)).toBe(false);
  });

  it('is ended by force though nothing else keeps the program alive', async () => {
    const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const code = `
      const { launch } = await import(${module('../../src/redis/private-redis.ts')});
      const options = { command: 'redis-server', folder: ${JSON.stringify(folder())}, args: [] };
      const redis = launch({ ...options, port: ${port()} });
      process.stdin.once('data', async () => {
        process.stdin.destroy();
        await redis.stop();
        process.stdout.write('ended');
      });`;
    const program = spawn(process.execPath, ['--input-type=module', '-e', code]);
    const told = text(program.stdout);
    const pid = await pidOf(connect());
    try {
      process.kill(pid, 'SIGSTOP');
      program.stdin.write('stop\n');
      expect(await told).toBe('ended');
      expect(isRunning(pid)).toBe(false);
    } finally {
      program.kill('SIGKILL');
      if (isRunning(pid)) process.kill(pid, 'SIGKILL');
    }
  });
});

describe('a Redis that has the port in place of the private one', () => {
  it('is told nothing, and the next step is said', async () => {
    const server = start();
    const ways: Way[] = [];
    server.follow((way) => ways.push(way));
    const pid = await pidOf(connect());
    await server.stop();
    expect(isRunning(pid)).toBe(false);
    await using other = await startRedis({ port: port() });
    const next = start();
    next.follow((way) => ways.push(way));
    const url = `redis://127.0.0.1:${port()}`;
    await check(next).toEqual({
      status: 'degraded',
      detail: expect.stringMatching(`at ${url} is not the private one .* set REDIS_URL=${url} to`),
    });
    expect(ways).toHaveLength(1);
    await other.kill();
    await check(next).toMatchObject({ detail: expect.stringContaining('a private Redis') });
  });

  it('is used where none could be run before', async () => {
    const server = start({ command: 'no-redis-server' });
    await check(server).toMatchObject({ detail: expect.stringContaining('install it with') });
    await using redis = await startRedis({ port: port() });
    await check(server).toMatchObject({ detail: expect.stringContaining('was found') });
    expect(await redis.client.ping()).toBe('PONG');
  });
});

describe('the check says what to do', () => {
  const createStaged = () => {
    const store = startStore({ folder: dataFolder() });
    const redis = createRedis({
      config: { redisUrl: null, redisPassword: null, redisPrefix: '', dataDir: dataFolder() },
      ...{ host: 'host-a', outbox: store.outbox, clock: quick, log: createRecordedLog() },
      ...{ part: createRecordedPart(), port: port() },
    });
    const told = async (work: () => Promise<unknown>): Promise<void> => {
      const error = await work().then(
        () => null,
        (reason: Error) => reason,
      );
      redis.report({ state: 'degraded', lastRelayed: 0, detail: `stream: ${error?.message}` });
    };
    const stop = async () => {
      await redis.stop();
      store[Symbol.dispose]();
    };
    return { ...redis, told, [Symbol.asyncDispose]: stop };
  };

  it('where its memory is full', async () => {
    await using redis = createStaged();
    await check(redis).toMatchObject({ detail: expect.stringContaining('a private Redis') });
    const secret = readFileSync(join(folder(), 'secret'), 'utf8').trim();
    const own = connect({
      path: join(folder(), 'redis.sock'),
      ...{ username: 'agent-monitor', password: secret },
    });
    await own.config('SET', 'maxmemory', '1');
    await redis.told(() => own.set('key', 'x'));
    expect(redis.check()).toEqual({
      status: 'degraded',
      detail: expect.stringMatching(/OOM command not allowed .*; .* empty it by FLUSHDB/),
    });
  });

  it('where it is the private one of another monitor', async () => {
    start({ folder: folder('other') });
    await connect().ping();
    await using redis = createStaged();
    await check(redis).toMatchObject({ detail: expect.stringContaining('was found') });
    await redis.told(() => connect().set('key', 'x'));
    expect(redis.check().detail).toMatch(
      /NOPERM .*; it is the private one of another monitor, .* REDIS_URL/,
    );
  });
});

const wayOf = (server: Pick<RedisServer, 'follow'>): Promise<Way> =>
  new Promise((resolve) => {
    server.follow(resolve);
  });
