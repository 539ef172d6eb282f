import { createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { AlreadyRunning, BadSettings } from '../../../actors/errors.ts';
import { createServer } from '../../../src/http/server.ts';
import type { Tokens } from '../../../src/http/tokens.ts';
import { createRecordedPart } from '../../support/parts.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { openConnection, startServer, TOKEN } from './start.ts';

const HEAD = `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;

const NO_TOKENS: Tokens = {
  scopeOf: () => null,
  sign: () => null,
  onRotated: () => undefined,
  stop: () => undefined,
};

const newServer = (config: Partial<Parameters<typeof createServer>[0]['config']>) =>
  createServer({
    monitor: createFakeMonitor(),
    config: { apiHost: '127.0.0.1', apiPort: 0, allowedHosts: [], dataDir: '/nowhere', ...config },
    tokens: NO_TOKENS,
    log: createRecordedLog(),
    parts: { port: createRecordedPart(), socket: createRecordedPart() },
  });

describe('listen', () => {
  it('says which port is taken and which setting chooses another', async () => {
    const other = createTcpServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const error = await newServer({ apiPort: port })
      .listen()
      .catch((thrown: unknown) => thrown);
    await new Promise((resolve) => other.close(resolve));
    expect(error).toBeInstanceOf(BadSettings);
    expect(String(error)).toContain(`API_PORT ${port} on 127.0.0.1 is taken`);
  });

  it('says so where the address is not of this machine', async () => {
    const listening = newServer({ apiHost: '192.0.2.1', allowedHosts: ['a.example'] }).listen();
    await expect(listening).rejects.toThrow(/API_HOST 192\.0\.2\.1 with API_PORT 0 cannot/);
  });

  it('gives the port back where the socket belongs to another monitor', async () => {
    await using api = await startServer();
    const free = await freePort();
    const second = newServer({ apiPort: free, dataDir: api.dataDir });
    await expect(second.listen()).rejects.toBeInstanceOf(AlreadyRunning);
    const third = createTcpServer();
    await new Promise<void>((resolve) => third.listen(free, '127.0.0.1', resolve));
    await new Promise((resolve) => third.close(resolve));
  });

  it('does without the socket where its path would be too long', async () => {
    const log = createRecordedLog();
    const server = createServer({
      monitor: createFakeMonitor(),
      config: {
        apiHost: '127.0.0.1',
        apiPort: 0,
        allowedHosts: [],
        dataDir: join('/tmp', 'x'.repeat(120)),
      },
      tokens: NO_TOKENS,
      log,
      parts: { port: createRecordedPart(), socket: createRecordedPart() },
    });
    expect(await server.listen()).toMatchObject({ socket: null });
    expect(log.messages('warn')).toEqual([expect.stringContaining('too long a path')]);
    await server.close();
  });
});

describe('an address open to others', () => {
  it('trusts no uid, only the token, and only by the names allowed', async () => {
    const readTable = vi.fn(async () => '');
    await using api = await startServer({
      readTable,
      config: { apiHost: '0.0.0.0', allowedHosts: ['monitor.example'] },
    });
    const ask = (headers: Record<string, string>) => api.call('GET', '/api/agents', { headers });
    const authorization = `Bearer ${TOKEN}`;
    expect((await ask({ host: 'monitor.example' })).status).toBe(401);
    expect((await ask({ host: 'monitor.example', authorization })).status).toBe(200);
    expect((await ask({ host: 'other.example', authorization })).status).toBe(421);
    expect(readTable).not.toHaveBeenCalled();
  });
});

describe('close', () => {
  it('lets requests under way finish and takes no new connection', async () => {
    const { output, asked, release } = createSlowOutput();
    await using api = await startServer({ monitor: createFakeMonitor({ output }) });
    const slow = await openConnection(api.port);
    slow.socket.write(`GET /api/agents/shop-api/output HTTP/1.1\r\n${HEAD}\r\n`);
    await asked;
    const closing = api.server.close();
    await expect(api.call('GET', '/livez')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    release('the screen');
    expect(await slow.until('the screen')).toMatch(/connection: close/i);
    await closing;
  });

  it('refuses what still comes on an open connection', async () => {
    const readTable = vi.fn(async () => '');
    await using api = await startServer({ readTable });
    const connection = await openConnection(api.port);
    await vi.waitFor(() => expect(readTable).toHaveBeenCalled());
    const closing = api.server.close();
    connection.socket.write(`POST /api/agents/shop-api/kill HTTP/1.1\r\n${HEAD}\r\n`);
    expect(await connection.until('"stopping"')).toMatch(/^HTTP\/1\.1 503 .*connection: close/is);
    await closing;
    expect(api.monitor.calls).toEqual([]);
  });

  it('ends even where a request never does', async () => {
    const { output, asked } = createSlowOutput();
    const monitor = createFakeMonitor({ output });
    await using api = await startServer({ monitor, limits: { drainMs: 20 } });
    const answer = api.call('GET', '/api/agents/shop-api/output').catch((error) => error.code);
    await asked;
    await api.server.close();
    expect(await answer).toBe('ECONNRESET');
  });

  it('ends event streams at once', async () => {
    await using api = await startServer({ limits: { drainMs: 60_000 } });
    const stream = await openConnection(api.port);
    stream.socket.write(`GET /api/events/stream HTTP/1.1\r\n${HEAD}\r\n`);
    await stream.until('retry:');
    await api.server.close();
    expect(api.monitor.listeners()).toBe(0);
  });

  it('does not wait for idle connections', async () => {
    await using api = await startServer({ limits: { drainMs: 60_000 } });
    const idle = await openConnection(api.port);
    idle.socket.write(`GET /livez HTTP/1.1\r\n${HEAD}\r\n`);
    await idle.until('"ok"');
    await api.server.close();
  });

  it('ends upgraded connections that nobody else ends', async () => {
    await using api = await startServer({
      limits: { drainMs: 50 },
      takeUpgrade: (_request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\nhello');
        return true;
      },
    });
    const upgraded = await openConnection(api.port);
    upgraded.socket.write(
      `GET /ws HTTP/1.1\r\n${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    );
    await upgraded.until('hello');
    const ended = new Promise((resolve) => upgraded.socket.once('close', resolve));
    await api.server.close();
    await ended;
  });

  it('does nothing the second time, nor before listening', async () => {
    const server = newServer({});
    await server.close();
    await server.close();
  });
});

/** An output that comes when it is released; `asked` says that somebody waits for it. */
const createSlowOutput = () => {
  const answer = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  const output = () => {
    asked.resolve();
    return answer.promise;
  };
  return { output, asked: asked.promise, release: answer.resolve };
};

const freePort = async (): Promise<number> => {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};
