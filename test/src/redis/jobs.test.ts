import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { createClient } from '../../../src/redis/client.ts';
import { createJobs } from '../../../src/redis/jobs.ts';
import { namesFor } from '../../../src/redis/names.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { startRedis, type TestRedis, untilReady } from '../../support/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());
beforeEach(() => redis.flush());

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const EPOCH = '0b6f1c9e-4f5d-4c7a-9d3e-2a1b0c9d8e7f';
const event = (seq: number): MonitorEvent => ({
  ...{ event: 'progress', session: 'shop-api', timestamp: 1_767_225_600_000, seq },
  ...{ epoch: EPOCH, host: 'host-a' },
});
const events = (from: number, to: number): MonitorEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => event(from + index));

const connect = async (parts: { to?: TestRedis; prefix?: string; waitingKept?: number } = {}) => {
  const { to = redis, prefix = '', ...rest } = parts;
  const log = createRecordedLog();
  const client = createClient({ url: to.url, name: 'test', log });
  open.push(() => client.disconnect());
  await untilReady(client);
  const jobs = createJobs({ client, names: namesFor(prefix), log, ...rest });
  open.push(jobs.close);
  return { ...jobs, log, client };
};

const inspect = (prefix = 'bull', from = redis) => {
  const connection = new Redis(from.url, { maxRetriesPerRequest: null });
  const queue = new Queue('agent-events', { connection, prefix });
  open.push(async () => {
    await queue.close();
    connection.disconnect();
  });
  return queue;
};

const seqs = async (queue: Queue): Promise<number[]> =>
  (await queue.getWaiting()).map(({ data }) => data.seq);

it('adds each event once, named and numbered after it, however often it is told', async () => {
  const { enqueue } = await connect();
  await enqueue(events(1, 3));
  await enqueue(events(2, 4));
  const waiting = await inspect().getWaiting();
  expect(waiting.map(({ id, name, data }) => ({ id, name, data }))).toEqual(
    events(1, 4).map((data) => ({ id: `${EPOCH}-${data.seq}`, name: 'progress', data })),
  );
});

it('adds nothing again that a worker has finished', async () => {
  const { enqueue } = await connect();
  const handled: number[] = [];
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
  const worker = new Worker('agent-events', async ({ data }) => handled.push(data.seq), {
    connection,
    removeOnComplete: { count: 100 },
  });
  open.push(async () => {
    await worker.close();
    connection.disconnect();
  });
  await enqueue(events(1, 5));
  const queue = inspect();
  await expect.poll(() => queue.getCompletedCount()).toBe(5);
  await enqueue(events(1, 6));
  await expect.poll(() => queue.getCompletedCount()).toBe(6);
  expect(handled).toEqual([1, 2, 3, 4, 5, 6]);
});

it('drops the oldest of those that nobody takes, at intervals', async () => {
  const { enqueue, log } = await connect({ waitingKept: 50 });
  for (let batch = 0; batch < 12; batch += 1) {
    await enqueue(events(batch * 100 + 1, batch * 100 + 100));
  }
  // Looked after at the first batch and after a thousand more.
  expect(await seqs(inspect())).toEqual(events(1051, 1200).map(({ seq }) => seq));
  expect(log.messages('info')).toHaveLength(2);
});

it('drops them in a paused queue too', async () => {
  const { enqueue } = await connect({ waitingKept: 10 });
  const queue = inspect();
  await queue.pause();
  await enqueue(events(1, 50));
  expect(await queue.getWaitingCount()).toBe(10);
});

it('lets a prefix stand before all its keys', async () => {
  const { enqueue } = await connect({ prefix: 'one' });
  await enqueue(events(1, 2));
  expect(await seqs(inspect('one:bull'))).toEqual([1, 2]);
  expect((await redis.client.keys('*')).every((key) => key.startsWith('one:bull:'))).toBe(true);
});

it('warns once of a Redis that drops keys when it is full', async () => {
  await redis.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  const { enqueue, log } = await connect();
  await enqueue(events(1, 1));
  await enqueue(events(2, 2));
  await redis.client.config('SET', 'maxmemory-policy', 'noeviction');
  expect(log.messages('warn')).toEqual([
    'Redis may drop events when it is full; set maxmemory-policy noeviction',
  ]);
});

it('refuses while Redis is away, and works when it is back', async () => {
  await using own = await startRedis();
  const { enqueue, client } = await connect({ to: own });
  await enqueue(events(1, 1));
  await own.kill();
  await expect(enqueue(events(2, 2))).rejects.toThrow();
  const ready = untilReady(client);
  await own.start();
  await ready;
  await enqueue(events(2, 2));
  expect(await seqs(inspect('bull', own))).toEqual([1, 2]);
});

it('works though it was made before there was a Redis', async () => {
  await using own = await startRedis({ started: false });
  const log = createRecordedLog();
  const client = createClient({ url: own.url, name: 'test', log });
  open.push(() => client.disconnect());
  const jobs = createJobs({ client, names: namesFor(''), log });
  open.push(jobs.close);
  await expect(jobs.enqueue(events(1, 1))).rejects.toThrow(/not ready/);
  const ready = untilReady(client);
  await own.start();
  await ready;
  await jobs.enqueue(events(1, 1));
  expect(await seqs(inspect('bull', own))).toEqual([1]);
});

it('closes while Redis is frozen', async () => {
  await using own = await startRedis();
  const { enqueue, close } = await connect({ to: own });
  await enqueue(events(1, 1));
  own.freeze();
  await close();
});
