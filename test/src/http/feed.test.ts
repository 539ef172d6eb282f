import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreFailed } from '../../../actors/errors.ts';
import { createFeed, parseEventId } from '../../../src/http/feed.ts';
import { resetBody } from '../../../src/http/schemas.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createFakeMonitor, EPOCH } from './fake-monitor.ts';
import { openConnection, startServer, TOKEN } from './start.ts';

const start = (monitor = createFakeMonitor()) => {
  const log = createRecordedLog();
  const feed = createFeed({ monitor, log, heartbeatMs: 15_000, stallMs: 10_000 });
  return { feed, log, monitor };
};

/** What a reader would see if it read everything that is there now. */
const readAll = (stream: Readable): string => {
  let text = '';
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += chunk;
  return text;
};

const seqsOf = (text: string): number[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json ?? '').seq);

const at = (seq: number, epoch: string | null = EPOCH) => ({ epoch, seq });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a reader of the feed', () => {
  it('without a position hears what happens next, and knows its place at once', () => {
    const { feed, monitor } = start();
    monitor.commit({});
    const stream = feed.open(null, {});
    expect(readAll(stream)).toBe(`retry: 2000\nid: ${EPOCH}-1\n\n`);
    monitor.commit({ event: 'state_change', state: 'working' });
    const [id, data, ...end] = readAll(stream).split('\n');
    expect(id).toBe(`id: ${EPOCH}-2`);
    expect(JSON.parse(data?.slice('data: '.length) ?? '')).toMatchObject({
      event: 'state_change',
      session: 'shop-api',
      state: 'working',
      seq: 2,
      epoch: EPOCH,
    });
    expect(end).toEqual(['', '']);
  });

  it('with a position hears everything after it, over many pages, and then goes on', () => {
    const { feed, monitor } = start();
    for (let seq = 1; seq <= 250; seq += 1) monitor.commit({});
    const stream = feed.open(at(20), {});
    monitor.commit({});
    vi.advanceTimersByTime(1);
    const expected = Array.from({ length: 231 }, (_, index) => index + 21);
    expect(seqsOf(readAll(stream))).toEqual(expected);
  });

  it('hears only what it asked for, replayed and live', () => {
    const { feed, monitor } = start();
    const events = [
      { session: 'a', event: 'progress' },
      { session: 'b', event: 'progress' },
      { session: 'a', event: 'state_change' },
    ] as const;
    for (const event of events) monitor.commit(event);
    const ofA = feed.open(at(0), { session: 'a' });
    const progress = feed.open(at(0), { event: 'progress' });
    for (const event of events) monitor.commit(event);
    expect(seqsOf(readAll(ofA))).toEqual([1, 3, 4, 6]);
    expect(seqsOf(readAll(progress))).toEqual([1, 2, 4, 5]);
  });

  it('costs no look into the journal while it keeps up', () => {
    const { feed, monitor } = start();
    const stream = feed.open(null, { session: 'another' });
    for (let seq = 1; seq <= 50; seq += 1) monitor.commit({});
    monitor.commit({ session: 'another' });
    expect(seqsOf(readAll(stream))).toEqual([51]);
    expect(monitor.reads()).toBe(0);
  });

  it.each([
    ['is older than what is kept', at(2)],
    ['has not been reached', at(11)],
    ['is of another epoch', at(7, 'another')],
    ['was never given', parseEventId('hello')],
  ])('is told to start anew where its position %s', (_why, position) => {
    const { feed, monitor } = start();
    for (let seq = 1; seq <= 10; seq += 1) monitor.commit({});
    monitor.trim(5);
    const stream = feed.open(position, {});
    monitor.commit({});
    const frames = readAll(stream).split('\n\n');
    expect(frames[1]?.split('\n').slice(0, 2)).toEqual(['event: reset', `id: ${EPOCH}-10`]);
    const data = /^data: (.*)$/m.exec(frames[1] ?? '')?.[1] ?? '';
    expect(resetBody.parse(JSON.parse(data))).toEqual({ epoch: EPOCH, seq: 10 });
    expect(seqsOf(frames[2] ?? '')).toEqual([11]);
  });

  it('is told so too when the epoch changes while it reads', () => {
    const { feed, monitor } = start();
    const stream = feed.open(null, {});
    monitor.commit({});
    monitor.renewEpoch('renewed');
    monitor.commit({});
    monitor.commit({});
    expect(readAll(stream).split('\n\n').slice(2, 4)).toEqual([
      'event: reset\nid: renewed-2\ndata: {"epoch":"renewed","seq":2}',
      expect.stringMatching(/^id: renewed-3\n/),
    ]);
  });

  it.each([at(5), at(5, null)])('misses nothing at the edge of what is kept: %j', (position) => {
    const { feed, monitor } = start();
    for (let seq = 1; seq <= 7; seq += 1) monitor.commit({});
    monitor.trim(5);
    expect(seqsOf(readAll(feed.open(position, {})))).toEqual([6, 7]);
  });

  it('that stops reading gets the rest from the journal when it reads again', async () => {
    const { feed, monitor } = start();
    const stream = feed.open(null, {});
    const body = 'x'.repeat(4000);
    for (let seq = 1; seq <= 300; seq += 1) monitor.commit({ body });
    // What is held for it stays near the stream's own mark, however much there is to tell.
    expect(stream.readableLength).toBeLessThan(600_000);
    const seqs: number[] = [];
    let text = '';
    while (seqs.length < 300) {
      text += readAll(stream);
      const end = text.lastIndexOf('\n\n') + 2;
      seqs.push(...seqsOf(text.slice(0, end)));
      text = text.slice(end);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(seqs).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  it('that reads nothing for too long is dropped', async () => {
    const { feed, monitor, log } = start();
    const stream = feed.open(null, {});
    for (let seq = 1; seq <= 50; seq += 1) monitor.commit({ body: 'x'.repeat(4000) });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(stream.destroyed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(stream.destroyed).toBe(true);
    expect(log.messages('info')).toHaveLength(1);
    monitor.commit({});
  });

  it('hears now and then that the feed is still there', async () => {
    const { feed } = start();
    const stream = feed.open(null, {});
    readAll(stream);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(readAll(stream)).toBe(': still here\n\n');
  });

  it('ends where the journal cannot be read, and hurts nobody else', async () => {
    const monitor = createFakeMonitor();
    const { feed, log } = start(monitor);
    const stream = feed.open(null, {});
    for (let seq = 1; seq <= 50; seq += 1) monitor.commit({ body: 'x'.repeat(4000) });
    monitor.events = () => {
      throw new StoreFailed('disk I/O error');
    };
    readAll(stream);
    await vi.advanceTimersByTimeAsync(1);
    readAll(stream);
    await vi.advanceTimersByTimeAsync(1);
    expect(stream.destroyed).toBe(true);
    expect(log.messages('error')).toHaveLength(1);
    monitor.commit({});
  });

  it('ends with the feed', () => {
    const { feed, monitor } = start();
    const stream = feed.open(null, {});
    feed.close();
    expect(stream).toMatchObject({ writableEnded: true });
    expect(monitor.listeners()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('parseEventId', () => {
  it.each([
    [`${EPOCH}-12`, { epoch: EPOCH, seq: 12 }],
    ['12', { epoch: null, seq: 12 }],
    ['', { epoch: '', seq: 0 }],
    ['-12', { epoch: '', seq: 0 }],
    ['a-12x', { epoch: '', seq: 0 }],
    ['1234567890123456', { epoch: '', seq: 0 }],
  ])('%s', (id, expected) => {
    expect(parseEventId(id)).toEqual(expected);
  });
});

describe('GET /api/events/stream', () => {
  beforeEach(() => {
    vi.useRealTimers();
  });

  const get = (path: string, headers = '') =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n${headers}\r\n`;

  it('streams from the position asked for', async () => {
    await using api = await startServer();
    for (let seq = 1; seq <= 3; seq += 1) api.monitor.commit({});
    const connection = await openConnection(api.port);
    connection.socket.write(get('/api/events/stream?after=2'));
    const head = await connection.until('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(head).toMatch(/^content-type: text\/event-stream/im);
    expect(head).toMatch(/^cache-control: no-store/im);
    await connection.until('"seq":3');
    api.monitor.commit({});
    await connection.until('"seq":4');
    expect(connection.received()).not.toContain('"seq":2');
    connection.socket.destroy();
  });

  it.each([
    { epoch: EPOCH, first: '"seq":3' },
    { epoch: 'another', first: 'event: reset' },
  ])('takes the position to be of the epoch $epoch', async ({ epoch, first }) => {
    await using api = await startServer();
    for (let seq = 1; seq <= 3; seq += 1) api.monitor.commit({});
    const connection = await openConnection(api.port);
    connection.socket.write(get(`/api/events/stream?after=2&epoch=${epoch}`));
    await connection.until(first);
    connection.socket.destroy();
  });

  it('prefers the id that a reader has seen last to its first query', async () => {
    await using api = await startServer();
    for (let seq = 1; seq <= 5; seq += 1) api.monitor.commit({});
    const connection = await openConnection(api.port);
    connection.socket.write(get('/api/events/stream?after=0', `Last-Event-ID: ${EPOCH}-4\r\n`));
    await connection.until('"seq":5');
    expect(connection.received()).not.toContain('"seq":4');
    connection.socket.destroy();
  });

  it('forgets a reader that has gone', async () => {
    await using api = await startServer({ limits: { heartbeatMs: 5 } });
    const connection = await openConnection(api.port);
    connection.socket.write(get('/api/events/stream'));
    await connection.until('still here');
    connection.socket.resetAndDestroy();
    await api.server.close();
    expect(api.log.messages('error')).toEqual([]);
  });

  it('answers HEAD without a stream', async () => {
    await using api = await startServer();
    const answer = await api.call('HEAD', '/api/events/stream');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
  });

  it('drops a reader that does not read, and frees what it held', async () => {
    await using api = await startServer({ limits: { stallMs: 50 } });
    const connection = await openConnection(api.port);
    connection.socket.write(get('/api/events/stream'));
    await connection.until('retry:');
    connection.socket.pause();
    const closed = new Promise((resolve) => connection.socket.once('close', resolve));
    const body = 'x'.repeat(100_000);
    await vi.waitFor(() => {
      for (let times = 0; times < 20; times += 1) api.monitor.commit({ body });
      expect(api.log.messages('info')).toContainEqual(expect.stringContaining('does not read'));
    }, 10_000);
    connection.socket.on('error', () => undefined);
    connection.socket.resume();
    await closed;
  });
});
