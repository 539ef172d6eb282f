import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { SessionNotFound, StoreFailed } from '../../../actors/errors.ts';
import type { ScreenListener } from '../../../actors/ports.ts';
import { serverMessage } from '../../../src/http/socket-messages.ts';
import { createFakeMonitor, EPOCH } from './fake-monitor.ts';
import { openConnection, READ_TOKEN, startServer, TOKEN } from './start.ts';

type Message = Record<string, unknown> & { type: string };

/** A client that keeps what it was told, until it is told what is waited for. */
const connect = async (port: number, path = '/ws', token = TOKEN) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  opened.push(socket);
  const told: Message[] = [];
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.on('message', (data) => told.push(JSON.parse(String(data))));
  checked.push(told);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return {
    ...{ socket, told, closed },
    say: (message: unknown) => socket.send(JSON.stringify(message)),
    until: (isWanted: (message: Message) => boolean) =>
      vi.waitFor(() => {
        const found = told.find(isWanted);
        if (!found)
          throw new Error(`not among ${told.length} messages, the last ${told.at(-1)?.type}`);
        return found;
      }, 25_000),
    seqs: () => told.filter(({ type }) => type === 'event').map(({ seq }) => seq),
  };
};

const opened: WebSocket[] = [];
const checked: Message[][] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.terminate();
  // What these tests commit are no whole events. Of thousands of screens the first ones do.
  const told = checked.splice(0).flatMap((all) => all.filter((one) => one.type !== 'event'));
  for (const message of told.slice(0, 50)) {
    expect({ message, error: serverMessage.safeParse(message).error?.message }).toEqual({
      message,
    });
  }
});

const isEvent = (seq: number) => (message: Message) =>
  message.type === 'event' && message.seq === seq;
const isOf = (type: string) => (message: Message) => message.type === type;

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

describe('a terminal', () => {
  /** A pane whose screen a test draws. */
  const startPane = async () => {
    const viewers = new Set<ScreenListener>();
    const monitor = createFakeMonitor({
      watchScreen: (session, listener) => {
        if (session === 'none') throw new SessionNotFound(session);
        viewers.add(listener);
        return () => viewers.delete(listener);
      },
    });
    const api = await startServer({ monitor, limits: { stallMs: 60_000 } });
    const draw = (rows: string[], width = 10) => {
      const cursor = { x: 0, y: 0, visible: true };
      const screen = { title: 't', width, height: rows.length, cursor, rows };
      for (const viewer of viewers) viewer.shown(screen);
    };
    return { api, viewers, draw };
  };

  it('is told whole, then row by row, and whole again in another size', async () => {
    const { api, viewers, draw } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    client.say({ type: 'terminal', session: 'shop-api' });
    await vi.waitFor(() => expect(viewers.size).toBe(1));
    draw(['one', 'two']);
    draw(['one', 'three']);
    draw(['one', 'three', ''], 12);
    const isTerminal = ({ type }: Message) => type.startsWith('terminal');
    await vi.waitFor(() => expect(client.told.filter(isTerminal)).toHaveLength(3));
    const cursor = { x: 0, y: 0, visible: true };
    const screen = { session: 'shop-api', title: 't', cursor };
    expect(client.told.filter(isTerminal)).toEqual([
      { type: 'terminal', ...screen, width: 10, height: 2, rows: ['one', 'two'] },
      { type: 'terminal_changed', ...screen, rows: { 1: 'three' } },
      { type: 'terminal', ...screen, width: 12, height: 3, rows: ['one', 'three', ''] },
    ]);
    client.say({ type: 'terminal_end', session: 'shop-api' });
    await vi.waitFor(() => expect(viewers.size).toBe(0));
  });

  it('is told newest to one that does not keep up', async () => {
    const { api, viewers, draw } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    client.say({ type: 'terminal', session: 'shop-api' });
    await vi.waitFor(() => expect(viewers.size).toBe(1));
    client.socket.pause();
    const last = 5_000;
    for (let times = 0; times <= last; times += 1) draw([`${times}`, 'x'.repeat(10_000 + times)]);
    client.socket.resume();
    const isLast = ({ rows }: Message) => Object.values(rows ?? {})[0] === String(last);
    await client.until(isLast);
    expect(client.told.length).toBeLessThan(1_000);
  });

  it.each([
    ['none', 'session_not_found'],
    ['e', 'bad_request'],
  ])('of %s is refused with %s', async (session, code) => {
    const { api, viewers } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    for (const one of ['a', 'b', 'c']) client.say({ type: 'terminal', session: one });
    if (code === 'bad_request') client.say({ type: 'terminal', session: 'd' });
    client.say({ type: 'terminal', session });
    expect(await client.until(isOf('error'))).toMatchObject({ code });
    expect(viewers.size).toBe(code === 'bad_request' ? 4 : 3);
  });

  it('is over with its pane, and with its client', async () => {
    const { api, viewers } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    client.say({ type: 'terminal', session: 'a' });
    client.say({ type: 'terminal', session: 'b' });
    await vi.waitFor(() => expect(viewers.size).toBe(2));
    [...viewers][0]?.gone('the pane is no more');
    expect(await client.until(isOf('terminal_gone'))).toMatchObject({ session: 'a' });
    viewers.delete([...viewers][0] as ScreenListener);
    client.socket.terminate();
    await vi.waitFor(() => expect(viewers.size).toBe(0));
  });

  it('goes on under the new name of its session, and says so', async () => {
    const { api, viewers, draw } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    // Who does not follow it as a session is told all the same.
    client.say({ type: 'subscribe', sessions: ['other'] });
    client.say({ type: 'terminal', session: 'shop-api' });
    await vi.waitFor(() => expect(viewers.size).toBe(1));
    draw(['one', 'two']);
    const previousSession = 'shop-api';
    api.monitor.commit({ event: 'session_renamed', session: 'web', previousSession });
    draw(['one', 'three']);
    const changed = await client.until(isOf('terminal_changed'));
    expect(changed).toMatchObject({ session: 'web', rows: { 1: 'three' } });
    const told = client.told.filter(({ type }) => type.startsWith('terminal'));
    expect(told.slice(0, -1)).toMatchObject([
      { type: 'terminal', session: 'shop-api', rows: ['one', 'two'] },
      { type: 'terminal_renamed', session: 'web', previousSession },
      { type: 'terminal', session: 'web', rows: ['one', 'two'] },
    ]);
    expect(client.told.filter(isOf('event'))).toEqual([]);
  });

  it.each(['web', 'shop-api'])('of a renamed session ends under its name %s', async (name) => {
    const { api, viewers, draw } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    client.say({ type: 'terminal', session: 'shop-api' });
    await vi.waitFor(() => expect(viewers.size).toBe(1));
    draw(['one']);
    const previousSession = 'shop-api';
    api.monitor.commit({ event: 'session_renamed', session: 'web', previousSession });
    await client.until(isOf('terminal_renamed'));
    client.say({ type: 'terminal_end', session: name });
    await vi.waitFor(() => expect(viewers.size).toBe(0));
  });

  it('of a renamed session stays where another one gets its old name', async () => {
    const { api, viewers } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    client.say({ type: 'terminal', session: 'a' });
    await vi.waitFor(() => expect(viewers.size).toBe(1));
    api.monitor.commit({ event: 'session_renamed', session: 'b', previousSession: 'a' });
    client.say({ type: 'terminal', session: 'a' });
    await vi.waitFor(() => expect(viewers.size).toBe(2));
  });

  it('makes way for a session that takes its name', async () => {
    const { api, viewers } = await startPane();
    await using _api = api;
    const client = await connect(api.port);
    client.say({ type: 'terminal', session: 'a' });
    client.say({ type: 'terminal', session: 'b' });
    await vi.waitFor(() => expect(viewers.size).toBe(2));
    api.monitor.commit({ event: 'session_renamed', session: 'b', previousSession: 'a' });
    expect(await client.until(isOf('terminal_gone'))).toMatchObject({ session: 'b' });
    expect(await client.until(isOf('terminal_renamed'))).toMatchObject({ session: 'b' });
    expect(viewers.size).toBe(1);
  });
});
