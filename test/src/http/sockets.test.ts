import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { StoreFailed } from '../../../actors/errors.ts';
import { serverMessage } from '../../../src/http/socket-messages.ts';
import { createFakeMonitor, EPOCH } from './fake-monitor.ts';
import { connect, endAndCheck, isOf, type Message } from './socket-caller.ts';
import { openConnection, READ_TOKEN, startServer, TOKEN } from './start.ts';

afterEach(endAndCheck);

const isEvent = (seq: number) => (message: Message) =>
  message.type === 'event' && message.seq === seq;

describe('a WebSocket client', () => {
  it.each(['/ws', '/'])(
    'is told at %s who speaks, all agents, and what happens next',
    async (path) => {
      await using api = await startServer();
      api.monitor.commit({});
      const client = await connect(api.port, path);
      await client.until(isOf('snapshot'));
      api.monitor.commit({ event: 'state_change', state: 'working' });
      await client.until(isEvent(2));
      expect(client.told).toEqual([
        { type: 'connected', version: '0.1.0', scope: 'full', epoch: EPOCH, seq: 1 },
        { type: 'snapshot', epoch: EPOCH, seq: 1, agents: api.monitor.agents({}) },
        expect.objectContaining({
          type: 'event',
          event: 'state_change',
          session: 'shop-api',
          state: 'working',
          seq: 2,
          epoch: EPOCH,
        }),
      ]);
    },
  );

  it('is told at once where it may look only', async () => {
    await using api = await startServer();
    const client = await connect(api.port, '/ws', READ_TOKEN);
    expect(await client.until(isOf('connected'))).toMatchObject({ scope: 'read' });
  });

  it('is told what was committed together in one message, where it asks for that', async () => {
    await using api = await startServer();
    const client = await connect(api.port, '/ws?batch=1');
    await client.until(isOf('snapshot'));
    api.monitor.commit({ session: 'a' }, { session: 'b' });
    api.monitor.commit({ session: 'c' });
    await vi.waitFor(() => expect(client.told.filter(isOf('events'))).toHaveLength(2));
    expect(client.told.slice(2)).toEqual([
      {
        type: 'events',
        events: [
          expect.objectContaining({ session: 'a', seq: 1, epoch: EPOCH }),
          expect.objectContaining({ session: 'b', seq: 2, epoch: EPOCH }),
        ],
      },
      { type: 'events', events: [expect.objectContaining({ session: 'c', seq: 3 })] },
    ]);
  });

  it('goes on after what it has, over many pages', async () => {
    await using api = await startServer();
    for (let seq = 1; seq <= 250; seq += 1) api.monitor.commit({});
    const client = await connect(api.port, `/ws?after=20&epoch=${EPOCH}`);
    api.monitor.commit({});
    await client.until(isEvent(251));
    expect(client.seqs()).toEqual(Array.from({ length: 231 }, (_, index) => index + 21));
    expect(client.told.filter(isOf('snapshot'))).toEqual([]);
  });

  it.each([
    ['is older than what is kept', `after=2&epoch=${EPOCH}`],
    ['has not been reached', 'after=11'],
    ['is of another epoch', 'after=7&epoch=another'],
  ])('is told to begin anew, with all agents, where its position %s', async (_why, query) => {
    await using api = await startServer();
    for (let seq = 1; seq <= 10; seq += 1) api.monitor.commit({});
    api.monitor.trim(5);
    const client = await connect(api.port, `/ws?${query}`);
    await client.until(isOf('snapshot'));
    api.monitor.commit({});
    await client.until(isEvent(11));
    expect(client.told.slice(1, 3)).toEqual([
      { type: 'reset', epoch: EPOCH, seq: 10 },
      { type: 'snapshot', epoch: EPOCH, seq: 10, agents: api.monitor.agents({}) },
    ]);
  });

  it('narrows down what it hears of, and goes back, with one message', async () => {
    await using api = await startServer();
    for (const session of ['a', 'b', 'c', 'a']) api.monitor.commit({ session });
    const client = await connect(api.port);
    client.say({ type: 'subscribe', sessions: ['a', 'c'], after: 1 });
    await client.until(isOf('subscribed'));
    for (const session of ['b', 'c']) api.monitor.commit({ session });
    await client.until(isEvent(6));
    expect(client.told.find(isOf('subscribed'))).toEqual({
      type: 'subscribed',
      sessions: ['a', 'c'],
      after: 1,
    });
    expect(client.seqs()).toEqual([3, 4, 6]);
    client.say({ type: 'subscribe' });
    await vi.waitFor(() => expect(client.told.filter(isOf('subscribed'))).toHaveLength(2));
    api.monitor.commit({ session: 'b' });
    await client.until(isEvent(7));
  });

  it('is answered a ping', async () => {
    await using api = await startServer();
    const client = await connect(api.port);
    client.say({ type: 'ping' });
    await client.until(isOf('pong'));
  });

  it.each([
    ['{', 'A message is JSON text.'],
    ['[1]', 'body: '],
    ['{"type":"type","text":"rm"}', 'type: must be one of subscribe, ping, terminal'],
    ['{"type":"subscribe","after":-1}', 'after: '],
    ['{"type":"subscribe","sessions":"a"}', 'sessions: must be a list of names'],
    ['{"type":"subscribe","__proto__":{"sessions":[]}}', '__proto__: is not known here'],
    ['{"type":"subscribe","command":"ls"}', 'command: is not known here'],
  ])('is told what is wrong with %s, and goes on hearing', async (text, detail) => {
    await using api = await startServer();
    const client = await connect(api.port);
    client.socket.send(text);
    const error = await client.until(isOf('error'));
    expect(error).toMatchObject({ detail: expect.stringContaining(detail) });
    api.monitor.commit({});
    await client.until(isEvent(1));
  });

  it('is refused a position that is none before it is let in', async () => {
    await using api = await startServer();
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}/ws?after=x`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const status = await new Promise((resolve) => {
      socket.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode));
    });
    expect(status).toBe(400);
  });

  it('is let go where it says too much, or too much at once', async () => {
    await using api = await startServer();
    const chatty = await connect(api.port);
    for (let times = 0; times < 200; times += 1) chatty.say({ type: 'ping' });
    expect(await chatty.closed).toBe(1008);
    const long = await connect(api.port);
    long.socket.send(' '.repeat(65 * 1024));
    expect(await long.closed).toBe(1009);
  });

  it('that stops reading is told no more, and gets the rest when it reads again', async () => {
    await using api = await startServer();
    const client = await connect(api.port);
    await client.until(isOf('snapshot'));
    client.socket.pause();
    // More than the kernel takes for the two ends.
    const body = 'x'.repeat(20_000);
    for (let seq = 1; seq <= 1_000; seq += 1) api.monitor.commit({ body });
    client.socket.resume();
    await client.until(isEvent(1_000));
    expect(client.seqs()).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  }, 30_000);

  it('that does not read for too long is dropped, and told why when it reads again', async () => {
    await using api = await startServer({ limits: { stallMs: 50 } });
    const client = await connect(api.port);
    await client.until(isOf('snapshot'));
    client.socket.pause();
    const body = 'x'.repeat(100_000);
    await vi.waitFor(() => {
      for (let times = 0; times < 20; times += 1) api.monitor.commit({ body });
      expect(api.log.messages('info')).toContainEqual(expect.stringContaining('does not read'));
    }, 10_000);
    client.socket.resume();
    // The close stands behind what it has not read, which it gets whole.
    expect(await client.closed).toBe(1013);
    const seqs = client.seqs();
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
    expect(seqs.length).toBeGreaterThan(0);
  }, 20_000);

  it('that is gone without a word is found out', async () => {
    await using api = await startServer({ limits: { heartbeatMs: 20 } });
    const connection = await openConnection(api.port);
    connection.socket.write(
      [
        'GET /ws HTTP/1.1',
        'Host: localhost',
        `Authorization: Bearer ${TOKEN}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
        '\r\n',
      ].join('\r\n'),
    );
    const ended = new Promise((resolve) => connection.socket.once('close', resolve));
    await connection.until('"snapshot"');
    await ended;
  });

  it('is told that the monitor stops', async () => {
    await using api = await startServer();
    const client = await connect(api.port);
    await api.server.close();
    expect(await client.closed).toBe(1001);
    expect(api.monitor.listeners()).toBe(0);
  });

  it('comes back where the journal cannot be read, and hurts nobody else', async () => {
    const monitor = createFakeMonitor();
    await using api = await startServer({ monitor });
    for (let seq = 1; seq <= 3; seq += 1) monitor.commit({});
    monitor.events = () => {
      throw new StoreFailed('disk I/O error');
    };
    const other = await connect(api.port);
    const client = await connect(api.port, '/ws?after=1');
    expect(await client.closed).toBe(1013);
    monitor.commit({});
    await other.until(isEvent(4));
  });

  it('misses nothing in a storm of reconnections', async () => {
    await using api = await startServer();
    const seen = new Set<unknown>();
    let last = 0;
    const storm = setInterval(() => {
      for (let times = 0; times < 10; times += 1) api.monitor.commit({});
    }, 1);
    for (let times = 0; times < 40; times += 1) {
      const client = await connect(api.port, `/ws?after=${last}&epoch=${EPOCH}`);
      await client.until(isOf('event'));
      client.socket.terminate();
      for (const seq of client.seqs()) {
        expect(seen.has(seq)).toBe(false);
        seen.add(seq);
        last = seq as number;
      }
    }
    clearInterval(storm);
    expect([...seen]).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  });
});

describe('an event', () => {
  const event = { seq: 1, epoch: EPOCH, host: 'h', session: '', timestamp: 0 };
  it.each([
    [true, { type: 'event', event: 'monitor_stopped', ...event }],
    [true, { type: 'event', event: 'state_change', damaged: true, ...event }],
    [false, { type: 'event', event: 'state_change', ...event }],
    [false, { event: 'monitor_stopped', ...event }],
  ])('is a message with its fields beside the type: %s %o', (isOne, message) => {
    expect(serverMessage.safeParse(message).success).toBe(isOne);
  });
});
