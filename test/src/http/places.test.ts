import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { statsBody } from '../../../src/http/schemas.ts';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { readExposition } from '../../support/exposition.ts';
import { type Connection, openConnection, startServer, TOKEN } from './start.ts';

const isLinux = process.platform === 'linux';

/** Who calls from here is a stranger, by a row that says nothing; elsewhere than on Linux everybody is. */
const STRANGE = isLinux ? '127.0.0.2' : '127.0.0.1';
const readTable = async (path: string): Promise<string> =>
  (await readFile(path, 'latin1')).replace(/(: 0200007F:\w+ \S+) 01 /g, '$1 06 ');

type Limits = NonNullable<NonNullable<Parameters<typeof startServer>[0]>['limits']>;

const start = async (limits: Limits) => {
  const metrics = createMetrics('1.2.3');
  const api = await startServer({
    meter: metrics.meters.http,
    readTable,
    limits: { drainMs: 10, ...limits },
  });
  const figures = async (name: string, label: string) => {
    const { samples = [] } = readExposition(await metrics.text()).families.get(name) ?? {};
    return Object.fromEntries(samples.map(({ labels, value }) => [labels[label], value]));
  };
  return {
    ...api,
    open: () => figures('agent_monitor_http_connections', 'caller'),
    dropped: () => figures('agent_monitor_http_connections_dropped_total', 'reason'),
    warnings: () => api.log.lines.filter(({ level }) => level === 'warn'),
  };
};

const opened: Connection[] = [];
afterEach(() => {
  for (const { socket } of opened.splice(0)) socket.destroy();
});

const connectFrom = async (port: number, address: string): Promise<Connection> => {
  const connection = await openConnection(port, address);
  connection.socket.on('error', () => undefined);
  opened.push(connection);
  return connection;
};
const openAsStranger = (port: number) => connectFrom(port, STRANGE);
const ask = ({ socket }: Connection, path: string, token = '') =>
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${token && `Authorization: Bearer ${token}\r\n`}\r\n`,
  );
const openWithToken = async (port: number): Promise<Connection> => {
  const connection = await openAsStranger(port);
  ask(connection, '/api/machines', TOKEN);
  await connection.until('"machines"');
  return connection;
};
/** The monitor's own user, who says nothing yet. */
const openAsOwner = (port: number) =>
  isLinux ? connectFrom(port, '127.0.0.1') : openWithToken(port);

const ended = ({ socket }: Connection) =>
  vi.waitFor(() => expect(socket.destroyed).toBe(true), 10_000);

describe('connections of those who have shown no right to call', () => {
  it('push out one another, the oldest first, and nobody else', async () => {
    await using api = await start({ maxStrangers: 3 });
    const own = await openAsOwner(api.port);
    const withToken = await openWithToken(api.port);
    const strangers: Connection[] = [];
    for (let times = 0; times < 3; times += 1) strangers.push(await openAsStranger(api.port));
    // What costs nothing buys nothing.
    strangers[0]?.socket.write('GET /livez HTTP/1.1\r\nX: ');
    for (const oldest of strangers.slice(0, 2)) {
      strangers.push(await openAsStranger(api.port));
      await ended(oldest);
    }
    expect(strangers.map(({ socket }) => socket.destroyed)).toEqual([
      ...[true, true, false, false, false],
    ]);
    ask(own, '/api/stats', isLinux ? '' : TOKEN);
    ask(withToken, '/api/stats', TOKEN);
    await own.until('"uptime"');
    await withToken.until('"uptime"');
    expect(await api.open()).toEqual(
      isLinux ? { own: 1, token: 1, stranger: 3 } : { own: 0, token: 2, stranger: 3 },
    );
    expect(await api.dropped()).toEqual({ pushed_out: 2, timed_out: 0, full: 0 });
    const { connections } = statsBody.parse((await api.call('GET', '/api/stats')).body);
    expect(connections).toMatchObject({ stranger: 3, dropped: 2 });
  });

  it('are told of in the log, together, and not for each', async () => {
    await using api = await start({ maxStrangers: 1, dropsToldMs: 200 });
    for (let times = 0; times < 6; times += 1) await openAsStranger(api.port);
    await vi.waitFor(() => expect(api.warnings()).toHaveLength(2), 10_000);
    expect(api.warnings()).toMatchObject([
      { fields: { pushed_out: 1 }, message: expect.stringContaining('docs/security.md') },
      { fields: { pushed_out: 4 } },
    ]);
  });

  it('have little time to ask for something; those of callers have more', async () => {
    await using api = await start({ strangerMs: 50 });
    const own = await openAsOwner(api.port);
    const stranger = await openAsStranger(api.port);
    stranger.socket.write('GET /livez HTTP/1.1\r\nHo');
    expect(await stranger.until('"request_timeout"')).toMatch(/^HTTP\/1\.1 408 /);
    expect(own.socket.destroyed).toBe(false);
    expect(await api.dropped()).toEqual({ pushed_out: 0, timed_out: 1, full: 0 });
  });

  it('are no longer among them with the first request that is let in', async () => {
    await using api = await start({ maxStrangers: 1, strangerMs: 50 });
    const withToken = await openWithToken(api.port);
    const stranger = await openAsStranger(api.port);
    await stranger.until('"request_timeout"');
    await ended(stranger);
    expect(withToken.socket.destroyed).toBe(false);
    withToken.socket.destroy();
    await vi.waitFor(async () => expect(await api.open()).toMatchObject({ token: 0, stranger: 0 }));
  });
});

describe('connections of callers', () => {
  it('are no more than there may be, and the next one is told so', async () => {
    await using api = await start({ maxConnections: 2 });
    const first = await openWithToken(api.port);
    await openAsOwner(api.port);
    await vi.waitFor(async () =>
      expect(await api.open()).toEqual({
        own: Number(isLinux),
        token: 2 - Number(isLinux),
        stranger: 0,
      }),
    );
    const third = await connectFrom(api.port, '127.0.0.1');
    ask(third, '/api/stats', TOKEN);
    expect(await third.until('too_many_connections')).toMatch(/^HTTP\/1\.1 503 /);
    expect(await api.dropped()).toEqual({ pushed_out: 0, timed_out: 0, full: 1 });
    first.socket.destroy();
    await vi.waitFor(async () => expect((await api.call('GET', '/livez')).status).toBe(200));
  });

  it('leave some for this user, however many have a token', async () => {
    await using api = await start({ maxConnections: 2, maxTokenConnections: 1 });
    await openWithToken(api.port);
    const next = await openAsStranger(api.port);
    ask(next, '/api/stats', TOKEN);
    expect(await next.until('too_many_connections')).toMatch(/^HTTP\/1\.1 503 .*Retry-After: 1\r/s);
    const { status } = await api.call('GET', '/api/stats', { headers: {} });
    expect(status).toBe(isLinux ? 200 : 401);
  });

  it('on the unix socket are counted where they are too many', async () => {
    await using api = await start({ maxConnections: 1 });
    const first = connect(api.socketPath);
    await once(first, 'connect');
    const second = connect(api.socketPath);
    second.on('error', () => undefined);
    await once(second, 'close');
    first.destroy();
    expect(await api.dropped()).toEqual({ pushed_out: 0, timed_out: 0, full: 1 });
  });
});
