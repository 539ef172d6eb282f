import { describe, expect, it } from 'vitest';
import { openConnection, startServer, TOKEN } from './start.ts';

const HEAD = `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const KILL = `POST /api/agents/shop-api/kill HTTP/1.1\r\n${HEAD}`;

describe('the server', () => {
  it('gives up on headers that do not arrive in time', async () => {
    await using api = await startServer({ limits: { headersMs: 50 } });
    const text = await api.raw(`GET /livez HTTP/1.1\r\nHost: local`);
    expect(text).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
  });

  it('gives up on a connection that says nothing', async () => {
    await using api = await startServer({ limits: { headersMs: 50 } });
    expect(await api.raw('')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('gives up on a body that does not arrive in time', async () => {
    await using api = await startServer({ limits: { headersMs: 50, requestMs: 80 } });
    const text = await api.raw(
      `${KILL}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a"`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
    expect(api.monitor.calls).toEqual([]);
    expect(api.log.messages('error')).toEqual([]);
  });

  it('refuses headers that are too long', async () => {
    await using api = await startServer();
    const text = await api.raw(
      `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(17_000)}`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 431 .*"code":"headers_too_large"/s);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001'],
    ['two lengths', `${KILL}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`],
    ['a length and chunks', `${KILL}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
    [
      'bad chunks',
      `${KILL}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    ],
    ['a header over two lines', `GET /livez HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n`],
    ['bare line feeds', `GET /livez HTTP/1.1\nHost: localhost\n\n`],
  ])('refuses %s', async (_what, text) => {
    await using api = await startServer();
    expect(await api.raw(text)).toMatch(/^HTTP\/1\.1 400 .*"code":"bad_request"/s);
    expect(api.monitor.calls).toEqual([]);
  });

  it('survives clients that reset their connection in the middle of anything', async () => {
    await using api = await startServer();
    for (const text of ['', 'GET', KILL, `${KILL}Content-Length: 9\r\n\r\n{`, `${KILL}\r\n`]) {
      const { socket } = await openConnection(api.port);
      socket.write(text);
      socket.resetAndDestroy();
    }
    expect((await api.call('GET', '/livez')).status).toBe(200);
    expect(api.log.messages('error')).toEqual([]);
  });

  it('keeps a connection for the next request, also after a refusal', async () => {
    await using api = await startServer();
    const connection = await openConnection(api.port);
    connection.socket.write(`GET /api/nothing HTTP/1.1\r\n${HEAD}\r\n`);
    await connection.until('not_found');
    connection.socket.write(`GET /livez HTTP/1.1\r\n${HEAD}\r\n`);
    await connection.until('{"status":"ok"}');
    connection.socket.destroy();
  });

  it.each(['/api/agents', '/health', '/nothing'])(
    'lets no stranger keep one by asking for %s',
    async (path) => {
      await using api = await startServer({ readTable: async () => '' });
      const text = await api.raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      expect(text).toMatch(/^connection: close/im);
    },
  );
});
