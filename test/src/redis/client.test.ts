import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createClient, lead } from '../../../src/redis/client.ts';
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

it('is led from a private Redis, whose secret it keeps to itself, to one on a port, and back', async () => {
  const args = ['--unixsocket', 'redis.sock'];
  await using own = await startRedis({ password: null, args });
  await using found = await startRedis();
  const { username, password } = new URL(own.ownUrl);
  const client = createClient({ url: null, name: 'test', log: createRecordedLog() });
  open.push(() => client.disconnect());
  for (const [to, way] of [
    [own, { path: join(own.folder, 'redis.sock'), username, password }],
    [found, { host: '127.0.0.1', port: found.port }],
    [own, { path: join(own.folder, 'redis.sock'), username, password }],
  ] as const) {
    const ready = untilReady(client);
    lead(client, way);
    await ready;
    await client.set('where', to.port);
    expect(await to.client.get('where')).toBe(`${to.port}`);
  }
  // It has every secret that was said in vain.
  expect(await found.client.call('ACL', 'LOG')).toEqual([]);
});
