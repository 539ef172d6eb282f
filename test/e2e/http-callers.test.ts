import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { AGENT_KINDS } from '../../machines/vocabulary.ts';
import { operations } from '../../src/http/operations.ts';
import { startServer, TOKEN } from '../src/http/start.ts';

const run = promisify(execFile);

const isLinux = process.platform === 'linux';
/** Only root can call as somebody else; without it, a stranger is one whose uid cannot be told. */
const canChangeUser = isLinux && process.getuid?.() === 0;
const OWN_UID = `uid:${process.geteuid?.()}`;

const startForStrangers = () =>
  startServer(canChangeUser ? {} : { readTable: () => Promise.resolve('') });

/** Runs a program as this user or as another one; answers what it printed. */
const asOwner = async (command: string, ...args: string[]) => (await run(command, args)).stdout;
const asStranger = async (command: string, ...args: string[]) =>
  canChangeUser
    ? asOwner('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', command, ...args)
    : asOwner(command, ...args);

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
