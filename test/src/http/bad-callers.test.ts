import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Monitor } from '../../../actors/ports.ts';
import { AGENT_KINDS } from '../../../machines/vocabulary.ts';
import { createCookies } from '../../../src/http/cookies.ts';
import { type Operation, operations, UPGRADES } from '../../../src/http/operations.ts';
import { openTokens } from '../../../src/http/tokens.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { READ_TOKEN, raw, startServer, TOKEN } from './start.ts';

/** Every way in that is not open to all, with the header lines that a right caller adds. */
interface Door {
  name: string;
  method: string;
  path: string;
  headers: string;
  isChange: boolean;
}

const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
const CLOSE = 'Connection: close\r\n';

const doorOf = ({ method, path }: Pick<Operation, 'method' | 'path'>): Door => ({
  name: `${method.toUpperCase()} ${path}`,
  method: method.toUpperCase(),
  path: path.replace(':session', 'shop-api').replace(':id', 'session'),
  headers: CLOSE,
  isChange: method !== 'get',
});
const PAGES = [
  '/',
  '/openapi.json',
  '/docs',
  '/docs.css',
  '/inspect',
  '/inspect.css',
  '/inspect.js',
];
const SOCKETS = ['/ws', '/', '/api/inspect'];
const DOORS: Door[] = [
  ...operations(AGENT_KINDS)
    .filter(({ isPublic }) => !isPublic)
    .map(doorOf),
  ...[...PAGES, ...UPGRADES.map(({ path }) => path)].map((path) => doorOf({ method: 'get', path })),
  ...SOCKETS.map((path) => ({
    ...doorOf({ method: 'get', path }),
    name: `a WebSocket at ${path}`,
    headers: UPGRADE,
  })),
];

/** What of the monitor was asked, once the server is up. */
let touched: PropertyKey[] = [];
const watched = (): ReturnType<typeof createFakeMonitor> => {
  const spied = <Target extends object>(target: Target, of = ''): Target =>
    new Proxy(target, {
      get: (from, key: string) => {
        touched.push(`${of}${key}`);
        return from[key as keyof Target];
      },
    });
  const monitor = createFakeMonitor();
  const parts: (keyof Monitor)[] = ['commands', 'hooks', 'machines', 'inspector'];
  for (const part of parts) {
    Object.assign(monitor, { [part]: spied(monitor[part] as object, `${part}.`) });
  }
  return spied(monitor);
};

let at = 0;
let api: Awaited<ReturnType<typeof startServer>>;
/** Signed with the tokens of the server, and with others. */
const cookies = { full: '', read: '', forged: '' };
beforeAll(async () => {
  // Nobody is known by the connection.
  api = await startServer({ monitor: watched(), readTable: async () => '', now: () => at });
  const host = { name: 'localhost', port: null };
  const pairOf = (dataDir: string, scope: 'full' | 'read') => {
    const tokens = openTokens({ dataDir, log: createRecordedLog() });
    tokens.stop();
    const { header } = createCookies({ tokens, now: () => at }).issue(scope, host, false) ?? {};
    return header?.split(';', 1)[0] ?? '';
  };
  cookies.full = pairOf(api.dataDir, 'full');
  cookies.read = pairOf(api.dataDir, 'read');
  cookies.forged = cookies.read.replace('read', 'full');
});
afterAll(() => api[Symbol.asyncDispose]());

const HOST = 'Host: localhost\r\n';
const BEARER = `Authorization: Bearer ${TOKEN}\r\n`;
const JSON_BODY = '{"command":"rm","dialog":"d1","choice":"1","hook_event_name":"Stop"}';
const bodied = (type: string) =>
  `Content-Type: ${type}\r\nContent-Length: ${JSON_BODY.length}\r\n\r\n${JSON_BODY}`;
const ALL = () => true;
const CHANGES = ({ isChange }: Door) => isChange;

interface BadCaller {
  who: string;
  /** The lines after the request line. */
  says(): string;
  at?: (door: Door) => boolean;
  query?: string;
  /** The rest of the headers and the body. */
  end?: string;
  status: number;
}

const BAD_CALLERS: BadCaller[] = [
  { who: 'without a token', says: () => HOST, status: 401 },
  {
    who: 'without a token, with a body',
    says: () => HOST,
    at: CHANGES,
    end: bodied('application/json'),
    status: 401,
  },
  ...[
    'Bearer wrong',
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN}A`,
    `Bearer ${'A'.repeat(8000)}`,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}\r\nAuthorization: Bearer ${TOKEN}`,
  ].map((value) => ({
    who: `with ${value.slice(0, 20)}… (${value.length})`,
    says: () => `${HOST}Authorization: ${value}\r\n`,
    status: 401,
  })),
  { who: 'with the token in the path', says: () => HOST, query: `?token=${TOKEN}`, status: 401 },
  { who: 'with a forged cookie', says: () => `${HOST}Cookie: ${cookies.forged}\r\n`, status: 401 },
  {
    who: 'with the cookie of another port',
    says: () => `Host: localhost:1\r\nCookie: ${cookies.full}\r\n`,
    status: 401,
  },
  {
    who: 'who may only read',
    says: () => `${HOST}Authorization: Bearer ${READ_TOKEN}\r\n`,
    at: CHANGES,
    status: 403,
  },
  {
    who: 'with a cookie to read by',
    says: () => `${HOST}Cookie: ${cookies.read}\r\n`,
    at: CHANGES,
    status: 403,
  },
  {
    who: 'with a cookie alone',
    says: () => `${HOST}Cookie: ${cookies.full}\r\n`,
    at: CHANGES,
    status: 403,
  },
  ...['https://evil.example', 'null', 'http://localhost:3000', 'http://127.0.0.1'].map(
    (origin) => ({
      who: `from ${origin}`,
      says: () => `${HOST}${BEARER}Origin: ${origin}\r\n`,
      status: 403,
    }),
  ),
  ...['cross-site', 'same-site'].map((site) => ({
    who: `from a page that is ${site}`,
    says: () => `${HOST}${BEARER}Sec-Fetch-Site: ${site}\r\n`,
    status: 403,
  })),
  ...['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x'].map(
    (type) => ({
      ...{ who: `that sends ${type}`, says: () => `${HOST}${BEARER}`, at: CHANGES },
      ...{ end: bodied(type), status: 415 },
    }),
  ),
  ...[
    ['127.attacker.example', 421],
    ['127.0.0.1.evil.com', 421],
    ['localhost.evil.com:3848', 421],
    ['7f000001.rbndr.example', 421],
    ['localhost:80@evil.example', 400],
    ['evil@localhost', 400],
    ['local\u0000host', 400],
    ['', 400],
    ['localhost\r\nHost: localhost', 400],
  ].map(([host, status]) => ({
    who: `for the host ${JSON.stringify(host)}`,
    says: () => `Host: ${host}\r\n${BEARER}`,
    status: Number(status),
  })),
];

/** The status lines of all that was answered. */
const knock = async (
  { method, path, headers }: Door,
  { says, query = '', end = '\r\n' }: Pick<BadCaller, 'says' | 'query' | 'end'>,
): Promise<string[]> => {
  // Whoever fails too often within a minute is sent away for that, which is not what is tried here.
  at += 60_000;
  const answer = await raw(
    api.port,
    `${method} ${path}${query} HTTP/1.1\r\n${says()}${headers}${end}`,
  );
  expect(answer).not.toContain('shop-api');
  return [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status ?? '');
};

describe('a caller', () => {
  it.each(BAD_CALLERS)('$who reaches nothing by any door', async (caller) => {
    const doors = DOORS.filter(caller.at ?? ALL);
    expect(doors.length).toBeGreaterThan(8);
    touched = [];
    for (const door of doors) {
      expect([door.name, ...(await knock(door, caller))]).toEqual([
        door.name,
        String(caller.status),
      ]);
    }
    expect(touched).toEqual([]);
  });

  it('who is right gets through every door', async () => {
    const ends = ({ path, headers }: Door) => headers === CLOSE && !path.endsWith('/stream');
    const right = `${HOST}${BEARER}`;
    touched = [];
    for (const { method, path, name } of DOORS.filter(ends)) {
      const answer = await raw(api.port, `${method} ${path} HTTP/1.1\r\n${right}${CLOSE}\r\n`);
      expect(`${name}: ${answer.slice(0, 20)}`).toMatch(/ (?:200|202|400|404|426) /);
    }
    expect(new Set(touched).size).toBeGreaterThan(10);
  });
});
