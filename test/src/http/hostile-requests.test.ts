import { connect, type Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { startServer, TOKEN } from './start.ts';

const HEAD = `Host: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const KILL = `POST /api/agents/shop-api/kill HTTP/1.1\r\n${HEAD}`;
const COMMAND = '/api/agents/shop-api/command';
const HOOK = '/api/hooks/claude-code';

const post = (api: Awaited<ReturnType<typeof startServer>>, path: string, body: string) =>
  api.call('POST', path, {
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body,
  });

const deep = (times: number, open: string, close: string, core = '1') =>
  open.repeat(times) + core + close.repeat(times);
const manyKeys = (count: number) =>
  `{${Array.from({ length: count }, (_, key) => `"${key}":1`).join()}}`;

describe('a body', () => {
  it.each([
    ['a hundred thousand lists deep', COMMAND, deep(100_000, '[', ']'), 400],
    ['deep within a field', COMMAND, `{"command":${deep(40_000, '{"a":', '}')}}`, 400],
    ['of many keys', COMMAND, manyKeys(20_000), 400],
    ['of a million keys', COMMAND, manyKeys(1_000_000), 413],
    ['a byte too long', COMMAND, ' '.repeat(262_145), 413],
    ['with __proto__', COMMAND, '{"command":"a","__proto__":{"when":"force"}}', 400],
    ['with a constructor', COMMAND, '{"command":"a","constructor":{"prototype":{"x":1}}}', 400],
    ['with a lone surrogate', COMMAND, '{"command":"\\ud800"}', 400],
    ['that is a hook of nothing but depth', HOOK, deep(100_000, '{"a":', '}'), 400],
    ['that is a hook of a million keys', HOOK, manyKeys(1_000_000), 400],
  ])('%s is refused, and the next is served', async (_what, path, body, status) => {
    await using api = await startServer();
    expect((await post(api, path, body)).status).toBe(status);
    expect(api.monitor.calls).toEqual([]);
    expect(({} as Record<string, unknown>).when).toBeUndefined();
    expect((await api.call('GET', '/api/agents')).status).toBe(200);
    expect(api.log.messages('error')).toEqual([]);
  });

  it('of a hook that is deep beside what it needs harms nothing', async () => {
    await using api = await startServer();
    const nested = deep(100_000, '{"a":', '}');
    const body = `{"hook_event_name":"PreToolUse","tool_input":${nested},"__proto__":${nested}}`;
    expect([200, 400]).toContain((await post(api, HOOK, body)).status);
    expect((await api.call('GET', '/api/agents')).status).toBe(200);
    expect(api.log.messages('error')).toEqual([]);
  });
});

describe('a request within a request', () => {
  const INNER = `POST /api/agents/shop-api/restart HTTP/1.1\r\n${HEAD}\r\n`;
  const LENGTH = `Content-Length: ${INNER.length}\r\n`;
  it.each([
    ['a length and chunks', `${LENGTH}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${INNER}`],
    ['chunks and a length', `Transfer-Encoding: chunked\r\n${LENGTH}\r\n0\r\n\r\n${INNER}`],
    ['a hidden encoding', `${LENGTH}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${INNER}`],
    ['an encoding twice', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${INNER}`],
    ['an unknown encoding', `${LENGTH}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${INNER}`],
    ['two lengths', `Content-Length: 0\r\n${LENGTH}\r\n${INNER}`],
    ['a list of lengths', `Content-Length: 0, ${INNER.length}\r\n\r\n${INNER}`],
    ['a signed length', `Content-Length: +0\r\n\r\n${INNER}`],
    ['a chunk with a bad end', `Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n${INNER}`],
    ['a chunk of no number', `Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n${INNER}`],
    [
      'a chunk beyond all numbers',
      `Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(17)}\r\n${INNER}`,
    ],
    ['a bare line feed', `X: y\nContent-Length: 0\r\n\r\n${INNER}`],
  ])('is not taken for one by %s', async (_what, text) => {
    await using api = await startServer();
    const answer = await api.raw(`${KILL}Content-Type: application/json\r\n${text}`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(api.monitor.calls).toEqual([]);
  });

  it('is a body where its length says so', async () => {
    await using api = await startServer();
    const type = 'Content-Type: text/plain\r\nConnection: close\r\n';
    const answer = await api.raw(`${KILL}${type}${LENGTH}\r\n${INNER}`);
    expect(answer).toMatch(/^HTTP\/1\.1 415 /);
    expect(api.monitor.calls).toEqual([]);
  });
});

describe('a thousand connections that say nothing', () => {
  it('are bounded, keep out nobody by the unix socket, and end', async () => {
    await using api = await startServer({ limits: { headersMs: 1000 } });
    const sockets: Socket[] = [];
    let closed = 0;
    for (let count = 0; count < 1000; count += 1) {
      const socket = connect(api.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.once('close', () => {
        closed += 1;
      });
      socket.resume();
      sockets.push(socket);
    }
    await vi.waitFor(() => expect(closed).toBeGreaterThanOrEqual(1000 - 256), 20_000);
    const { status } = await api.call('GET', '/api/agents', {
      headers: {},
      socketPath: api.socketPath,
    });
    expect(status).toBe(200);
    await vi.waitFor(() => expect(closed).toBe(1000), 20_000);
    expect((await api.call('GET', '/api/agents')).status).toBe(200);
    expect(sockets.every(({ destroyed }) => destroyed)).toBe(true);
  });
});

describe('every answer', () => {
  it.each([
    ['GET', '/api/agents'],
    ['GET', '/docs'],
    ['GET', '/login'],
    ['GET', '/openapi.json'],
    ['GET', '/api/machines/session.svg'],
    ['HEAD', '/api/events/stream'],
    ['GET', '/nothing'],
    ['PUT', '/api/agents'],
    ['BREW', '/api/agents'],
    ['OPTIONS', '/api/agents'],
    ['POST', '/api/agents/gone/kill'],
    ['GET', '/%'],
  ])('says to the browser what it may do with it: %s %s', async (method, path) => {
    await using api = await startServer();
    const { headers } = await api.call(method, path).catch(async () => {
      // What is no HTTP to Node's client or server.
      const text = await api.raw(`${method} ${path} HTTP/1.1\r\n${HEAD}\r\n`);
      const lines = text.split('\r\n\r\n', 1)[0]?.split('\r\n').slice(1) ?? [];
      return { headers: Object.fromEntries(lines.map((line) => line.toLowerCase().split(': '))) };
    });
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^default-src 'none'/),
      'cross-origin-opener-policy': 'same-origin-allow-popups',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('x-powered-by');
  });
});
