import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BusForeign } from '../../../actors/errors.ts';
import type { MonitorEvent } from '../../../machines/vocabulary.ts';
import { createClient } from '../../../src/redis/client.ts';
import { namesFor } from '../../../src/redis/names.ts';
import { createPublisher } from '../../../src/redis/publisher.ts';
import { createManualClock } from '../../support/manual-clock.ts';
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

const STREAM = 'agent-events:stream';
const OWNER = 'agent-events:stream:owner';
const clock = createManualClock();

const event = (seq: number, parts: Partial<MonitorEvent> = {}): MonitorEvent => ({
  ...{ event: 'progress', session: 'shop-api', timestamp: clock.now(), seq },
  ...{ epoch: 'epoch-1', host: 'host-a' },
  ...parts,
});

const connect = async (parts: { epoch?: string; host?: string; prefix?: string } = {}) => {
  const { epoch = 'epoch-1', host = 'host-a', prefix = '' } = parts;
  const log = createRecordedLog();
  const client = createClient({ url: redis.url, name: 'test', log });
  open.push(() => client.disconnect());
  await untilReady(client);
  const current = { epoch };
  const publisher = createPublisher({
    ...{ client, host, clock, log, names: namesFor(prefix) },
    epoch: () => current.epoch,
  });
  open.push(publisher.close);
  return { ...publisher, log, current, disconnect: () => client.disconnect() };
};

const subscribe = async (channel: string) => {
  const client = redis.client.duplicate({ lazyConnect: false });
  open.push(() => client.disconnect());
  await client.subscribe(channel);
  const messages: string[] = [];
  client.on('message', (_, message) => messages.push(message));
  return messages;
};

const ids = async (stream = STREAM) =>
  (await redis.client.xrange(stream, '-', '+')).map(([id]) => id);

describe('append', () => {
  it('writes the event itself, numbered as in the journal, and publishes the same text', async () => {
    const { append, position } = await connect();
    const messages = await subscribe('agent-events');
    const events = [event(1, { output: ['ü 🧪'] }), event(2)];
    expect(await append(events, 0, 0)).toBe(2);
    const json = events.map((one) => JSON.stringify(one));
    expect(await redis.client.xrange(STREAM, '-', '+')).toEqual([
      ['1-0', ['epoch', 'epoch-1', 'event', json[0]]],
      ['2-0', ['epoch', 'epoch-1', 'event', json[1]]],
    ]);
    await expect.poll(() => messages).toEqual(json);
    expect(await position()).toBe(2);
  });

  it('publishes only what was not published', async () => {
    const { append } = await connect();
    const messages = await subscribe('agent-events');
    await append([event(1), event(2), event(3)], 0, 2);
    await expect.poll(() => messages).toEqual([JSON.stringify(event(3))]);
    expect(await ids()).toEqual(['1-0', '2-0', '3-0']);
  });

  it('does nothing where the stream ends elsewhere, and says where', async () => {
    const { append } = await connect();
    const messages = await subscribe('agent-events');
    await append([event(1), event(2)], 0, 2);
    expect(await append([event(2), event(3)], 1, 0)).toBe(2);
    expect(await append([event(9)], 8, 0)).toBe(2);
    await redis.client.del(STREAM);
    expect(await append([event(3)], 2, 0)).toBe(0);
    expect(await ids()).toEqual([]);
    await redis.client.publish('agent-events', 'end');
    await expect.poll(() => messages).toEqual(['end']);
  });

  it('does nothing where the stream is of another epoch', async () => {
    const { append, current } = await connect();
    await append([event(1)], 0, 0);
    current.epoch = 'epoch-2';
    expect(await append([event(2)], 1, 0)).toBe(-1);
    expect(await ids()).toEqual(['1-0']);
  });

  it('leaves out what the journal no longer has', async () => {
    const { append } = await connect();
    await append([event(7)], 0, 0);
    expect(await append([event(12), event(13)], 7, 0)).toBe(13);
    expect(await ids()).toEqual(['7-0', '12-0', '13-0']);
  });

  it('goes on where Redis has forgotten its scripts', async () => {
    const { append } = await connect();
    await append([event(1)], 0, 0);
    await redis.client.script('FLUSH');
    expect(await append([event(2)], 1, 0)).toBe(2);
  });

  it('fails where the key is something else', async () => {
    const { append, position } = await connect();
    await redis.client.set(STREAM, 'text');
    await expect(append([event(1)], 0, 0)).rejects.toThrow(/WRONGTYPE/);
    await expect(position()).rejects.toThrow(/WRONGTYPE/);
  });

  it('keeps the names of two monitors with different prefixes apart', async () => {
    const one = await connect({ prefix: 'one' });
    const two = await connect({ prefix: 'two', host: 'host-b', epoch: 'epoch-2' });
    const messages = await subscribe('one:agent-events');
    await one.append([event(1)], 0, 0);
    expect(await two.position()).toBe(0);
    await expect.poll(() => messages).toHaveLength(1);
    expect(await ids('one:agent-events:stream')).toEqual(['1-0']);
  });
});

describe('position', () => {
  it('is 0 without a stream', async () => {
    const { position } = await connect();
    expect(await position()).toBe(0);
  });

  it('is 0 for an emptied stream, which then takes its old numbers again and keeps its groups', async () => {
    const { append, position } = await connect();
    await append([event(1), event(2)], 0, 0);
    await redis.client.xgroup('CREATE', STREAM, 'readers', '0');
    await redis.client.xtrim(STREAM, 'MAXLEN', 0);
    expect(await position()).toBe(0);
    expect(await append([event(1), event(2)], 0, 2)).toBe(2);
    expect(await redis.client.xinfo('GROUPS', STREAM)).toHaveLength(1);
  });

  it('sets the stream of an earlier epoch of this host aside for a week', async () => {
    const earlier = await connect({ epoch: 'epoch-0' });
    await earlier.append([event(5, { epoch: 'epoch-0' })], 0, 0);
    await earlier.close();
    const { append, position, log } = await connect();
    expect(await position()).toBe(0);
    expect(await ids()).toEqual([]);
    expect(await ids(`${STREAM}:epoch-0-5`)).toEqual(['5-0']);
    expect(await redis.client.ttl(`${STREAM}:epoch-0-5`)).toBeGreaterThan(604_000);
    expect(await append([event(1)], 0, 0)).toBe(1);
    expect(log.messages('warn')).toEqual(['the stream of an earlier database was set aside']);
  });

  it('never overwrites a stream that was set aside before', async () => {
    const earlier = await connect({ epoch: 'epoch-0' });
    await earlier.append([event(5, { epoch: 'epoch-0' })], 0, 0);
    await earlier.close();
    await redis.client.xadd(`${STREAM}:epoch-0-5`, '1-0', 'kept', 'yes');
    const { position } = await connect();
    await expect(position()).rejects.toThrow(/could not be renamed/);
    expect(await ids()).toEqual(['5-0']);
    expect(await ids(`${STREAM}:epoch-0-5`)).toEqual(['1-0']);
  });

  it.each([
    [
      'another host',
      () => event(5, { epoch: 'epoch-0', host: 'host-b' }),
      /host host-b; set AGENT_/,
    ],
    [
      'nobody known',
      () => ({ any: 'thing' }),
      /no agent-monitor wrote; set AGENT_MONITOR_REDIS_PREFIX/,
    ],
  ])('refuses the stream of %s and leaves it as it is', async (_, entry, message) => {
    const json = JSON.stringify(entry());
    const fields = 'any' in entry() ? ['any', 'thing'] : ['epoch', 'epoch-0', 'event', json];
    await redis.client.xadd(STREAM, '5-0', ...fields);
    const { position } = await connect();
    await expect(position()).rejects.toThrow(BusForeign);
    await expect(position()).rejects.toThrow(message);
    expect(await ids()).toEqual(['5-0']);
  });

  it('knows its own events after a change of the host name', async () => {
    const before = await connect({ host: 'host-a' });
    await before.append([event(3)], 0, 0);
    const after = await connect({ host: 'host-b' });
    expect(await after.position()).toBe(3);
  });
});

describe('the lease', () => {
  it('keeps the stream of a monitor at work from a newcomer, who says what to do', async () => {
    const one = await connect({ epoch: 'epoch-1' });
    await one.append([event(1)], 0, 0);
    const two = await connect({ epoch: 'epoch-2' });
    await expect(two.position()).rejects.toThrow(BusForeign);
    await expect(two.position()).rejects.toThrow(
      /on host host-a; if that was this one .*, wait 10 seconds; else set AGENT_MONITOR_REDIS_PREFIX .*or stop the other/,
    );
    const elsewhere = await connect({ epoch: 'epoch-3', host: 'host-b' });
    await expect(elsewhere.position()).rejects.toThrow(/on host host-a; set AGENT_MONITOR/);
    expect(await two.append([event(1, { epoch: 'epoch-2' })], 0, 0)).toBe(-1);
    expect(await one.append([event(2)], 1, 1)).toBe(2);
    expect(await ids()).toEqual(['1-0', '2-0']);
  });

  it('is taken before the first event, by one of two that find no stream', async () => {
    const one = await connect({ epoch: 'epoch-1' });
    const two = await connect({ epoch: 'epoch-2' });
    expect(await one.position()).toBe(0);
    await expect(two.position()).rejects.toThrow(/is written by another agent-monitor; set/);
    expect(await two.append([event(1, { epoch: 'epoch-2' })], 0, 0)).toBe(-1);
    expect(await one.append([event(1)], 0, 0)).toBe(1);
  });

  it('runs out within ten seconds, is renewed every three, and with each append', async () => {
    const { append } = await connect();
    const isFresh = async () => (await redis.client.pttl(OWNER)) > 5000;
    await append([event(1)], 0, 0);
    expect(await redis.client.pttl(OWNER)).toBeLessThanOrEqual(10_000);
    expect(await isFresh()).toBe(true);
    for (const renew of [() => clock.advance(3000), () => clock.advance(3000)]) {
      await redis.client.pexpire(OWNER, 5000);
      renew();
      await expect.poll(isFresh).toBe(true);
    }
    await redis.client.pexpire(OWNER, 5000);
    await append([event(2)], 1, 1);
    expect(await isFresh()).toBe(true);
  });

  it('comes back after FLUSHALL, though nothing happens', async () => {
    const { append } = await connect();
    await append([event(1)], 0, 0);
    await redis.flush();
    clock.advance(3000);
    await expect.poll(() => redis.client.get(OWNER)).toBe('epoch-1');
    const two = await connect({ epoch: 'epoch-2' });
    await expect(two.position()).rejects.toThrow(BusForeign);
    expect(await append([event(1)], 0, 1)).toBe(1);
  });

  it('does not hold up a successor on the same database', async () => {
    const killed = await connect();
    await killed.append([event(1)], 0, 0);
    killed.disconnect();
    const successor = await connect();
    expect(await successor.position()).toBe(1);
    expect(await successor.append([event(2)], 1, 1)).toBe(2);
  });

  it('does not hold up a monitor whose own epoch has changed', async () => {
    const { append, position, current } = await connect();
    await append([event(1)], 0, 0);
    current.epoch = 'epoch-2';
    expect(await position()).toBe(0);
    expect(await redis.client.get(OWNER)).toBe('epoch-2');
    expect(await ids(`${STREAM}:epoch-1-1`)).toEqual(['1-0']);
  });

  it('that a killed monitor left is over when it is said to be, and the stream is taken then', async () => {
    const killed = await connect({ epoch: 'epoch-0' });
    await killed.append([event(5, { epoch: 'epoch-0' })], 0, 0);
    killed.disconnect();
    const { position, onFree } = await connect();
    let told = 0;
    onFree(() => {
      told += 1;
    });
    await expect(position()).rejects.toThrow(BusForeign);
    await redis.client.del(OWNER);
    clock.advance(10_100);
    expect(told).toBe(1);
    expect(await position()).toBe(0);
    expect(await ids(`${STREAM}:epoch-0-5`)).toEqual(['5-0']);
  });

  it('is not taken back from a monitor that took over in the meantime', async () => {
    const one = await connect({ epoch: 'epoch-1' });
    await one.append([event(1)], 0, 0);
    await redis.client.del(OWNER);
    const two = await connect({ epoch: 'epoch-2' });
    expect(await two.position()).toBe(0);
    clock.advance(3000);
    expect(await one.append([event(2)], 1, 1)).toBe(-1);
    await expect(one.position()).rejects.toThrow(BusForeign);
    await one.close();
    expect(await redis.client.get(OWNER)).toBe('epoch-2');
  });

  it('ends at a close', async () => {
    const { position, close } = await connect();
    await position();
    await close();
    expect(await redis.client.exists(OWNER)).toBe(0);
    clock.advance(3000);
    expect(await redis.client.exists(OWNER)).toBe(0);
  });
});
