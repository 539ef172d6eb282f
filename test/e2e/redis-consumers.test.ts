import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startRedis } from '../support/redis.ts';
import { startRelay } from '../support/relay.ts';
import { stepTo } from '../support/store.ts';

const SUBSCRIBER = `
const Redis = require('ioredis');
const sub = new Redis(process.env.REDIS_URL);

sub.subscribe('agent-events');
sub.on('message', (channel, message) => {
  const event = JSON.parse(message);
  console.log('Event:', event.event, event.session);
});
`;

it('prints events in a plain subscriber of a few lines', async () => {
  await using redis = await startRedis();
  await using relay = await startRelay({ redis });
  const child = spawn(process.execPath, ['-e', SUBSCRIBER], {
    env: { ...process.env, REDIS_URL: redis.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const isListening = async () =>
      (await redis.client.pubsub('NUMSUB', 'agent-events')) as [string, number];
    await expect.poll(isListening, { timeout: 10_000 }).toEqual(['agent-events', 1]);
    relay.store.journal.record(stepTo('shop-api', 'reading'));
    relay.store.journal.record(stepTo('shop-web', 'working'));
    expect((await lines.next()).value).toBe('Event: state_change shop-api');
    expect((await lines.next()).value).toBe('Event: state_change shop-web');
  } finally {
    child.kill();
    await exit;
  }
});

it('gives each event once to a worker, through a restart of Redis', async () => {
  await using redis = await startRedis();
  await using relay = await startRelay({ redis });
  const handled: number[] = [];
  const connection = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 20 });
  connection.on('error', () => undefined); // While Redis is away on purpose.
  const worker = new Worker('agent-events', async ({ data }) => handled.push(data.seq), {
    connection,
    removeOnComplete: { count: 1000 },
  });
  worker.on('error', () => undefined);
  try {
    await relay.commit(20);
    await expect.poll(() => handled.length, { timeout: 10_000 }).toBe(20);
    await redis.kill();
    await relay.commit(20);
    await redis.start();
    await expect.poll(() => handled.length, { timeout: 20_000 }).toBe(40);
    await relay.commit(1);
    await expect.poll(() => handled.includes(41), { timeout: 10_000 }).toBe(true);
    expect([...handled].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 41 }, (_, index) => index + 1),
    );
  } finally {
    await worker.close(true);
    connection.disconnect();
  }
});
