/** What whoever connects to a private Redis can do there, and what it cannot: by its own users, on a real one. */

import { DelayedError, type Job, Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { readJournal, readStream, startRelay, type TestRelay } from '../support/relay.ts';

const soon = { timeout: 20_000 };
const STREAM = 'agent-events:stream';
const ASIDE = `${STREAM}:e-1`;

let redis: TestRedis;
let relay: TestRelay;
let consumer: Redis;
beforeAll(async () => {
  redis = await startRedis({ password: null });
  relay = await startRelay({ redis });
  await relay.commit(3);
  await relay.untilRelayed();
  // Set aside when the monitor's database was replaced.
  await redis.client.xadd(ASIDE, '1-0', 'epoch', 'e', 'event', '{}');
  for (const stream of [STREAM, ASIDE]) await redis.client.xgroup('CREATE', stream, 'g', '0');
  consumer = new Redis(redis.url);
});
afterAll(async () => {
  consumer.disconnect();
  await relay[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

/** As in a shell; what has spaces in it stands in quotes. */
const say = (line: string, client = consumer): Promise<unknown> => {
  const [name = '', ...words] = [...line.matchAll(/'([^']*)'|\S+/g)].map(
    ([word, quoted]) => quoted ?? word,
  );
  return client.call(name, ...words);
};

it.each([
  ...[
    'CONFIG GET dir',
    'CONFIG SET dir /tmp',
    'CONFIG REWRITE',
    'CONFIG RESETSTAT',
    'SHUTDOWN NOSAVE',
  ],
  ...[
    'FLUSHALL',
    'FLUSHDB',
    'SWAPDB 0 1',
    'REPLICAOF 127.0.0.1 1',
    'SLAVEOF 127.0.0.1 1',
    'FAILOVER',
  ],
  ...[
    'MODULE LOAD /tmp/x.so',
    'DEBUG SLEEP 0',
    'MODULE LIST',
    'ACL WHOAMI',
    'ACL SETUSER default +@all',
    'ACL LIST',
    'ACL LOAD',
  ],
  ...[
    'SAVE',
    'BGSAVE',
    'BGREWRITEAOF',
    'LASTSAVE',
    'MIGRATE 127.0.0.1 1 x 0 1',
    'RESTORE x 0 x',
    'DUMP x',
  ],
  ...[
    'KEYS *',
    'SCAN 0',
    'SORT x',
    'DBSIZE',
    'RANDOMKEY',
    'MONITOR',
    'SLOWLOG GET',
    'LATENCY DOCTOR',
    'MEMORY PURGE',
  ],
  ...[
    'CLIENT LIST',
    'CLIENT KILL TYPE normal',
    'CLIENT PAUSE 1000',
    'CLIENT UNBLOCK 1',
    'CLIENT NO-EVICT on',
  ],
  ...[
    'SCRIPT LOAD x',
    'SCRIPT FLUSH',
    'SCRIPT KILL',
    'FUNCTION FLUSH',
    'FUNCTION LOAD x',
    'FUNCTION KILL',
    'FCALL x 0',
  ],
  ...['CLUSTER RESET', 'PSYNC x 0', 'REPLCONF x', 'PFDEBUG x x', 'OBJECT HELP', `COPY ${STREAM} x`],
  ...[`PUBLISH agent-events x`, 'SPUBLISH agent-events x'],
])('refuses %s', async (line) => {
  await expect(say(line)).rejects.toThrow(/^NOPERM .* run the|^ERR \w+ command not allowed/);
  await expect(say(`EVAL 'return redis.call(unpack(ARGV))' 0 ${line}`)).rejects.toThrow(
    /can't run this command|not allowed from script/,
  );
});

/** Whoever listens, reads the stream or belongs to a group would take it for the monitor's word. */
describe('an event', () => {
  const takings = [
    ...[
      `XADD ${STREAM} * epoch x event {}`,
      `XDEL ${STREAM} 1-0`,
      `XTRIM ${STREAM} MAXLEN 0`,
      `XSETID ${STREAM} 9-0`,
    ],
    ...[
      `DEL ${STREAM}`,
      `UNLINK ${STREAM}`,
      `EXPIRE ${STREAM} 1`,
      `SET ${STREAM} x`,
      `GETDEL ${STREAM}`,
    ],
    ...[`RENAME ${STREAM} bull:agent-events:x`, `RENAME bull:agent-events:meta ${STREAM}`],
    ...[`XADD ${ASIDE} * epoch x event {}`, `XGROUP CREATE ${STREAM}:f-1 x $ MKSTREAM`],
    ...[
      `SET ${STREAM}:owner x`,
      `DEL ${STREAM}:owner`,
      `XGROUP CREATE ${STREAM}:owner x $ MKSTREAM`,
    ],
    ...[
      `SUNIONSTORE ${STREAM} bull:agent-events:x`,
      'SET other x',
      'XADD lab:agent-events:stream * a b',
    ],
  ];

  it.each(takings)('is not made, changed or taken away by %s', async (line) => {
    const keys = (await redis.client.keys('*')).sort();
    await expect(say(line)).rejects.toThrow(/^NOPERM .* keys/);
    for (const declared of ['0', `1 ${STREAM}`, '1 bull:agent-events:x']) {
      const script = `EVAL 'return redis.call(unpack(ARGV))' ${declared} ${line}`;
      await expect(say(script)).rejects.toThrow(/NOPERM|can't access at least one of the keys/);
    }
    expect((await redis.client.keys('*')).sort()).toEqual(keys);
    expect(await readStream(redis)).toEqual(readJournal(relay.store));
  });
});

describe('a consumer', () => {
  it.each([
    ...[
      'PING',
      'ECHO x',
      'CLIENT SETNAME x',
      'CLIENT GETNAME',
      'CLIENT ID',
      'CLIENT INFO',
      'INFO',
      'TIME',
      'SELECT 0',
    ],
    ...['PUBSUB NUMSUB agent-events', 'PUBSUB CHANNELS', `TYPE ${STREAM}`, `EXISTS ${STREAM}`],
    ...[
      `XLEN ${STREAM}`,
      `XRANGE ${STREAM} - +`,
      `XREVRANGE ${STREAM} + -`,
      `XREAD STREAMS ${STREAM} 0`,
    ],
    ...[
      `XINFO STREAM ${STREAM}`,
      `XINFO GROUPS ${STREAM}`,
      `XINFO CONSUMERS ${STREAM} g`,
      `XPENDING ${STREAM} g`,
    ],
    ...[
      `XGROUP CREATE ${STREAM} h 0`,
      `XGROUP SETID ${STREAM} g 0`,
      `XGROUP DELCONSUMER ${STREAM} g a`,
    ],
    ...[`XREADGROUP GROUP g a COUNT 1 STREAMS ${STREAM} >`, `XACK ${STREAM} g 1-0`],
    ...[`XCLAIM ${STREAM} g b 0 1-0`, `XAUTOCLAIM ${STREAM} g b 0 0`],
    ...[`XREADGROUP GROUP g a STREAMS ${ASIDE} >`, `XACK ${ASIDE} g 1-0`, `XRANGE ${ASIDE} - +`],
    `XGROUP DESTROY ${STREAM} g`,
  ])('may say %s', async (line) => {
    await say(line);
  });

  it.each(['subscribe', 'psubscribe'] as const)('hears what happens by %s', async (how) => {
    const heard: unknown[] = [];
    await consumer[how](how === 'subscribe' ? 'agent-events' : 'agent-*');
    consumer.on(how === 'subscribe' ? 'message' : 'pmessage', (...words) =>
      heard.push(JSON.parse(words.at(-1)).seq),
    );
    const last = await relay.commit(2);
    await expect.poll(() => heard, soon).toEqual([last - 1, last]);
  });

  it('works off the queue with all that BullMQ does', async () => {
    await using redis = await startRedis({ password: null });
    await using relay = await startRelay({ redis });
    await relay.commit(3);
    const connection = new Redis(redis.url, { maxRetriesPerRequest: null });
    const [queue, told] = [
      new Queue('agent-events', { connection }),
      new QueueEvents('agent-events', { connection: { url: redis.url } }),
    ];
    const tries = new Map<number, number>();
    const handle = async (job: Job, token?: string) => {
      const { seq } = job.data;
      tries.set(seq, (tries.get(seq) ?? 0) + 1);
      await job.updateProgress(50);
      await job.log('at it');
      if (tries.get(seq) !== 1) return 'done';
      if (seq === 1) throw new Error('not at first');
      if (seq !== 2) return 'done';
      await job.moveToDelayed(Date.now() + 50, token);
      throw new DelayedError();
    };
    const [completed, failed]: string[][] = [[], []];
    told.on('completed', ({ jobId }) => completed?.push(jobId));
    told.on('failed', ({ jobId }) => failed?.push(jobId));
    await told.waitUntilReady();
    const worker = new Worker('agent-events', handle, {
      ...{ connection, concurrency: 2, stalledInterval: 50, limiter: { max: 2, duration: 20 } },
    });
    const complaints: string[] = [];
    const complain = ({ message }: Error) => complaints.push(message);
    worker.on('error', complain);
    queue.on('error', complain);
    told.on('error', complain);
    try {
      await expect.poll(() => failed?.length, soon).toBe(1);
      await (await queue.getFailed())[0]?.retry();
      await expect.poll(() => completed?.length, soon).toBe(3);
      await relay.commit(1);
      await expect.poll(() => completed?.length, soon).toBe(4);
      expect(await queue.getJobCounts()).toMatchObject({ completed: 4, failed: 0, waiting: 0 });
      await queue.clean(0, 10, 'completed');
      expect(complaints).toEqual([]);
    } finally {
      await Promise.all([worker.close(), told.close(), queue.close()]);
      connection.disconnect();
    }
    expect(await redis.client.call('ACL', 'LOG')).toEqual([]);
  });
});

it('goes by the names that a prefix makes', async () => {
  await using redis = await startRedis({ password: null, prefix: 'lab' });
  await using relay = await startRelay({ redis, prefix: 'lab' });
  await relay.commit(1);
  await relay.untilRelayed();
  await using consumer = clientOf(redis.url);
  const names = ['lab:agent-events:stream', 'agent-events:stream', 'lab:bull:agent-events:x'];
  expect(await say(`XLEN ${names[0]}`, consumer.client)).toBe(1);
  await expect(say(`XLEN ${names[1]}`, consumer.client)).rejects.toThrow('NOPERM');
  await expect(say(`DEL ${names[0]}`, consumer.client)).rejects.toThrow('NOPERM');
  expect(await say(`SET ${names[2]} x`, consumer.client)).toBe('OK');
  await expect(say('SET bull:agent-events:x x', consumer.client)).rejects.toThrow('NOPERM');
});

describe('with a password', () => {
  const password = 'a-password-of-24-letters';

  it('lets in who has it, as the same user, and tells others nothing', async () => {
    await using closed = await startRedis({ password });
    await using own = await startRelay({ redis: closed });
    await own.commit(1);
    await own.untilRelayed();
    expect(closed.url).toBe(`redis://:${password}@127.0.0.1:${closed.port}`);
    await using inside = clientOf(closed.url);
    expect(await say(`XLEN ${STREAM}`, inside.client)).toBe(1);
    await expect(say(`DEL ${STREAM}`, inside.client)).rejects.toThrow('NOPERM');
    await using outside = clientOf(`redis://127.0.0.1:${closed.port}`);
    for (const line of [
      'PING',
      'INFO',
      `XLEN ${STREAM}`,
      'SUBSCRIBE agent-events',
      `EVAL 'return 1' 0`,
    ]) {
      await expect(say(line, outside.client)).rejects.toThrow('NOAUTH');
    }
    await expect(say(`AUTH ${password}x`, outside.client)).rejects.toThrow('WRONGPASS');
  });
});

const clientOf = (url: string) => {
  const client = new Redis(url, { enableReadyCheck: false, protocol: 2 });
  return { client, [Symbol.asyncDispose]: async () => client.disconnect() };
};
