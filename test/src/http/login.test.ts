import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rotateToken } from '../../../src/http/token.ts';
import { openConnection, READ_TOKEN, startServer, TOKEN } from './start.ts';

let at: number;
let api: Awaited<ReturnType<typeof startServer>>;
/** Nobody is known by the connection, as on macOS and on any address but loopback. */
beforeEach(async () => {
  at = 1_760_000_000_000;
  api = await startServer({ readTable: async () => '', now: () => at });
});
afterEach(() => api[Symbol.asyncDispose]());

const KILL = '/api/agents/shop-api/kill';
const JSON_TYPE = { 'content-type': 'application/json' };

const makeCode = async (scope?: 'full' | 'read') => {
  const body = scope === undefined ? {} : { body: JSON.stringify({ scope }) };
  const headers = { authorization: `Bearer ${TOKEN}`, ...JSON_TYPE };
  const { url, expires } = (await api.call('POST', '/api/login/codes', { headers, ...body })).body;
  return { url, expires, code: codeIn(url) };
};

const codeIn = (url: unknown): string => String(url).split('#code=')[1] ?? '';

const enter = (secret: string, headers: Record<string, string> = {}) =>
  api.call('POST', '/api/login', {
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify({ secret }),
  });

/** A browser that was let in: what it sends by itself, and what a page adds to changes. */
const browserOf = async (secret: string) => {
  const { headers, body } = await enter(secret);
  const cookie = headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
  return { cookie, csrf: { cookie, 'x-csrf-token': String(body.csrf) } };
};

describe('a code', () => {
  it('is a link that lets one browser in, once', async () => {
    const { code, url, expires } = await makeCode();
    expect(url).toBe(`http://localhost:${api.port}/login#code=${code}`);
    expect(expires).toBe(at + 120_000);
    const { status, headers, body } = await enter(code);
    expect(status).toBe(200);
    expect(body).toMatchObject({ scope: 'full', expires: at + 7 * 86_400_000 });
    expect(headers['set-cookie']?.[0]).toContain('HttpOnly; SameSite=Strict');
    expect((await enter(code)).status).toBe(401);
  });

  it('is too old after two minutes', async () => {
    const { code } = await makeCode();
    at += 120_000;
    expect((await enter(code)).body).toMatchObject({ code: 'unauthorized' });
  });

  it('ends with the token under which it was made', async () => {
    const { code } = await makeCode('read');
    rotateToken(api.dataDir, 'full');
    await api.call('GET', '/api/stats');
    expect((await enter(code)).status).toBe(401);
  });

  it('is forgotten when a hundred others were made', async () => {
    const { code } = await makeCode();
    const { code: second } = await makeCode();
    for (let more = 0; more < 99; more += 1) await makeCode();
    expect((await enter(code)).status).toBe(401);
    expect((await enter(second)).status).toBe(200);
  });

  it('is made for nobody who may only read, or is unknown', async () => {
    for (const [headers, status] of [
      [{ authorization: `Bearer ${READ_TOKEN}` }, 403],
      [{}, 401],
    ] as const)
      expect((await api.call('POST', '/api/login/codes', { headers })).status).toBe(status);
  });

  it('names the address by which this server is called', async () => {
    await using other = await startServer({
      config: { apiHost: '0.0.0.0', allowedHosts: ['monitor.example'] },
    });
    const { body } = await other.call('POST', '/api/login/codes');
    expect(body.url).toContain(`http://monitor.example:${other.port}/login#code=`);
  });
});

describe('a browser with a cookie', () => {
  it('sees all, and changes what it is asked to by a page of this server', async () => {
    const { cookie, csrf } = await browserOf((await makeCode()).code);
    expect((await api.call('GET', '/api/agents', { headers: { cookie } })).status).toBe(200);
    expect((await api.call('POST', KILL, { headers: csrf })).status).toBe(200);
    expect(api.monitor.calls).toEqual(['kill shop-api by browser']);
  });

  it.each(['', 'wrong', 'A'.repeat(43)])(
    'changes nothing with the CSRF token %j, since other servers of its host have the cookie too',
    async (wrong) => {
      const { cookie } = await browserOf(TOKEN);
      const headers = wrong === '' ? { cookie } : { cookie, 'x-csrf-token': wrong };
      for (const [method, path] of [
        ['POST', KILL],
        ['DELETE', '/api/commands/c1'],
        ['POST', '/api/login/codes'],
      ] as const)
        expect((await api.call(method, path, { headers })).body).toMatchObject({
          code: 'csrf_needed',
        });
      expect(api.monitor.calls).toEqual([]);
    },
  );

  it('changes nothing with the CSRF token of another', async () => {
    const { cookie } = await browserOf(TOKEN);
    const { csrf } = await browserOf(TOKEN);
    const { status } = await api.call('POST', KILL, { headers: { ...csrf, cookie } });
    expect(status).toBe(403);
  });

  it.each([
    ['a code', async () => (await makeCode('read')).code],
    ['the token', async () => READ_TOKEN],
  ])('changes nothing where %s was for reading', async (_what, secret) => {
    const { csrf } = await browserOf(await secret());
    expect((await api.call('GET', '/api/agents', { headers: csrf })).status).toBe(200);
    const { body } = await api.call('POST', KILL, { headers: csrf });
    expect(body).toMatchObject({ code: 'read_only' });
    expect(api.monitor.calls).toEqual([]);
  });

  it('hears by WebSocket', async () => {
    const { cookie } = await browserOf(TOKEN);
    const { socket, until } = await openConnection(api.port);
    socket.write(`${upgrade()}Cookie: ${cookie}\r\n\r\n`);
    expect(await until('"connected"')).toContain('101 Switching Protocols');
    socket.destroy();
  });

  it('keeps its cookie while the other token is changed, and no longer', async () => {
    const { cookie } = await browserOf(TOKEN);
    const status = async () =>
      (await api.call('GET', '/api/agents', { headers: { cookie } })).status;
    rotateToken(api.dataDir, 'read');
    expect(await status()).toBe(200);
    rotateToken(api.dataDir, 'full');
    expect(await status()).toBe(401);
  });

  it('forgets it when asked to', async () => {
    const { headers, status } = await api.call('DELETE', '/api/login', { headers: {} });
    expect(status).toBe(200);
    expect(headers['set-cookie']?.[0]).toBe(
      `agent-monitor-${api.port}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`,
    );
  });

  it.each([
    ['acts', TOKEN],
    ['only looks', READ_TOKEN],
  ])(
    'that %s ends it, and what is open with it, when asked to, and no other',
    async (_can, token) => {
      const { cookie } = await browserOf(token);
      const others = [await browserOf(token), await browserOf(TOKEN)];
      const { socket, until } = await openConnection(api.port);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.write(`${upgrade()}Cookie: ${cookie}\r\n\r\n`);
      await until('"connected"');
      expect((await api.call('DELETE', '/api/login', { headers: { cookie } })).status).toBe(200);
      await closed;
      const status = async (headers: Record<string, string>) =>
        (await api.call('GET', '/api/agents', { headers })).status;
      expect(await status({ cookie })).toBe(401);
      for (const other of others) expect(await status({ cookie: other.cookie })).toBe(200);
    },
  );

  it('hears no more once its cookie is too old', async () => {
    const { cookie } = await browserOf(TOKEN);
    at += 7 * 86_400_000 - 200;
    const { socket, until } = await openConnection(api.port);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(`${upgrade()}Cookie: ${cookie}\r\n\r\n`);
    await until('"connected"');
    await closed;
  });

  it('has a Secure one where it came by https', async () => {
    const here = { host: 'localhost', origin: 'https://localhost' };
    const wrong = await enter(TOKEN, { ...here, host: 'localhost:80' });
    expect(wrong.status).toBe(403);
    const { headers } = await enter(TOKEN, { ...here, host: 'localhost:443' });
    expect(headers['set-cookie']?.[0]).toMatch(/; Secure$/);
  });
});

const upgrade = () =>
  `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${api.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

describe('a token that was changed', () => {
  it.each(['/api/events/stream/', '/API/Events/Stream'])(
    'ends a stream that was asked for as %s, if that is one',
    async (path) => {
      const { socket, until } = await openConnection(api.port);
      const ended = new Promise((resolve) => socket.once('close', resolve));
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${READ_TOKEN}\r\n\r\n`,
      );
      const isOne = !(await until('\r\n\r\n')).includes('404 Not Found');
      if (isOne) rotateToken(api.dataDir, 'read');
      else socket.destroy();
      await ended;
    },
  );

  it('ends an answer that is waited for', async () => {
    const ended = vi.fn(() => new Promise<never>(() => {}));
    Object.assign(api.monitor.commands, { ended });
    const { socket } = await openConnection(api.port);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const id = '6b86b273-ff34-4ce1-8d6b-804eff5a3f57';
    socket.write(
      `GET /api/commands/${id}?wait=60 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${READ_TOKEN}\r\n\r\n`,
    );
    await vi.waitFor(() => expect(ended).toHaveBeenCalled());
    rotateToken(api.dataDir, 'read');
    await closed;
  });

  it('ends what is open with it', async () => {
    const { socket, until } = await openConnection(api.port);
    const { socket: other, until: untilOther } = await openConnection(api.port);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const { socket: plain, until: untilPlain } = await openConnection(api.port);
    const { socket: stream, until: untilStream } = await openConnection(api.port);
    const streamClosed = new Promise((resolve) => stream.once('close', resolve));
    const readAgain = `Host: localhost\r\nAuthorization: Bearer ${READ_TOKEN}\r\n\r\n`;
    plain.write(`GET /api/stats HTTP/1.1\r\n${readAgain}`);
    stream.write(`GET /api/events/stream HTTP/1.1\r\n${readAgain}`);
    socket.write(`${upgrade()}Authorization: Bearer ${READ_TOKEN}\r\n\r\n`);
    other.write(`${upgrade()}Authorization: Bearer ${TOKEN}\r\n\r\n`);
    await until('"connected"');
    await untilOther('"connected"');
    await untilPlain('200 OK');
    await untilStream('retry:');
    rotateToken(api.dataDir, 'read');
    // A request is told why it is refused, also where it comes by the same connection.
    plain.write(`GET /api/stats HTTP/1.1\r\n${readAgain}`);
    await untilPlain('401 Unauthorized');
    await Promise.all([closed, streamClosed]);
    api.monitor.commit({ session: 'still-here' });
    await untilOther('still-here');
    other.destroy();
  });
});

describe('too many wrong secrets', () => {
  const wrong = { authorization: `Bearer ${'x'.repeat(43)}` };
  const fail = async (times: number) => {
    for (let time = 0; time < times; time += 1)
      await (time % 2 === 0 ? enter('wrong') : api.call('GET', '/api/stats', { headers: wrong }));
  };

  it('make an address wait with further wrong ones', async () => {
    await fail(20);
    at += 10_000;
    const again = async () => [
      await api.call('GET', '/api/stats', { headers: wrong }),
      await api.call('POST', KILL, { headers: wrong }),
      await enter('wrong'),
    ];
    for (const answer of await again()) {
      expect(answer).toMatchObject({ status: 429, body: { code: 'too_many_failures' } });
      expect(answer.headers['retry-after']).toBe('50');
    }
    expect(api.monitor.calls).toEqual([]);
    at += 50_000;
    expect((await again()).map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it('keep no right one out that comes from the same address', async () => {
    await fail(30);
    expect((await api.call('GET', '/api/stats')).status).toBe(200);
    expect((await enter(TOKEN)).status).toBe(200);
    expect((await enter(await codeBySocket())).status).toBe(200);
  });

  /** By the unix socket, which is never locked. */
  const codeBySocket = async () => {
    const options = { headers: {}, socketPath: api.socketPath };
    return codeIn((await api.call('POST', '/api/login/codes', options)).body.url);
  };

  it('keep out neither who is known by the connection nor who has a cookie, nor hide the health', async () => {
    const { cookie } = await browserOf(TOKEN);
    await fail(30);
    const socketPath = api.socketPath;
    for (const sent of [
      { headers: { cookie } },
      { headers: {}, socketPath },
      { headers: { authorization: `Bearer ${TOKEN}` }, socketPath },
    ])
      expect((await api.call('GET', '/api/stats', sent)).status).toBe(200);
    expect((await api.call('GET', '/health')).status).toBe(200);
  });

  it('are not counted where it is known who makes the mistake', async () => {
    for (let time = 0; time < 30; time += 1) {
      const sent = { headers: wrong, socketPath: api.socketPath };
      expect((await api.call('GET', '/api/stats', sent)).status).toBe(401);
    }
    expect((await api.call('GET', '/api/stats')).status).toBe(200);
  });
});

describe('the login page', () => {
  const NAVIGATION = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it.each(['/docs', '/inspect', '/api/agents', '/'])(
    'is what a browser sees at %s that is not known',
    async (path) => {
      const { status, headers, text } = await api.call('GET', path, { headers: NAVIGATION });
      expect(status).toBe(401);
      expect(headers['content-type']).toContain('text/html');
      expect(headers['content-security-policy']).toContain("script-src 'self'");
      expect(text).toContain('agent-monitor open');
      expect(text).not.toContain('shop-api');
    },
  );

  it.each(['/login', '/login.css', '/login.js'])('comes whole to a stranger: %s', async (path) => {
    expect((await api.call('GET', path, { headers: {} })).status).toBe(200);
  });

  it('is shown to no program', async () => {
    for (const [method, headers] of [
      ['GET', {}],
      ['GET', { accept: '*/*' }],
      ['GET', { accept: 'application/json' }],
      ['POST', NAVIGATION],
    ] as const) {
      const { body } = await api.call(method, KILL, { headers });
      expect(body).toMatchObject({ code: 'unauthorized' });
    }
  });

  it('loads nothing from elsewhere', async () => {
    const { text } = await api.call('GET', '/login', { headers: {} });
    const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to]) => to);
    expect(loaded).toEqual(['/login.css', '/login.js']);
    expect(text).not.toMatch(/<script>|style=| on\w+=/);
  });
});

describe('what is secret', () => {
  it('stands in no line of the log', async () => {
    const { code } = await makeCode();
    const { cookie, csrf } = await browserOf(code);
    await api.call('POST', KILL, { headers: csrf });
    await api.call('GET', `/api/agents?token=${TOKEN}`, { headers: { cookie } });
    await api.call('GET', `/api/agents?code=${code}`, { headers: {} });
    await enter(`${TOKEN}x`);
    const logged = JSON.stringify(api.log.lines);
    expect(api.log.lines.length).toBeGreaterThan(3);
    for (const secret of [TOKEN, code, cookie.split('=')[1] ?? '', csrf['x-csrf-token']])
      expect(logged).not.toContain(secret);
  });
});
