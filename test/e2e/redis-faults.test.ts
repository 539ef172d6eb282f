import { describe, expect, it } from 'vitest';
import { ended, send } from '../support/command-calls.ts';
import { startDaemon } from '../support/daemon.ts';
import { startRecordingAgent } from '../support/recording-agent.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { type RedisProxy, startRedisProxy } from '../support/redis-proxy.ts';
import {
  readJournal,
  readStream,
  startRelay,
  subscribe,
  type TestRelay,
} from '../support/relay.ts';
import { startTmux } from '../support/tmux.ts';

describe('a Redis that is killed again and again', () => {
  it.each([
    { keeps: 'nothing', args: ['--appendonly', 'no'] },
    { keeps: 'what is a second old', args: ['--appendfsync', 'everysec'] },
    { keeps: 'everything', args: ['--appendfsync', 'always'] },
  ])('has every event once afterwards, though it keeps $keeps', async ({ args }) => {
    await using redis = await startRedis({ args });
    await using relay = await startRelay({ redis });
    using subscriber = await subscribe(redis);
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 10; n += 1) await relay.commit(20);
      await redis.kill();
      await relay.commit(20);
      await relay.until(({ state }) => state === 'degraded');
      await redis.start();
      await relay.untilRelayed();
    }
    expect(await readStream(redis)).toEqual(readJournal(relay.store));
    expect(relay.store.events.last()).toBe(660);
    expect(subscriber.seqs()).toEqual([...new Set(subscriber.seqs())].sort((a, b) => a - b));
  });
});

describe('a Redis that refuses to write', () => {
  it.each<{
    how: string;
    refuse: (redis: TestRedis) => Promise<unknown>;
    detail: string;
    relent: (redis: TestRedis) => Promise<unknown>;
  }>([
    {
      how: 'since its memory is full',
      refuse: (redis) => redis.client.config('SET', 'maxmemory', '1'),
      detail: 'OOM',
      relent: (redis) => redis.client.config('SET', 'maxmemory', '0'),
    },
    {
      how: 'since it has become a replica',
      refuse: (redis) => redis.client.replicaof('127.0.0.1', 1),
      detail: 'READONLY',
      relent: (redis) => redis.client.replicaof('NO', 'ONE'),
    },
    {
      how: 'since it wants a password now',
      refuse: async (redis) => {
        await redis.client.config('SET', 'requirepass', 'secret');
        await redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      },
      detail: 'NOAUTH',
      relent: (redis) => redis.client.config('SET', 'requirepass', ''),
    },
  ])('$how is told of, and has every event once when it writes again', async (fault) => {
    await using redis = await startRedis();
    await using relay = await startRelay({ redis });
    await relay.commit(5);
    await relay.untilRelayed();
    await fault.refuse(redis);
    await relay.commit(5);
    await relay.until(({ state, detail }) => state === 'degraded' && detail.includes(fault.detail));
    await relay.commit(600);
    await fault.relent(redis);
    await relay.untilRelayed();
    expect(await readStream(redis)).toEqual(readJournal(relay.store));
  });
});

describe('a Redis behind a broken line', () => {
  it.each<{
    what: string;
    fail(proxy: RedisProxy, relay: TestRelay): Promise<void>;
    mend(proxy: RedisProxy): void;
  }>([
    {
      what: 'takes connections and never answers',
      fail: async (proxy, relay) => {
        proxy.hold();
        await relay.commit(5);
        await relay.until(({ state }) => state === 'degraded');
        await relay.commit(600);
      },
      mend: (proxy) => proxy.pass(),
    },
    {
      what: 'answers when nobody waits any more',
      fail: async (proxy, relay) => {
        proxy.pass(1_500);
        await relay.commit(5);
        await relay.until(({ detail }) => detail.includes('timed out'));
        await relay.commit(5);
      },
      mend: (proxy) => proxy.pass(100),
    },
  ])('that $what has every event once', async ({ fail, mend }) => {
    await using redis = await startRedis();
    await using proxy = await startRedisProxy(redis);
    await using relay = await startRelay({ redis: { ownUrl: proxy.url } });
    using subscriber = await subscribe(redis);
    await relay.commit(5);
    await relay.untilRelayed();
    await fail(proxy, relay);
    mend(proxy);
    await relay.commit(5);
    await relay.untilRelayed();
    expect(await readStream(redis)).toEqual(readJournal(relay.store));
    await expect.poll(() => subscriber.seqs()).toEqual(readJournal(relay.store).map(seqOf));
  });
});

it('a monitor whose Redis never answers starts, types and stops as ever', async () => {
  await using tmux = await startTmux();
  await using proxy = await startRedisProxy({ port: 1 });
  proxy.hold();
  await using agent = await startRecordingAgent(tmux, { name: 'shop-api' });
  await using daemon = await startDaemon({ tmux, redis: proxy });
  await daemon.agent('shop-api', ({ state }) => state === 'complete');
  const { id } = await send(daemon, 'shop-api', 'go on');
  expect(await ended(daemon, id)).toMatchObject({ status: 'sent' });
  expect(agent.submitted()).toEqual(['go on']);
  expect(await daemon.get('/health')).toMatchObject({
    status: 'degraded',
    checks: { store: { status: 'ok' }, tmux: { status: 'ok' }, redis: { status: 'degraded' } },
  });
  expect(await daemon.end('SIGTERM')).toBe(0);
});

const seqOf = ([, { seq }]: ReturnType<typeof readJournal>[number]): number => seq;
