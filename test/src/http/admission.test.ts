import { describe, expect, it, vi } from 'vitest';
import { problemBody } from '../../../src/http/schemas.ts';
import { openConnection, raw, startServer, TOKEN } from './start.ts';

const PLAIN = { method: 'POST', path: '/api/agents/shop-api/kill', headers: '' };
const UPGRADE = {
  method: 'GET',
  path: '/ws',
  headers:
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
};
const DOORS = [
  ['a request', PLAIN],
  ['an upgrade', UPGRADE],
] as const;

/** Sends one request with the given header lines at a door and answers its status and problem. */
const knock = async (
  port: number,
  door: typeof PLAIN,
  headers: string,
  { path = door.path, credentials = `Authorization: Bearer ${TOKEN}\r\n` } = {},
) => {
  const close = door === UPGRADE ? '' : 'Connection: close\r\n';
  const text = await raw(
    port,
    `${door.method} ${path} HTTP/1.1\r\n${headers}${credentials}${door.headers}${close}\r\n`,
  );
  const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const problem = status >= 400 ? problemBody.parse(JSON.parse(body)) : undefined;
  return { status, code: problem?.code, text };
};

/** A server that says what came through, by either door. */
const start = async () => {
  const taken: string[] = [];
  const api = await startServer({
    takeUpgrade: (request, socket, _head, caller) => {
      taken.push(`${request.url} by ${caller.name}`);
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      return true;
    },
  });
  const passed = () => [...taken, ...api.monitor.calls];
  return Object.assign(api, { passed });
};

describe.each(DOORS)('%s', (_name, door) => {
  it.each([
    'Host: localhost\r\n',
    'Host: LOCALHOST:3848\r\n',
    'Host: 127.0.0.1:9\r\n',
    'Host: [::1]:3848\r\n',
    'Host: localhost:3848\r\nOrigin: http://localhost:3848\r\nSec-Fetch-Site: same-origin\r\n',
    'Host: localhost\r\nSec-Fetch-Site: none\r\n',
  ])('passes with %j', async (headers) => {
    await using api = await start();
    const { status } = await knock(api.port, door, headers);
    expect(status).toBe(door === UPGRADE ? 101 : 200);
    expect(api.passed()).toHaveLength(1);
    expect(api.passed()[0]).toMatch(/by token$/);
  });

  it.each([
    ['', 400],
    ['Host:\r\n', 400],
    ['Host: \r\n', 400],
    ['Host: 127.attacker.example\r\n', 421],
    ['Host: 127.0.0.1.evil.com\r\n', 421],
    ['Host: 127.0.0.1.evil.com:3848\r\n', 421],
    ['Host: localhost.evil.com\r\n', 421],
    ['Host: localhost.\r\n', 421],
    ['Host: evil@localhost\r\n', 400],
    ['Host: localhost:80@evil.example\r\n', 400],
    ['Host: localhost:x\r\n', 400],
    ['Host: local\u0000host\r\n', 400],
    ['Host: localhost\r\nHost: localhost\r\n', 400],
    ['Host: localhost\r\nHost: evil.example\r\n', 400],
    ['Host: 0.0.0.0:3848\r\n', 421],
    ['Host: 2130706433\r\n', 421],
    ['Host: xn--lcalhost-54a\r\n', 421],
  ])('is refused with the forged host %j', async (headers, expected) => {
    await using api = await start();
    const { status, code } = await knock(api.port, door, headers);
    expect({ status, code }).toEqual({
      status: expected,
      code: expected === 421 ? 'wrong_host' : 'bad_request',
    });
    expect(api.passed()).toEqual([]);
  });

  it.each([
    'Origin: null\r\n',
    'Origin:\r\n',
    'Origin: http://evil.example\r\n',
    'Origin: http://localhost:3000\r\n',
    'Origin: http://localhost\r\n',
    'Origin: http://localhost:3848.evil.example\r\n',
    'Origin: http://localhost:3848, http://evil.example\r\n',
    'Origin: http://localhost:3848\r\nOrigin: http://evil.example\r\n',
    'Origin: chrome-extension://abcdef\r\n',
    'Sec-Fetch-Site: cross-site\r\n',
    'Sec-Fetch-Site: same-site\r\n',
    'Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n',
    'Origin: http://localhost:3848\r\nSec-Fetch-Site: cross-site\r\n',
  ])('is refused with the foreign origin %j', async (headers) => {
    await using api = await start();
    const answer = await knock(api.port, door, `Host: localhost:3848\r\n${headers}`);
    expect(answer).toMatchObject({ status: 403, code: 'foreign_origin' });
    expect(api.passed()).toEqual([]);
  });

  it.each([
    'Authorization: Bearer wrong\r\n',
    'Authorization: Bearer\r\n',
    `Authorization: Bearer ${TOKEN.slice(1)}\r\n`,
    `Authorization: Bearer ${TOKEN}${TOKEN}\r\n`,
    `Authorization: Bearer ${TOKEN}\r\nAuthorization: Bearer ${TOKEN}\r\n`,
    `Authorization: Basic ${TOKEN}\r\n`,
    `Authorization: ${TOKEN}\r\n`,
  ])('is refused with the wrong credentials %j, whoever sends them', async (credentials) => {
    await using api = await start();
    const answer = await knock(api.port, door, 'Host: localhost\r\n', { credentials });
    expect(answer).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(answer.text).toContain('WWW-Authenticate: Bearer');
    expect(api.passed()).toEqual([]);
  });

  it('is not let in by a token in its path', async () => {
    await using api = await startServer({ readTable: async () => '' });
    const path = `${door.path}?token=${TOKEN}`;
    const { status } = await knock(api.port, door, 'Host: localhost\r\n', {
      path,
      credentials: '',
    });
    expect(status).toBe(401);
    expect(api.monitor.calls).toEqual([]);
  });

  it.each(['http://localhost/api/agents', '*', 'api/agents', '/api/agents/%E0%A4%A', '/%'])(
    'is refused with the target %s',
    async (path) => {
      await using api = await start();
      const answer = await knock(api.port, door, 'Host: localhost\r\n', { path });
      expect(answer).toMatchObject({ status: 400, code: 'bad_request' });
      expect(api.passed()).toEqual([]);
    },
  );
});

describe('a request', () => {
  it('is refused on a connection that is gone by the time its caller is known', async () => {
    const table = Promise.withResolvers<string>();
    await using api = await startServer({ readTable: () => table.promise });
    const { socket } = await openConnection(api.port);
    const { localPort = 0 } = socket;
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.end(`${PLAIN.method} ${PLAIN.path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await gone;
    const client = `0100007F:${hexPort(localPort)} 0100007F:${hexPort(api.port)}`;
    table.resolve(`   7: ${client} 01 0:0 0:0 0 ${process.geteuid?.()} 0 5 1\n`);
    await vi.waitFor(() =>
      expect([...api.log.messages('debug'), ...api.monitor.calls]).toEqual([
        'a request was refused',
      ]),
    );
  });
});

const hexPort = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

describe('an upgrade', () => {
  it('is answered 404 where nothing is served', async () => {
    await using api = await startServer();
    const answer = await knock(api.port, UPGRADE, 'Host: localhost\r\n', { path: '/nothing' });
    expect(answer).toMatchObject({ status: 404, code: 'not_found' });
    expect(answer.text).toContain('X-Content-Type-Options: nosniff');
  });

  it('by a stranger comes through on no path, public or not', async () => {
    await using api = await startServer({
      readTable: async () => '',
      takeUpgrade: () => {
        throw new Error('came through');
      },
    });
    const { status } = await knock(api.port, UPGRADE, 'Host: localhost\r\n', {
      path: '/health',
      credentials: '',
    });
    expect(status).toBe(404);
  });

  it('that fails is answered 500 without the reason, which is logged', async () => {
    await using api = await startServer({
      takeUpgrade: () => {
        throw new Error('the secret reason');
      },
    });
    const answer = await knock(api.port, UPGRADE, 'Host: localhost\r\n');
    expect(answer).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.text).not.toContain('secret');
    expect(api.log.messages('error')).toEqual(['an upgrade failed']);
  });

  it('to another protocol than WebSocket is passed over', async () => {
    await using api = await startServer();
    const answer = await api.call('GET', '/livez', {
      headers: {
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABk',
      },
    });
    expect(answer).toMatchObject({ status: 200, body: { status: 'ok' } });
  });
});

describe('an upgrade to a strange address', () => {
  const knockAt = async (path: string) => {
    await using api = await startServer();
    const { status, code } = await knock(api.port, UPGRADE, 'Host: localhost\r\n', { path });
    return { status, code, errors: api.log.messages('error') };
  };

  it.each(['//', '///', '//host/ws', '/ws/'])(
    'finds nothing at %s, which is no failure',
    async (path) => {
      expect(await knockAt(path)).toEqual({ status: 404, code: 'not_found', errors: [] });
    },
  );

  it.each(['after=1&after=2', 'after=x', 'other=1'])('is refused with ?%s', async (query) => {
    const refused = { status: 400, code: 'invalid_field', errors: [] };
    expect(await knockAt(`/ws?${query}`)).toEqual(refused);
  });
});
