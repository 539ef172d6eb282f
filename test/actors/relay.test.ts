import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { BusForeign } from '../../actors/errors.ts';
import type { Bus, Outbox, RelayStatus } from '../../actors/ports.ts';
import { relayLogic } from '../../actors/relay.ts';
import type { MonitorEvent } from '../../machines/vocabulary.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRecordedLog } from '../support/recorded-log.ts';
import { endOfTurn } from '../support/store.ts';

/** A journal of events that are nothing but their numbers. */
const createOutbox = () => {
  const listeners = new Set<(events: MonitorEvent[]) => void>();
  const cursors = new Map<string, number>();
  let last = 0;
  let epochs = 1;
  const event = (seq: number): MonitorEvent => ({
    ...{ event: 'progress', session: 'shop', timestamp: 0, seq },
    ...{ epoch: `epoch-${epochs}`, host: 'host-a' },
  });
  const range = (from: number, to: number): MonitorEvent[] =>
    Array.from({ length: Math.max(0, to - from) }, (_, index) => event(from + 1 + index));
  const outbox: Outbox = {
    get epoch() {
      return `epoch-${epochs}`;
    },
    last: () => last,
    after: (seq, limit) => range(seq, Math.min(last, seq + limit)),
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cursor: (consumer) => cursors.get(consumer) ?? 0,
    moveCursor: (consumer, seq) => cursors.set(consumer, seq),
    renewEpoch: () => {
      epochs += 1;
    },
  };
  const commit = (count: number): void => {
    const events = range(last, last + count);
    last += count;
    for (const listener of listeners) listener(events);
  };
  return { outbox, commit, cursors, listeners };
};

/** Redis as the port promises it, which can be made to fail before or after it has done its work. */
const createBus = (streamLength = 100_000) => {
  const stream: string[] = [];
  const published: number[] = [];
  const jobs = new Set<string>();
  const calls: string[] = [];
  let listener: (ready: boolean) => void = () => undefined;
  const trouble: { position?: Error; append?: Error; unanswered?: Error; enqueue?: Error } = {};
  const end = () => Number(stream.at(-1)?.split('/')[1] ?? 0);
  const bus: Bus = {
    streamLength,
    position: async () => {
      calls.push('position');
      if (trouble.position) throw trouble.position;
      return end();
    },
    append: async (events, after, above) => {
      calls.push(`append ${events[0]?.seq}-${events.at(-1)?.seq}`);
      if (trouble.append) throw trouble.append;
      if (end() !== after) return end();
      for (const { seq, epoch } of events) {
        stream.push(`${epoch}/${seq}`);
        if (seq > above) published.push(seq);
      }
      if (trouble.unanswered) throw trouble.unanswered;
      return end();
    },
    enqueue: async (events) => {
      if (trouble.enqueue) throw trouble.enqueue;
      for (const { epoch, seq } of events) jobs.add(`${epoch}-${seq}`);
    },
    onReady: (callback) => {
      listener = callback;
      return () => calls.push('left');
    },
  };
  return { bus, stream, published, jobs, calls, trouble, ready: (now: boolean) => listener(now) };
};

const setUp = (options: { streamLength?: number } = {}) => {
  const journal = createOutbox();
  const redis = createBus(options.streamLength);
  const clock = createManualClock();
  const log = createRecordedLog();
  const statuses: RelayStatus[] = [];
  const { outbox } = journal;
  const report = (status: RelayStatus) => statuses.push(status);
  const start = () => {
    const logic = relayLogic({ outbox, bus: redis.bus, clock, log, random: () => 1, report });
    return createActor(logic).start();
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await endOfTurn();
  };
  return { ...journal, redis, clock, log, start, settle, status: () => statuses.at(-1) };
};

const upTo = (last: number, epoch = 'epoch-1'): string[] =>
  Array.from({ length: last }, (_, index) => `${epoch}/${index + 1}`);

const numbers = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

it('tells what was committed while Redis was away, in batches, as soon as it is there', async () => {
  const { commit, redis, start, settle, status, cursors } = setUp();
  start();
  commit(1200);
  await settle();
  expect(redis.calls).toEqual([]);
  expect(status()).toEqual({ state: 'degraded', lastRelayed: 0, detail: 'connecting to Redis' });
  redis.ready(false);
  expect(status()?.detail).toBe('Redis is away; events wait in the journal');

  redis.ready(true);
  await settle();
  expect(redis.calls).toEqual(['position', 'append 1-500', 'append 501-1000', 'append 1001-1200']);
  expect(redis.stream).toEqual(upTo(1200));
  expect(redis.published).toEqual(numbers(1200));
  expect([...redis.jobs]).toHaveLength(1200);
  expect(status()).toEqual({ state: 'relaying', lastRelayed: 1200, detail: '' });
  expect(Object.fromEntries(cursors)).toEqual({ published: 1200, jobs: 1200 });
});

it('tells each commit at once, all its events in one call', async () => {
  const { commit, redis, start, settle } = setUp();
  start();
  redis.ready(true);
  await settle();
  commit(3);
  await settle();
  commit(1);
  await settle();
  expect(redis.calls).toEqual(['position', 'append 1-3', 'append 4-4']);
});

it('goes on from the end of the stream after a restart, and publishes only what is new', async () => {
  const { commit, redis, start, settle } = setUp();
  const first = start();
  redis.ready(true);
  commit(5);
  await settle();
  first.stop();
  commit(2);
  start();
  redis.ready(true);
  await settle();
  expect(redis.stream).toEqual(upTo(7));
  expect(redis.published).toEqual(numbers(7));
  expect([...redis.jobs]).toHaveLength(7);
});

it('learns from the stream what was published, where a crash took the cursor', async () => {
  const { commit, redis, start, settle, cursors } = setUp();
  const first = start();
  redis.ready(true);
  commit(5);
  await settle();
  first.stop();
  cursors.set('published', 2);
  start();
  redis.ready(true);
  await settle();
  redis.stream.length = 0;
  commit(1);
  await settle();
  expect(redis.stream).toEqual(upTo(6));
  expect(redis.published).toEqual(numbers(6));
});

describe('an append without an answer', () => {
  it('that was carried out is not repeated', async () => {
    const { commit, redis, clock, start, settle, status } = setUp();
    start();
    redis.ready(true);
    await settle();
    redis.trouble.unanswered = new Error('Command timed out');
    commit(2);
    await settle();
    expect(status()).toMatchObject({ state: 'degraded', detail: 'stream: Command timed out' });
    delete redis.trouble.unanswered;
    commit(1);
    clock.advance(100);
    await settle();
    expect(redis.stream).toEqual(upTo(3));
    expect(redis.published).toEqual([1, 2, 3]);
    expect(status()).toMatchObject({ state: 'relaying', lastRelayed: 3 });
  });

  it('that was not carried out is repeated', async () => {
    const { commit, redis, clock, start, settle } = setUp();
    start();
    redis.ready(true);
    await settle();
    redis.trouble.append = new Error('Command timed out');
    commit(2);
    await settle();
    delete redis.trouble.append;
    clock.advance(100);
    await settle();
    expect(redis.stream).toEqual(upTo(2));
  });

  it('that is carried out late, behind the question how far the stream is, does no harm', async () => {
    const { commit, redis, start, settle, status } = setUp();
    start();
    redis.ready(true);
    await settle();
    redis.stream.push('epoch-1/1', 'epoch-1/2');
    commit(3);
    await settle();
    expect(redis.stream).toEqual(upTo(3));
    expect(status()).toMatchObject({ state: 'relaying', lastRelayed: 3 });
  });
});

describe('a stream that was emptied', () => {
  it('is filled again at the next commit, without publishing twice', async () => {
    const { commit, redis, start, settle } = setUp();
    start();
    redis.ready(true);
    commit(4);
    await settle();
    redis.stream.length = 0;
    commit(1);
    await settle();
    expect(redis.stream).toEqual(upTo(5));
    expect(redis.published).toEqual(numbers(5));
  });

  it('is noticed within 30 seconds though nothing happens', async () => {
    const { commit, redis, clock, start, settle } = setUp();
    start();
    redis.ready(true);
    commit(4);
    await settle();
    redis.stream.length = 0;
    clock.advance(30_000);
    await settle();
    expect(redis.stream).toEqual(upTo(4));
    expect(redis.published).toEqual(numbers(4));
  });

  it('is filled with as much as it keeps', async () => {
    const { commit, redis, start, settle } = setUp({ streamLength: 100 });
    commit(1000);
    start();
    redis.ready(true);
    await settle();
    expect(redis.stream).toEqual(upTo(1000).slice(-100));
    expect([...redis.jobs]).toHaveLength(1000);
  });
});

it('begins a new epoch where the stream is ahead of the journal', async () => {
  const { commit, redis, start, settle, outbox, log } = setUp();
  commit(3);
  redis.stream.push(...upTo(9));
  const renew = outbox.renewEpoch;
  outbox.renewEpoch = () => {
    renew();
    redis.stream.length = 0; // Redis sets the stream of another epoch aside.
  };
  outbox.moveCursor('published', 3);
  outbox.moveCursor('jobs', 3);
  start();
  redis.ready(true);
  await settle();
  commit(1);
  await settle();
  expect(redis.stream).toEqual(upTo(4, 'epoch-2'));
  expect(redis.published).toEqual([4]);
  expect([...redis.jobs]).toEqual(['epoch-2-4']);
  expect(log.messages('error')).toEqual(['the journal is older than the stream: new epoch']);
});

it('asks a person, and again only after 30 seconds, where the stream is of another host', async () => {
  const { commit, redis, clock, start, settle, status } = setUp();
  redis.trouble.position = new BusForeign('it is of host-b; set a prefix');
  commit(1);
  start();
  redis.ready(true);
  await settle();
  expect(status()).toMatchObject({
    state: 'degraded',
    detail: 'stream: it is of host-b; set a prefix',
  });
  clock.advance(29_999);
  commit(1);
  await settle();
  expect(redis.calls).toEqual(['position']);
  delete redis.trouble.position;
  clock.advance(1);
  await settle();
  expect(redis.stream).toEqual(upTo(2));
});

it('gives up for a while where something else keeps writing to the stream', async () => {
  const { commit, redis, start, settle, status } = setUp();
  redis.bus.append = async (events, after) => {
    redis.calls.push(`append ${events[0]?.seq}`);
    return after + 7;
  };
  start();
  redis.ready(true);
  commit(1);
  await settle();
  expect(status()?.detail).toMatch(/something else writes to the event stream/);
  expect(redis.calls.length).toBeLessThan(6);
});

it('keeps the stream going while the job queue fails, and the other way round', async () => {
  const { commit, redis, clock, start, settle, status } = setUp();
  start();
  redis.ready(true);
  redis.trouble.enqueue = new Error('out of memory');
  commit(2);
  await settle();
  expect(redis.stream).toEqual(upTo(2));
  expect(status()).toEqual({ state: 'degraded', lastRelayed: 2, detail: 'jobs: out of memory' });
  delete redis.trouble.enqueue;
  redis.trouble.append = new Error('refused');
  commit(2);
  clock.advance(100);
  await settle();
  expect([...redis.jobs]).toHaveLength(4);
  expect(status()).toMatchObject({ state: 'degraded', detail: 'stream: refused' });
});

it('says once that it cannot tell, and once that it can again', async () => {
  const { commit, redis, clock, log, start, settle } = setUp();
  start();
  redis.ready(true);
  await settle();
  redis.trouble.append = new Error('refused');
  commit(1);
  for (let n = 0; n < 5; n += 1) {
    await settle();
    clock.advance(5000);
  }
  delete redis.trouble.append;
  clock.advance(30_000);
  await settle();
  expect(log.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'info: events are told to Redis',
    'warn: events are not told to Redis',
    'info: events are told to Redis',
  ]);
});

it('leaves nothing behind when it is stopped', async () => {
  const { commit, redis, clock, listeners, start, settle } = setUp();
  const actor = start();
  redis.ready(true);
  await settle();
  actor.stop();
  commit(3);
  clock.advance(120_000);
  await settle();
  expect(redis.stream).toEqual([]);
  expect(redis.calls).toEqual(['position', 'left']);
  expect(listeners.size).toBe(0);
  expect(clock.pending()).toBe(0);
});
