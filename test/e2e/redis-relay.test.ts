import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startRedis } from '../support/redis.ts';
import { readJournal, readStream, startRelay, subscribe } from '../support/relay.ts';
import { createDataFolder } from '../support/store.ts';

const STREAM = 'agent-events:stream';

const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

it('tells everything that was committed before there was a Redis', async () => {
  await using redis = await startRedis({ started: false });
  await using relay = await startRelay({ redis });
  await relay.until(({ detail }) => detail.includes('Redis is away'));
  await relay.commit(1500);
  await redis.start();
  await relay.untilRelayed();
  expect(await readStream(redis)).toEqual(readJournal(relay.store));
});

it('tells each event once through five kills of Redis, whatever was on its way', async () => {
  await using redis = await startRedis();
  await using relay = await startRelay({ redis });
  using subscriber = await subscribe(redis);
  for (let round = 0; round < 5; round += 1) {
    await relay.untilRelayed();
    for (let n = 0; n < 10; n += 1) await relay.commit(5);
    await redis.kill();
    for (let n = 0; n < 10; n += 1) await relay.commit(5);
    await relay.until(({ state }) => state === 'degraded');
    await redis.start();
  }
  await relay.untilRelayed();
  expect(relay.store.events.last()).toBe(500);
  expect(await readStream(redis)).toEqual(readJournal(relay.store));
  expect(subscriber.seqs()).toEqual([...new Set(subscriber.seqs())].sort((a, b) => a - b));
});

describe('a stream that was lost', () => {
  it.each<[string, (redis: Awaited<ReturnType<typeof startRedis>>) => Promise<unknown>]>([
    ['by FLUSHALL', (redis) => redis.flush()],
    ['by DEL', (redis) => redis.client.del(STREAM)],
    ['by XTRIM to nothing', (redis) => redis.client.xtrim(STREAM, 'MAXLEN', 0)],
    [
      'with its Redis, which comes back empty',
      async (redis) => {
        await redis.kill();
        await redis.start({ empty: true });
      },
    ],
  ])('%s is filled again from the journal, and nothing published twice', async (_, lose) => {
    await using redis = await startRedis();
    await using relay = await startRelay({ redis });
    await relay.commit(1200);
    await relay.untilRelayed();
    await lose(redis);
    await relay.until(({ detail }) => !detail.startsWith('Redis is away'));
    using subscriber = await subscribe(redis);
    await relay.commit(1);
    await relay.until(({ state, lastRelayed }) => state === 'relaying' && lastRelayed === 1201);
    expect(await readStream(redis)).toEqual(readJournal(relay.store));
    await expect.poll(() => subscriber.seqs()).toEqual([1201]);
  });
});

it('neither loses nor doubles what a frozen Redis was told, and lets no one wait', async () => {
  await using redis = await startRedis();
  await using relay = await startRelay({ redis });
  await relay.commit(3);
  await relay.untilRelayed();
  using subscriber = await subscribe(redis);

  redis.freeze();
  await relay.commit(2);
  await relay.until(({ detail }) => detail.includes('Command timed out'));
  await relay.commit(2);
  await relay.until(({ detail }) => detail.includes('Redis is away'));
  await relay.commit(2);
  redis.thaw();

  await relay.untilRelayed();
  expect(await readStream(redis)).toEqual(readJournal(relay.store));
  expect(relay.store.events.last()).toBe(9);
  await expect.poll(() => subscriber.seqs()).toEqual(numbers(4, 9));
});

it('goes on after a restart of the monitor, and tells nothing twice', async () => {
  await using redis = await startRedis();
  using folder = createDataFolder();
  using subscriber = await subscribe(redis);
  for (let round = 1; round <= 3; round += 1) {
    await using relay = await startRelay({ redis, folder: folder.path });
    await relay.commit(10);
    await relay.untilRelayed();
    expect(await readStream(redis)).toEqual(readJournal(relay.store));
    await expect.poll(() => subscriber.seqs()).toEqual(numbers(1, round * 10));
  }
});

it('begins a new epoch where the data folder was put back to an older copy', async () => {
  await using redis = await startRedis();
  using folder = createDataFolder();
  const path = join(folder.path, 'agent-state.db');
  let epoch: string;
  {
    await using relay = await startRelay({ redis, folder: folder.path });
    epoch = relay.store.outbox.epoch;
    await relay.commit(10);
    await relay.untilRelayed();
  }
  copyFileSync(path, `${path}.copy`);
  {
    await using relay = await startRelay({ redis, folder: folder.path });
    await relay.commit(10);
    await relay.untilRelayed();
  }
  copyFileSync(`${path}.copy`, path);
  await using relay = await startRelay({ redis, folder: folder.path });
  using subscriber = await subscribe(redis);
  await relay.until(({ state }) => state === 'relaying');
  await relay.commit(1);
  await relay.until(({ state, lastRelayed }) => state === 'relaying' && lastRelayed === 11);
  expect(relay.store.outbox.epoch).not.toBe(epoch);
  expect(await readStream(redis)).toEqual(readJournal(relay.store));
  expect(await redis.client.xlen(`${STREAM}:${epoch}-20`)).toBe(20);
  await expect.poll(() => subscriber.seqs()).toEqual([11]);
});

it('leaves the stream of another host alone until it is gone', async () => {
  await using redis = await startRedis();
  {
    await using other = await startRelay({ redis, host: 'host-b' });
    await other.commit(5);
    await other.untilRelayed();
  }
  const before = await redis.client.xrange(STREAM, '-', '+');
  await using relay = await startRelay({ redis });
  await relay.commit(2);
  await relay.until(({ detail }) => detail.includes('host-b; set AGENT_MONITOR_REDIS_PREFIX'));
  expect(await redis.client.xrange(STREAM, '-', '+')).toEqual(before);

  await using apart = await startRelay({ redis, prefix: 'apart' });
  await apart.commit(2);
  await apart.untilRelayed();
  expect(await readStream(redis, `apart:${STREAM}`)).toEqual(readJournal(apart.store));
  expect(await redis.client.xrange(STREAM, '-', '+')).toEqual(before);
});

it('sets the stream of a lost database of this host aside and begins anew', async () => {
  await using redis = await startRedis();
  let epoch: string;
  {
    await using lost = await startRelay({ redis });
    epoch = lost.store.outbox.epoch;
    await lost.commit(5);
    await lost.untilRelayed();
  }
  await using relay = await startRelay({ redis });
  await relay.commit(2);
  await relay.untilRelayed();
  expect(await readStream(redis)).toEqual(readJournal(relay.store));
  expect(await redis.client.xlen(`${STREAM}:${epoch}-5`)).toBe(5);
});

it('leaves the stream to the monitor of this host that is at work with it', async () => {
  await using redis = await startRedis();
  await using one = await startRelay({ redis });
  await one.commit(3);
  await one.untilRelayed();
  await using two = await startRelay({ redis });
  await two.commit(3);
  await two.until(({ detail }) => detail.includes('is written by another agent-monitor'));
  await one.commit(1);
  await one.untilRelayed();
  expect(await readStream(redis)).toEqual(readJournal(one.store));
});

it('takes the stream of a killed monitor with another database when its lease has run out', async () => {
  await using redis = await startRedis();
  const event = JSON.stringify({ host: 'host-a' });
  await redis.client.xadd(STREAM, '7-0', 'epoch', 'epoch-lost', 'event', event);
  await redis.client.set(`${STREAM}:owner`, 'epoch-lost', 'PX', 1000);
  await using relay = await startRelay({ redis });
  await relay.commit(2);
  await relay.until(({ detail }) => detail.includes('is written by another agent-monitor'));
  await relay.untilRelayed();
  expect(await readStream(redis)).toEqual(readJournal(relay.store));
  expect(await redis.client.xlen(`${STREAM}:epoch-lost-7`)).toBe(1);
});
