import { afterEach, expect, it } from 'vitest';
import { createClient } from '../../../src/redis/client.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { startRedis, type TestRedis, untilReady } from '../../support/redis.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const connect = (redis: TestRedis) => {
  const client = createClient({ url: redis.url, name: 'test', log: createRecordedLog() });
  open.push(() => client.disconnect());
  return client;
};

it('refuses commands while Redis is away, keeps none for later, and connects again', async () => {
  await using redis = await startRedis({ started: false });
  const client = connect(redis);
  await expect(client.incr('count')).rejects.toThrow(/enableOfflineQueue/);
  const ready = untilReady(client);
  await redis.start();
  await ready;
  expect(await client.incr('count')).toBe(1);
});

it('fails a command that a frozen Redis does not answer, and sends it to no other', async () => {
  await using redis = await startRedis();
  const client = connect(redis);
  await untilReady(client);
  redis.freeze();
  await expect(client.incr('count')).rejects.toThrow(/timed out/);
  const unanswered = client.incr('count');
  const ready = untilReady(client);
  await redis.kill();
  await expect(unanswered).rejects.toThrow();
  await redis.start();
  await ready;
  expect(await client.get('count')).toBeNull();
});
