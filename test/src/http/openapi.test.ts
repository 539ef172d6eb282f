import { describe, expect, it } from 'vitest';
import { EVENT_NAMES } from '../../../machines/vocabulary.ts';
import { createRouter } from '../../../src/http/app.ts';
import { commandsBody } from '../../../src/http/command-schemas.ts';
import type { ApiDocument } from '../../../src/http/docs-page.ts';
import { PROBLEMS } from '../../../src/http/errors.ts';
import { createFeed } from '../../../src/http/feed.ts';
import { type Operation, operations, UPGRADES } from '../../../src/http/operations.ts';
import { problemBody } from '../../../src/http/schemas.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { startServer, TOKEN } from './start.ts';

const KINDS = ['claude-code', 'generic'];
/** For people, not for programs. */
const PAGES = [
  ...['/', '/openapi.json'],
  ...['/docs', '/docs.css'],
  ...['/login', '/login.css', '/login.js'],
  ...['/inspect', '/inspect.css', '/inspect.js'],
];

const described = operations(KINDS);
const nameOf = ({ method, path }: Pick<Operation, 'method' | 'path'>) =>
  `${method.toUpperCase()} ${path}`;

const unused = (): never => {
  throw new Error('no route is called');
};

const routed = (): string[] => {
  const monitor = createFakeMonitor();
  const feed = createFeed({ monitor, log: createRecordedLog(), heartbeatMs: 1e9, stallMs: 1e9 });
  feed.close();
  const { signal } = new AbortController();
  const router = createRouter({
    ...{ monitor, kinds: KINDS, feed, maxBodyBytes: 1, stopping: signal },
    ...{ logins: { invite: unused, enter: unused, leave: unused }, address: unused },
    ...{ notes: { did: unused, counted: unused }, connections: unused },
  });
  return router.stack.flatMap(({ methods, path }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${String(path)}`),
  );
};

/** Files of the dashboard, whose names change with their content. */
const isAsset = (call: string): boolean => call.startsWith('GET /assets/');

/** What each call is tried with. */
const PARAMS: Record<string, string> = { '/api/machines': 'session', '/api/agents': 'shop-api' };
const BODIES: Record<string, unknown> = {
  sendCommand: { command: 'Continue' },
  answerDialog: { dialog: 'd1', choice: '1' },
  resolveCommand: { resolution: 'it was typed' },
  takeHook: { hook_event_name: 'Stop' },
  logIn: { secret: TOKEN },
};

const filled = (path: string, command = 'c1'): string => {
  const [, prefix = ''] = /^(\/api\/\w+)\/:/.exec(path) ?? [];
  return path.replace(/:(session|id)/, PARAMS[prefix] ?? command);
};

/** A command that the call can be made with. */
const commandFor = async (api: Awaited<ReturnType<typeof startServer>>, id: string) => {
  const { body } = await api.call('GET', '/api/agents/shop-api/commands');
  const status = id === 'cancelCommand' ? 'queued' : 'unknown';
  return commandsBody.parse(body).commands.find((command) => command.status === status)?.id;
};

describe('the OpenAPI document', () => {
  it('describes every call that there is, and no other', () => {
    const upgrades = UPGRADES.map(({ path }) => `GET ${path}`);
    const pages = PAGES.map((path) => `GET ${path}`);
    expect(
      routed()
        .filter((call) => !isAsset(call))
        .toSorted(),
    ).toEqual([...described.map(nameOf), ...upgrades, ...pages].toSorted());
  });

  it('names every call once', () => {
    const ids = [...described, ...UPGRADES].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is served, whole and without references that lead nowhere', async () => {
    await using api = await startServer();
    const { body, text } = await api.call('GET', '/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.1', info: { version: '0.1.0' } });
    expect(Object.keys(body.paths as object)).toHaveLength(
      new Set([...described, ...UPGRADES].map(({ path }) => path)).size,
    );
    for (const name of ['ServerMessage', 'ClientMessage'])
      expect(body).toHaveProperty(['components', 'schemas', name]);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g))
      expect(body).toHaveProperty(['components', 'schemas', name ?? '']);
  });

  it('names the headers that a client sends and reads', async () => {
    await using api = await startServer();
    const { text } = await api.call('GET', '/openapi.json');
    const { paths } = JSON.parse(text);
    const sent = (operation: { parameters: { in: string; name: string }[] }) =>
      operation.parameters.filter((one) => one.in === 'header').map(({ name }) => name);
    const command = paths['/api/agents/{session}/command'].post;
    expect(sent(command)).toEqual(['Idempotency-Key']);
    expect(Object.keys(command.responses[202].headers)).toEqual([
      'Location',
      'Idempotent-Replayed',
    ]);
    expect(command.responses.default.headers).toHaveProperty('Retry-After');
    expect(sent(paths['/api/events/stream'].get)).toEqual(['Last-Event-ID']);
    expect(sent(paths['/api/hooks/claude-code'].post)).toHaveLength(3);
  });

  it('names the cookie of the port at which it is asked for, and what goes with it', async () => {
    await using api = await startServer();
    const schemesAt = async (host: string) => {
      const headers = { host, authorization: `Bearer ${TOKEN}` };
      const { body } = await api.call('GET', '/openapi.json', { headers });
      const { components, paths } = body as unknown as ApiDocument;
      return { schemes: components?.securitySchemes, paths };
    };
    const headers = { 'content-type': 'application/json' };
    const secret = JSON.stringify({ secret: TOKEN });
    for (const host of [`localhost:${api.port}`, 'localhost:9999', 'localhost']) {
      const given = { headers: { ...headers, host }, body: secret };
      const entered = await api.call('POST', '/api/login', given);
      const [name] = String(entered.headers['set-cookie']).split('=', 1);
      expect((await schemesAt(host)).schemes).toMatchObject({
        cookie: { in: 'cookie', name },
        csrf: { in: 'header', name: 'X-CSRF-Token' },
      });
    }
    const { paths = {} } = await schemesAt('localhost');
    const security = (item: unknown, method: string) =>
      (item as Record<string, { security: object[] }>)[method]?.security;
    expect(security(paths['/api/agents'], 'get')).toContainEqual({ cookie: [] });
    const kill = security(paths['/api/agents/{session}/kill'], 'post');
    expect(kill).toContainEqual({ cookie: [], csrf: [] });
    expect(kill).not.toContainEqual({ cookie: [] });
    expect(security(paths['/health'], 'get')).toEqual([]);
  });

  it('says with which codes each call is refused, by their status', async () => {
    await using api = await startServer();
    const { paths = {} } = (await api.call('GET', '/openapi.json')).body as unknown as ApiDocument;
    const codesOf = (path: string, method: 'get' | 'post') => {
      const { responses = {} } = paths[path]?.[method] ?? {};
      return Object.entries(responses).flatMap(([status, { description }]) =>
        [...String(description).matchAll(/`(\w+)`: /g)].map(([, code]) => `${status} ${code}`),
      );
    };
    expect(codesOf('/api/agents/{session}/interrupt', 'post')).toEqual(
      [
        ...['bad_request', 'invalid_field', 'unauthorized', 'foreign_origin', 'read_only'],
        ...['csrf_needed', 'session_not_found', 'request_timeout', 'pane_gone', 'too_large'],
        ...['unsupported_media_type', 'wrong_host', 'idempotency_mismatch', 'too_many_failures'],
        ...['queue_full', 'headers_too_large'],
      ].map((code) => `${PROBLEMS[code as keyof typeof PROBLEMS][0]} ${code}`),
    );
    expect(codesOf('/livez', 'get')).not.toContain('401 unauthorized');
    expect(codesOf('/ws', 'get')).toContain('426 upgrade_required');
    const all = Object.values(paths).flatMap((item) =>
      (['get', 'post', 'delete'] as const).flatMap((method) => item?.[method] ?? []),
    );
    for (const { responses } of all) expect(responses).toHaveProperty('default');
  });

  it('says what is answered where only a WebSocket is served', async () => {
    await using api = await startServer();
    for (const { path } of UPGRADES) {
      for (const method of ['GET', 'HEAD']) {
        const { status, headers, body } = await api.call(method, path);
        expect(status).toBe(426);
        expect(headers).toMatchObject({ upgrade: 'websocket', connection: 'Upgrade, close' });
        if (method === 'GET') expect(problemBody.parse(body).code).toBe('upgrade_required');
      }
      expect((await api.call('POST', path)).headers.allow).toBe('HEAD, GET');
      const { status } = await api.call('GET', path, { headers: { host: 'localhost' } });
      expect([401, 426]).toContain(status);
    }
  });

  it.each(described.map((operation) => [nameOf(operation), operation] as const))(
    'says what %s answers',
    async (_name, { method, path, id, answer, status = 200 }) => {
      await using api = await startServer({ limits: { heartbeatMs: 10 } });
      const body = BODIES[id];
      const answered = await api.call(
        path.endsWith('/stream') ? 'HEAD' : method.toUpperCase(),
        filled(path, await commandFor(api, id)),
        body === undefined
          ? {}
          : {
              headers: {
                authorization: `Bearer ${TOKEN}`,
                'content-type': 'application/json',
              },
              body: JSON.stringify(body),
            },
      );
      expect(answered.status).toBe(status);
      if (typeof answer === 'string') {
        expect(answered.headers['content-type']).toContain(answer);
      } else {
        expect(answer.safeParse(answered.body).error).toBeUndefined();
      }
    },
  );

  it.each(described.filter(({ query, method }) => query && method === 'get').map(nameOf))(
    'says how %s refuses what it does not know',
    async (name) => {
      await using api = await startServer();
      const path = filled(name.replace(/^GET /, ''));
      const answered = await api.call('GET', `${path}?nonsense=1`);
      expect(answered.status).toBe(400);
      expect(problemBody.parse(answered.body).code).toBe('invalid_field');
    },
  );

  it('is a page for people that loads nothing from elsewhere', async () => {
    await using api = await startServer();
    const { text, headers } = await api.call('GET', '/docs');
    expect(headers['content-type']).toContain('text/html');
    for (const { id } of described) expect(text).toContain(`<details id="${id}">`);
    for (const name of EVENT_NAMES) expect(text).toContain(`<details id="schema-${name}">`);
    expect([...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to]) => to)).toEqual([
      '/docs.css',
      '/openapi.json',
    ]);
  });
});
