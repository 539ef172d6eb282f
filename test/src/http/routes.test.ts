import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { BadSettings, PaneGone, StoreFailed, TmuxFailed } from '../../../actors/errors.ts';
import * as schemas from '../../../src/http/schemas.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { startServer } from './start.ts';

const CAFE = encodeURIComponent('café ☕ /1');

const ROUTES: [string, string, z.ZodType][] = [
  ['GET', '/health', schemas.healthBody],
  ['GET', '/livez', schemas.aliveBody],
  ['GET', '/readyz', schemas.aliveBody],
  ['GET', '/api/agents', schemas.agentsBody],
  ['GET', '/api/agents?state=stuck&kind=codex&attention=none', schemas.agentsBody],
  ['GET', '/api/agents/shop-api', schemas.agentDetailBody],
  ['GET', `/api/agents/${CAFE}`, schemas.agentDetailBody],
  ['GET', '/api/agents/shop-api/look', schemas.lookBody],
  ['GET', '/api/agents/shop-api/output?lines=5&ansi=1', schemas.outputBody],
  ['GET', '/api/agents/shop-api/log?limit=3', schemas.logBody],
  ['POST', '/api/agents/shop-api/kill', schemas.doneBody],
  ['POST', `/api/agents/${CAFE}/restart`, schemas.doneBody],
  ['GET', '/api/events?after=0&limit=10&session=shop-api&event=progress', schemas.eventsBody],
  ['GET', '/api/stats', schemas.statsBody],
];

const PROBLEM = 'application/problem+json';

describe('every route', () => {
  it.each(ROUTES)('%s %s answers what its schema says', async (method, path, schema) => {
    await using api = await startServer();
    api.monitor.commit({ event: 'progress' });
    const answer = await api.call(method, path);
    expect(answer.status).toBe(200);
    expect(schema.safeParse(answer.body).error).toBeUndefined();
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each(ROUTES)('%s %s refuses another method with the allowed ones', async (method, path) => {
    await using api = await startServer();
    const answer = await api.call(method === 'GET' ? 'PUT' : 'GET', path);
    expect(answer).toMatchObject({ status: 405, body: { code: 'method_not_allowed' } });
    expect(answer.headers.allow).toContain(method);
  });

  it.each(ROUTES.filter(([method]) => method === 'GET'))(
    '%s %s answers HEAD without a body',
    async (_method, path) => {
      await using api = await startServer();
      const answer = await api.call('HEAD', path);
      expect(answer).toMatchObject({ status: 200, text: '' });
    },
  );

  it.each(ROUTES.filter(([, path]) => path.includes('shop-api/') || path.endsWith('shop-api')))(
    '%s %s is 404 for a session that is not there',
    async (method, path) => {
      await using api = await startServer();
      const answer = await api.call(method, path.replace('shop-api', 'no-such'));
      expect(answer).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
      expect(schemas.problemBody.safeParse(answer.body).error).toBeUndefined();
      expect(answer.body.detail).toContain('"no-such"');
    },
  );
});

describe('agents', () => {
  it('are listed with their count, by the filters given', async () => {
    await using api = await startServer();
    const names = async (query: string) => {
      const { body } = await api.call('GET', `/api/agents${query}`);
      const { agents, count } = schemas.agentsBody.parse(body);
      expect(count).toBe(agents.length);
      return agents.map(({ session }) => session);
    };
    expect(await names('')).toEqual(['shop-api', 'café ☕ /1']);
    expect(await names('?state=working')).toEqual(['shop-api']);
    expect(await names('?kind=codex')).toEqual(['café ☕ /1']);
    expect(await names('?attention=approval')).toEqual([]);
    expect(await names('?state=&kind=&attention=')).toHaveLength(2);
  });

  it('are found by names with spaces, slashes and any letters', async () => {
    await using api = await startServer();
    const { body } = await api.call('POST', `/api/agents/${CAFE}/kill`);
    expect(body).toEqual({ success: true, session: 'café ☕ /1' });
    expect(api.monitor.calls).toEqual(['kill café ☕ /1 by token']);
  });

  it('show as many lines of output as asked for, with colours on request', async () => {
    await using api = await startServer();
    const output = async (query: string) =>
      schemas.outputBody.parse((await api.call('GET', `/api/agents/shop-api/output${query}`)).body);
    expect(await output('')).toMatchObject({ session: 'shop-api', lines: 100 });
    expect(await output('?lines=2')).toMatchObject({ output: 'line 199\nline 200', lines: 2 });
    expect((await output('?lines=1&ansi=1')).output).toBe('\u001b[32mline 200');
    expect((await output('?lines=1&ansi=false')).output).toBe('line 200');
  });

  it('show no lines where the screen is empty', async () => {
    await using api = await startServer({
      monitor: createFakeMonitor({ output: () => Promise.resolve('') }),
    });
    const { body } = await api.call('GET', '/api/agents/shop-api/output');
    expect(body).toEqual({ session: 'shop-api', output: '', lines: 0 });
  });
});

describe('a wrong parameter', () => {
  it.each([
    ['/api/agents?state=busy', 'state'],
    ['/api/agents?state=stuck&state=error', 'state'],
    ['/api/agents?kind=gpt', 'kind'],
    ['/api/agents?attention=yes', 'attention'],
    ['/api/agents?sate=stuck', 'sate'],
    ['/api/agents?__proto__=1', '__proto__'],
    ['/api/agents/shop-api?lines=1', 'lines'],
    ['/api/agents/shop-api/output?lines=0', 'lines'],
    ['/api/agents/shop-api/output?lines=10001', 'lines'],
    ['/api/agents/shop-api/output?lines=1e3', 'lines'],
    ['/api/agents/shop-api/output?lines=-5', 'lines'],
    ['/api/agents/shop-api/output?lines[]=5', 'lines[]'],
    ['/api/agents/shop-api/output?ansi=yes', 'ansi'],
    ['/api/agents/shop-api/log?limit=many', 'limit'],
    ['/api/events?after=-1', 'after'],
    ['/api/events?after=99999999999999999999', 'after'],
    ['/api/events?event=nothing', 'event'],
    ['/api/events/stream?after=x', 'after'],
    [`/api/agents/${'x'.repeat(1025)}`, 'session'],
  ])('is refused by its name: %s', async (path, field) => {
    await using api = await startServer();
    const answer = await api.call('GET', path);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
    const { errors, detail } = schemas.problemBody.parse(answer.body);
    expect(errors?.map((error) => error.path)).toEqual([field]);
    expect(detail).toMatch(new RegExp(`^${field.replace(/[[\]]/g, '\\$&')}: `));
  });
});

describe('an error', () => {
  it.each([
    [new PaneGone('%7'), 410, 'pane_gone', 'tmux no longer has %7'],
    [new TmuxFailed('tmux said no'), 502, 'tmux_failed', 'tmux said no'],
    [new StoreFailed('disk full'), 503, 'store_failed', 'disk full'],
  ])('of the monitor has its status: %s', async (error, status, code, detail) => {
    const monitor = createFakeMonitor({ kill: () => Promise.reject(error) });
    await using api = await startServer({ monitor });
    const answer = await api.call('POST', '/api/agents/shop-api/kill');
    expect(answer.headers['content-type']).toBe(PROBLEM);
    expect(answer.body).toEqual({
      type: `urn:agent-monitor:error:${code}`,
      title: answer.body.error,
      status,
      detail,
      code,
      error: expect.stringMatching(/^\w/),
    });
    expect(answer.status).toBe(status);
  });

  it.each([
    new Error('the secret is /home/user/.key'),
    new BadSettings('the secret is /home/user/.key'),
  ])('that nobody foresaw is a 500 without its message, logged once: %s', async (error) => {
    const fail = () => {
      throw error;
    };
    await using api = await startServer({ monitor: createFakeMonitor({ stats: fail }) });
    const answer = await api.call('GET', '/api/stats');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(answer.text).not.toContain('secret');
    expect(api.log.messages('error')).toEqual(['a request failed']);
    expect(api.log.lines.at(-1)?.fields).toMatchObject({ err: error, path: '/api/stats' });
  });

  it('in what the monitor gives out is logged as ours', async () => {
    const round: { self?: unknown } = {};
    round.self = round;
    const agent = () => ({ ...createFakeMonitor().agent('shop-api'), machine: round });
    await using api = await startServer({ monitor: createFakeMonitor({ agent }) });
    const answer = await api.call('GET', '/api/agents/shop-api');
    expect(answer).toMatchObject({ status: 500, text: 'Internal Server Error' });
    expect(api.log.messages('error')).toEqual(['an answer could not be given']);
  });

  it.each(['/api', '/assets/nothing.js', '/api/nothing', '//evil.example/x', '/api/agents/a/b/c'])(
    'of a path where nothing is: %s',
    async (path) => {
      await using api = await startServer();
      const answer = await api.call('GET', path);
      expect(answer.status).toBe(404);
      expect(schemas.problemBody.safeParse(answer.body).error).toBeUndefined();
    },
  );

  it('of an unknown method', async () => {
    await using api = await startServer();
    const answer = await api.call('PROPFIND', '/api/agents');
    expect(answer).toMatchObject({ status: 501, body: { code: 'not_implemented' } });
  });
});

describe('a body', () => {
  const kill = '/api/agents/shop-api/kill';
  const json = { authorization: `Bearer ${'A'.repeat(43)}`, 'content-type': 'application/json' };

  it.each([
    ['{}', 'application/json'],
    ['{}', 'application/json; charset=utf-8'],
    ['{}', 'Application/JSON;charset="UTF-8"'],
    ['', 'application/x-www-form-urlencoded'],
    ['', 'text/plain'],
  ])('%j as %s does for a kill', async (body, type) => {
    await using api = await startServer();
    const answer = await api.call('POST', kill, {
      headers: { ...json, 'content-type': type },
      body,
    });
    expect(answer.status).toBe(200);
  });

  it.each([
    ['text/plain', '{}'],
    ['application/x-www-form-urlencoded', 'a=b'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['application/json; charset=utf-16', '{}'],
    ['application/jsonp', '{}'],
    ['', '{}'],
  ])('as "%s" is 415', async (type, body) => {
    await using api = await startServer();
    const answer = await api.call('POST', kill, {
      headers: { ...json, 'content-type': type },
      body,
    });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
    expect(api.monitor.calls).toEqual([]);
  });

  it('that is compressed is 415', async () => {
    await using api = await startServer();
    const headers = { ...json, 'content-encoding': 'gzip' };
    expect((await api.call('POST', kill, { headers, body: '{}' })).status).toBe(415);
  });

  it.each([
    ['not JSON', '{"a":', 'bad_request'],
    ['empty but announced', ' ', 'bad_request'],
    ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'bad_request'],
    ['a list', '[]', 'invalid_field'],
    ['null', 'null', 'invalid_field'],
    ['an unknown field', '{"force":true}', 'invalid_field'],
    ['__proto__', '{"__proto__":{"source":"x"}}', 'invalid_field'],
    ['constructor', '{"constructor":{"prototype":{"a":1}}}', 'invalid_field'],
    ['100,000 levels deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'invalid_field'],
    ['20,000 keys', `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`)}}`, 'invalid_field'],
  ])('with %s is 400', async (_what, body, code) => {
    await using api = await startServer();
    const answer = await api.call('POST', kill, { headers: json, body });
    expect(answer).toMatchObject({ status: 400, body: { code } });
    expect(answer.text.length).toBeLessThan(5000);
    expect(api.monitor.calls).toEqual([]);
    expect(({} as { source?: string }).source).toBeUndefined();
  });

  it.each([
    ['announced', { 'content-length': '1500' }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('that is too large, %s, is 413', async (_how, headers) => {
    await using api = await startServer({ limits: { maxBodyBytes: 1000 } });
    const body = JSON.stringify('x'.repeat(1498));
    const answer = await api.call('POST', kill, { headers: { ...json, ...headers }, body });
    expect(answer).toMatchObject({ status: 413, body: { code: 'too_large' } });
  });

  it('of exactly the largest size is read', async () => {
    await using api = await startServer({ limits: { maxBodyBytes: 1000 } });
    const body = `{}${' '.repeat(998)}`;
    expect((await api.call('POST', kill, { headers: json, body })).status).toBe(200);
  });
});

describe('health', () => {
  it('is open to strangers, without names and paths', async () => {
    await using api = await startServer({ readTable: async () => '' });
    for (const path of ['/health', '/livez', '/readyz']) {
      const answer = await api.call('GET', path, { headers: {} });
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/shop-api|redis:\/\//);
    }
    expect((await api.call('GET', '/api/agents', { headers: {} })).status).toBe(401);
  });

  it('is not refused for a wrong token, but told no more than to strangers', async () => {
    await using api = await startServer();
    const answer = await api.call('GET', '/health', { headers: { authorization: 'Basic eDp5' } });
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('detail');
  });

  it('tells known callers the details', async () => {
    await using api = await startServer();
    const { body } = await api.call('GET', '/health');
    expect(schemas.healthBody.parse(body).checks.supervisor).toEqual({
      status: 'degraded',
      detail: 'quarantined: shop-api',
    });
  });

  it('is not ready while nothing can be written, but alive and answering', async () => {
    const { health } = createFakeMonitor();
    const monitor = createFakeMonitor({
      health: () => {
        const whole = health();
        return {
          ...whole,
          checks: { ...whole.checks, store: { status: 'down', detail: 'full' } },
        };
      },
    });
    await using api = await startServer({ monitor });
    expect(await api.call('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { code: 'not_ready' },
    });
    // Whoever asks every second must not fill the log.
    expect(api.log.messages('error')).toEqual([]);
    expect((await api.call('GET', '/livez')).status).toBe(200);
    expect((await api.call('GET', '/health')).status).toBe(200);
  });
});
