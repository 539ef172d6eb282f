import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { AGENT_KINDS } from '../../machines/vocabulary.ts';
import { operations } from '../../src/http/operations.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { startServer, TOKEN } from '../src/http/start.ts';
import { readExposition } from '../support/exposition.ts';

const run = promisify(execFile);

const isLinux = process.platform === 'linux';
/** Only root can call as somebody else; without it, a stranger is one whose uid cannot be told. */
const canChangeUser = isLinux && process.getuid?.() === 0;
const OWN_UID = `uid:${process.geteuid?.()}`;

const startForStrangers = (options: Parameters<typeof startServer>[0] = {}) =>
  startServer({ ...(canChangeUser ? {} : { readTable: () => Promise.resolve('') }), ...options });

/** The command that runs one as another user. */
const strangely = (command: string, ...args: string[]): [string, string[]] =>
  canChangeUser
    ? ['setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', command, ...args]]
    : [command, args];

/** Runs a program as this user or as another one; answers what it printed. */
const asOwner = async (command: string, ...args: string[]) => (await run(command, args)).stdout;
const asStranger = async (command: string, ...args: string[]) =>
  (await run(...strangely(command, ...args))).stdout;

const curl = async (as: typeof asOwner, ...args: string[]) => {
  const printed = await as('curl', '-s', '--max-time', '20', '-w', '\n%{http_code}', ...args);
  const end = printed.lastIndexOf('\n');
  return { status: Number(printed.slice(end + 1)), body: JSON.parse(printed.slice(0, end)) };
};

describe('the user of the monitor', () => {
  it('needs no token on Linux, and does elsewhere', async () => {
    await using api = await startServer();
    const kill = `http://localhost:${api.port}/api/agents/shop-api/kill`;
    expect((await curl(asOwner, '-X', 'POST', kill)).status).toBe(isLinux ? 200 : 401);
    expect(api.monitor.calls).toEqual(isLinux ? [`kill shop-api by ${OWN_UID}`] : []);
  });

  it('is known on IPv6 loopback too', async () => {
    await using api = await startServer({ config: { apiHost: '::1' } });
    const { status } = await curl(asOwner, `http://[::1]:${api.port}/api/stats`);
    expect(status).toBe(isLinux ? 200 : 401);
  });

  it('is known among a crowd that connects at once', async () => {
    await using api = await startServer();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => api.call('GET', '/api/stats', { headers: {} })),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses).toEqual(new Set([isLinux ? 200 : 401]));
  });

  it('reaches the unix socket without any of this', async () => {
    await using api = await startServer({ readTable: () => Promise.resolve('') });
    const kill = ['-X', 'POST', 'http://localhost/api/agents/shop-api/kill'];
    const { status } = await curl(asOwner, '--unix-socket', api.socketPath, ...kill);
    expect(status).toBe(200);
    expect(api.monitor.calls).toEqual(['kill shop-api by socket']);
  });
});

describe('another user of the machine', () => {
  it('is refused without the token and accepted with it', async () => {
    await using api = await startForStrangers();
    const kill = ['-X', 'POST', `http://localhost:${api.port}/api/agents/shop-api/kill`];
    expect(await curl(asStranger, ...kill)).toMatchObject({
      status: 401,
      body: { code: 'unauthorized' },
    });
    expect(api.monitor.calls).toEqual([]);
    expect(await curl(asStranger, '-H', `Authorization: Bearer ${TOKEN}`, ...kill)).toEqual({
      status: 200,
      body: { success: true, session: 'shop-api' },
    });
    expect(api.monitor.calls).toEqual(['kill shop-api by token']);
  });

  it('is refused by every call that is not open to all', async () => {
    await using api = await startForStrangers();
    const closed = operations(AGENT_KINDS).filter(({ isPublic }) => !isPublic);
    const calls = closed.map(({ method, path }) => {
      const place = path.replace(':session', 'shop-api').replace(':id', 'session');
      return ['-X', method.toUpperCase(), `http://localhost:${api.port}${place}`];
    });
    const each = ['-s', '-o', '/dev/null', '-w', '%{http_code}\n', '--max-time', '20'];
    const sent = calls.flatMap((call, at) => [...(at > 0 ? ['--next'] : []), ...each, ...call]);
    const printed = await asStranger('curl', ...sent);
    expect(printed.trim().split('\n')).toEqual(closed.map(() => '401'));
    expect(api.monitor.calls).toEqual([]);
  });

  it('may ask how the monitor is, but learns no names', async () => {
    await using api = await startForStrangers();
    const { status, body } = await curl(asStranger, `http://localhost:${api.port}/health`);
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain('shop-api');
  });

  it('cannot reach the unix socket', async () => {
    await using api = await startForStrangers();
    const status = asStranger(
      'curl',
      '-s',
      '--unix-socket',
      api.socketPath,
      'http://localhost/livez',
    );
    if (canChangeUser) await expect(status).rejects.toMatchObject({ code: 7 });
    else expect(await status).toContain('ok');
  });
});

describe('another user who opens 1,000 connections and says nothing', () => {
  it('keeps nobody out who may call', async () => {
    const metrics = createMetrics('1.2.3');
    await using api = await startForStrangers({ meter: metrics.meters.http });
    const headers = canChangeUser ? {} : { authorization: `Bearer ${TOKEN}` };
    const openFeed = async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${api.port}/ws`, { headers });
      await once(socket, 'open');
      return socket;
    };
    const callsAreAnswered = async () => {
      for (const path of ['/', '/api/agents', '/api/stats'])
        expect((await api.call('GET', path, { headers })).status).toBe(200);
      for (const feed of [first, await openFeed()]) {
        const heard = once(feed, 'pong');
        feed.ping();
        await heard;
      }
    };
    const first = await openFeed();
    const crowd = openConnections(1_000, api.port);
    try {
      let isThere = false;
      void once(crowd.stdout, 'data').then(() => (isThere = true));
      while (!isThere) await callsAreAnswered();
      await callsAreAnswered();
      const withToken = { authorization: `Bearer ${TOKEN}` };
      expect((await api.call('GET', '/api/stats', { headers: withToken })).status).toBe(200);
      const { value } = readExposition(await metrics.text());
      const dropped = { reason: 'pushed_out' };
      expect(value('agent_monitor_http_connections_dropped_total', dropped)).toBeGreaterThan(500);
      expect(api.log.messages('warn')).toEqual([
        expect.stringMatching(/^connections to the API were dropped/),
      ]);
    } finally {
      const ended = once(crowd, 'close');
      crowd.kill('SIGKILL');
      await ended;
    }
  }, 60_000);

  /** It says when all are opened, and keeps what is left of them. */
  const openConnections = (count: number, port: number) => {
    const open = `for ((n = 10; n < ${count + 10}; n++)); do eval "exec $n<>/dev/tcp/127.0.0.1/${port}"; done`;
    const script = `ulimit -n ${count + 20}; ${open}; echo there; read -r`;
    return spawn(...strangely('bash', '-c', script), { stdio: ['pipe', 'pipe', 'inherit'] });
  };
});

describe('a request whose connection is closed at once', () => {
  /** bash opens the connection, writes the whole request and ends, which closes it. */
  const callAndClose = (port: number) => {
    const request = `POST /api/agents/shop-api/kill HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n`;
    return asStranger('bash', '-c', `printf '${request}' > /dev/tcp/127.0.0.1/${port}`);
  };

  it('is refused to a stranger whenever the look-up comes', async () => {
    await using api = await startForStrangers();
    for (let times = 0; times < 20; times += 1) await callAndClose(api.port);
    await vi.waitFor(() => expect(outcomes(api)).toHaveLength(20), 10_000);
    expect(new Set(outcomes(api))).toEqual(new Set(['a request was refused']));
  });

  it('is refused once the kernel shows uid 0 for it, also to root', async () => {
    let port = 0;
    const seen: string[] = [];
    /** Answers only when the client's end has lost its owner. */
    const readTable = async (path: string) => {
      if (!isLinux || path !== '/proc/net/tcp') return '';
      const { table, row } = await vi.waitFor(() => findOrphan(path, port), 20_000);
      seen.push(row);
      return table;
    };
    await using api = await startServer({ readTable });
    port = api.port;
    await callAndClose(port);
    await vi.waitFor(() => expect(outcomes(api)).toHaveLength(1), 30_000);
    expect(outcomes(api)).toEqual(['a request was refused']);
    expect(seen).toHaveLength(isLinux ? 1 : 0);
  });
});

/** What became of the requests, whether or not it should have. */
const outcomes = ({ log, monitor }: Awaited<ReturnType<typeof startServer>>): string[] => [
  ...log.messages('debug').filter((message) => message === 'a request was refused'),
  ...monitor.calls,
];

/** The table with the row of a closed client of this port, which says uid 0 and inode 0. */
const findOrphan = async (path: string, port: number): Promise<{ table: string; row: string }> => {
  const table = await readFile(path, 'latin1');
  const server = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const orphan = new RegExp(`^.*: 0100007F:\\w{4} ${server} 0[56] \\S+ \\S+ \\S+ +0 +0 0 .*$`, 'm');
  const row = orphan.exec(table)?.[0];
  if (row === undefined) throw new Error('the row still names its owner');
  return { table, row };
};
