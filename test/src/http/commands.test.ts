import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  DiskLow,
  type MonitorError,
  PaneGone,
  QueueFull,
  StoreFailed,
} from '../../../actors/errors.ts';
import type { CommandDesk } from '../../../actors/ports.ts';
import * as schemas from '../../../src/http/command-schemas.ts';
import { problemBody } from '../../../src/http/schemas.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { openConnection, startServer, TOKEN } from './start.ts';

const CAFE = encodeURIComponent('café ☕ /1');
const QUEUED = '/api/commands/6b86b273-ff34-fce1-9d6b-804eff5a3f57';
const UNKNOWN = '/api/commands/d4735e3a-265e-16ee-e03f-59718b9b5d03';
const COMMAND = '/api/agents/shop-api/command';

const authorization = `Bearer ${TOKEN}`;
const json = (body: unknown, headers: Record<string, string> = {}) => ({
  headers: { authorization, 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

describe('a command', () => {
  it('is accepted with 202 and the place where it is found', async () => {
    await using api = await startServer();
    const body = { command: 'a\r\nb “🧪”', source: 'zoe', when: 'idle', expiresInSeconds: 60 };
    const answer = await api.call('POST', `/api/agents/${CAFE}/command`, json(body));
    expect(answer.status).toBe(202);
    const accepted = schemas.acceptedBody.parse(answer.body);
    expect(accepted).toMatchObject({
      session: 'café ☕ /1',
      command: 'a\nb “🧪”',
      status: 'queued',
    });
    expect(accepted.jobId).toBe(accepted.id);
    expect(answer.headers.location).toBe(`/api/commands/${accepted.id}`);
    expect(answer.headers).not.toHaveProperty('idempotent-replayed');
    expect(api.monitor.calls[0]).toMatch(/"when":"idle".* for zoe by token$/);
    const found = await api.call('GET', answer.headers.location ?? '');
    expect(schemas.commandBody.parse(found.body)).toMatchObject({ id: accepted.id, source: 'zoe' });
  });

  it('goes to the desk with all that was asked, and with what is usual for the rest', async () => {
    const asked: unknown[] = [];
    await using api = await startServer({
      monitor: withDesk({
        send: (...args) => {
          asked.push(args);
          return Promise.reject(new PaneGone('x'));
        },
      }),
    });
    await api.call('POST', COMMAND, json({ command: 'x' }));
    const more = { when: 'force', submit: false, raw: true, expiresInSeconds: 5, source: 'me' };
    await api.call(
      'POST',
      COMMAND,
      json({ command: '\u001b\r\n', ...more }, { 'idempotency-key': 'k' }),
    );
    const usual = { command: 'x', when: 'safe', submit: true, raw: false, expiresInSeconds: 3600 };
    const { source: _, ...rest } = more;
    expect(asked).toEqual([
      ['shop-api', usual, { caller: 'token', source: null, idempotency: null }],
      [
        ...['shop-api', { command: '\u001b\r\n', ...rest }],
        {
          ...{ caller: 'token', source: 'me' },
          idempotency: { key: 'k', bodyHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
        },
      ],
    ]);
  });

  it.each<[string, unknown]>([
    ['command', {}],
    ['command', { command: '' }],
    ['command', { command: 7 }],
    ['command', { command: 'a\u001bb' }],
    ['command', { command: 'a\ud800b' }],
    ['command', { command: 'x'.repeat(65_537) }],
    ['source', { command: 'x', source: '' }],
    ['source', { command: 'x', source: 'a\nb' }],
    ['source', { command: 'x', source: 'x'.repeat(201) }],
    ['when', { command: 'x', when: 'later' }],
    ['submit', { command: 'x', submit: 'no' }],
    ['raw', { command: 'x', raw: 1 }],
    ['expiresInSeconds', { command: 'x', expiresInSeconds: 0 }],
    ['expiresInSeconds', { command: 'x', expiresInSeconds: 604_801 }],
    ['expiresInSeconds', { command: 'x', expiresInSeconds: 1.5 }],
    ['key', { command: 'x', key: 'y' }],
    ['body', ['x']],
    ['body', null],
  ])('is refused with 400 for a wrong %s: %j', async (field, body) => {
    await using api = await startServer();
    const answer = await api.call('POST', COMMAND, json(body));
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_field' } });
    expect(problemBody.parse(answer.body).errors).toEqual([
      { path: field, message: expect.any(String) },
    ]);
    expect(api.monitor.calls).toEqual([]);
  });

  it('is refused without a body, as another type, where it is too large, and elsewhere', async () => {
    await using api = await startServer();
    const call = (sent: Parameters<typeof api.call>[2], path = COMMAND) =>
      api.call('POST', path, sent);
    expect(await call({ headers: { authorization } })).toMatchObject({ status: 400 });
    const text = { authorization, 'content-type': 'text/plain' };
    expect(await call({ headers: text, body: '{"command": "x"}' })).toMatchObject({ status: 415 });
    const large = json({ command: 'x'.repeat(300_000) });
    expect(await call(large)).toMatchObject({ status: 413, body: { code: 'too_large' } });
    const elsewhere = json({ command: 'x' });
    expect(await call(elsewhere, '/api/agents/no-such/command')).toMatchObject({ status: 404 });
    expect(await call(elsewhere, `${COMMAND}?when=now`)).toMatchObject({ status: 400 });
    expect(api.monitor.calls).toEqual([]);
  });

  it('may be all of 64 KB, though JSON makes more of it', async () => {
    await using api = await startServer();
    const body = { command: `${'\n'.repeat(65_535)}x` };
    expect(await api.call('POST', COMMAND, json(body))).toMatchObject({ status: 202 });
  });

  it.each<[MonitorError, number, string[]]>([
    [new PaneGone('the session "shop-api"'), 410, []],
    [new QueueFull('100 wait', 5), 429, []],
    [new StoreFailed('locked'), 503, ['a request failed']],
    // Callers that try on and on would only fill the disk further.
    [new DiskLow('free some space'), 507, []],
  ])('is refused as $code says', async (error, status, logged) => {
    await using api = await startServer({
      monitor: withDesk({ send: () => Promise.reject(error) }),
    });
    const answer = await api.call('POST', COMMAND, json({ command: 'x' }));
    expect(answer).toMatchObject({ status, body: { code: error.code, detail: error.message } });
    expect(answer.headers['retry-after']).toBe(error instanceof QueueFull ? '5' : undefined);
    expect(api.log.messages('error')).toEqual(logged);
  });
});

describe('an idempotency key', () => {
  const send = (key: string, body: unknown = { command: 'x' }) =>
    json(body, { 'idempotency-key': key });

  it('answers the same request with the same command, and says so', async () => {
    await using api = await startServer();
    const first = await api.call('POST', COMMAND, send('k'));
    const second = await api.call('POST', COMMAND, send('k'));
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(second.headers.location).toBe(first.headers.location);
    expect(api.monitor.calls).toHaveLength(1);
  });

  it('sees through the order of fields and what goes without saying', async () => {
    await using api = await startServer();
    await api.call('POST', COMMAND, send('k', { command: 'x', source: 'zoe' }));
    const spelt = { source: 'zoe', raw: false, command: 'x', when: 'safe' };
    const second = await api.call('POST', COMMAND, send('k', spelt));
    expect(second.headers['idempotent-replayed']).toBe('true');
  });

  it.each([
    ['another text', COMMAND, { command: 'y' }],
    ['another source', COMMAND, { command: 'x', source: 'zoe' }],
    ['another deadline', COMMAND, { command: 'x', expiresInSeconds: 60 }],
    ['another session', `/api/agents/${CAFE}/command`, { command: 'x' }],
    ['another call', '/api/agents/shop-api/answer', { dialog: 'd1', choice: '1' }],
  ])('is refused with 422 for %s', async (_what, path, body) => {
    await using api = await startServer();
    await api.call('POST', COMMAND, send('k'));
    const answer = await api.call('POST', path, send('k', body));
    expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_mismatch' } });
  });

  it('has 1 to 255 printable characters', async () => {
    await using api = await startServer();
    const status = async (key: string) => (await api.call('POST', COMMAND, send(key))).status;
    expect(await status('x'.repeat(255))).toBe(202);
    for (const key of ['', 'x'.repeat(256), 'caf\u00e9', 'a\tb'])
      expect(await status(key)).toBe(400);
  });

  it.each([
    ['', '""'],
    ['caf\u00e9', '"caf??"'],
    ['x'.repeat(300), `"${'x'.repeat(40)}"… (300 characters)`],
    [['a', 'b'], '2 headers'],
  ])('is named where it is bad, with what is needed: %j', async (key, named) => {
    await using api = await startServer();
    const headers = { ...json({}).headers, 'idempotency-key': key };
    const { body } = await api.call('POST', COMMAND, { headers, body: '{"command":"x"}' });
    expect(body.detail).toBe(
      `Idempotency-Key must be one text of 1 to 255 printable ASCII characters, such as a UUID, not ${named}`,
    );
  });

  it('is given once', async () => {
    await using api = await startServer();
    const headers = { ...json({}).headers, 'idempotency-key': ['a', 'b'] };
    const answer = await api.call('POST', COMMAND, { headers, body: '{"command":"x"}' });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'Idempotency-Key' }] } });
  });

  it('works for interrupts and retries too', async () => {
    await using api = await startServer();
    for (const path of ['/api/agents/shop-api/interrupt', `${UNKNOWN}/retry`]) {
      const first = await api.call('POST', path, send(path, {}));
      const second = await api.call('POST', path, send(path, {}));
      expect([first.status, second.status, second.body.id]).toEqual([202, 202, first.body.id]);
    }
    expect(api.monitor.calls).toHaveLength(2);
  });
});

describe('an answer', () => {
  const answer = (body: unknown) => json(body);
  const PATH = '/api/agents/shop-api/answer';

  it('becomes a command', async () => {
    await using api = await startServer();
    const { status, body } = await api.call('POST', PATH, answer({ dialog: 'd1', choice: '1' }));
    expect(status).toBe(202);
    expect(schemas.acceptedBody.parse(body).command).toBe('Yes');
  });

  it.each([
    [409, 'dialog_stale', { dialog: 'd2', choice: '1' }],
    [400, 'choice_unknown', { dialog: 'd1', choice: '7' }],
    [400, 'invalid_field', { dialog: 'd1' }],
    [400, 'invalid_field', { dialog: 'd1', choice: 1 }],
    [400, 'invalid_field', { dialog: 'd1', choice: '1', choices: ['1'] }],
    [400, 'invalid_field', { dialog: 'd1', choices: Array.from({ length: 51 }, String) }],
    [400, 'invalid_field', { dialog: 'd1', choice: '1', text: 'two\nlines' }],
    [400, 'invalid_field', { dialog: 'd1', choice: '1', text: 'x'.repeat(501) }],
    [400, 'invalid_field', { dialog: 'd1', choice: '1', text: '  ' }],
    [400, 'invalid_field', { dialog: 'd1', choice: '1', text: '\u200b\u200d' }],
  ])('is refused with %i %s for %j', async (status, code, body) => {
    await using api = await startServer();
    expect(await api.call('POST', PATH, answer(body))).toMatchObject({ status, body: { code } });
    expect(api.monitor.calls).toEqual([]);
  });
});

it('an interrupt needs no body, and may name who asks', async () => {
  await using api = await startServer();
  const path = '/api/agents/shop-api/interrupt';
  expect(await api.call('POST', path)).toMatchObject({ status: 202 });
  expect(await api.call('POST', path, json({ source: 'zoe' }))).toMatchObject({ status: 202 });
  expect(await api.call('POST', path, json({ choice: '1' }))).toMatchObject({ status: 400 });
  expect(api.monitor.calls.map((call) => call.replace(/^.* for/, 'for'))).toEqual([
    'for null by token',
    'for zoe by token',
  ]);
});

describe('the history', () => {
  it('comes by pages, the newest first', async () => {
    await using api = await startServer();
    const page = async (query: string) =>
      schemas.commandsBody.parse(
        (await api.call('GET', `/api/agents/shop-api/commands${query}`)).body,
      );
    const all = await page('');
    expect(all).toMatchObject({ session: 'shop-api', count: 2, next: null });
    const first = await page('?limit=1');
    expect(first).toMatchObject({ count: 1, next: '1', commands: [all.commands[0]] });
    const second = await page(`?limit=1&cursor=${first.next}`);
    expect(second).toMatchObject({ next: null, commands: [all.commands[1]] });
  });

  it.each([
    ['?limit=0', 400],
    ['?limit=201', 400],
    ['?cursor=abc', 400],
    ['?cursor=-1', 400],
    ['?status=sent', 400],
  ])('refuses %s', async (query, status) => {
    await using api = await startServer();
    expect(await api.call('GET', `/api/agents/shop-api/commands${query}`)).toMatchObject({
      status,
    });
  });

  it('is 404 for a session that is not there', async () => {
    await using api = await startServer();
    const answer = await api.call('GET', '/api/agents/no-such/commands');
    expect(answer).toMatchObject({ status: 404, body: { code: 'session_not_found' } });
  });
});

describe('one command', () => {
  it.each([
    ['GET', '', undefined],
    ['DELETE', '', undefined],
    ['POST', '/retry', undefined],
    ['POST', '/resolve', { resolution: 'typed' }],
  ])('%s %s is 404 where it is not there', async (method, path, body) => {
    await using api = await startServer();
    const sent = body ? json(body) : {};
    const answer = await api.call(method, `/api/commands/no-such${path}`, sent);
    expect(answer).toMatchObject({ status: 404, body: { code: 'command_not_found' } });
  });

  it('is cancelled while it waits, and not twice', async () => {
    await using api = await startServer();
    const cancelled = await api.call('DELETE', QUEUED);
    expect(schemas.commandBody.parse(cancelled.body)).toMatchObject({ status: 'cancelled' });
    const again = await api.call('DELETE', QUEUED);
    expect(again).toMatchObject({ status: 409, body: { code: 'command_not_queued' } });
  });

  it('is retried where it was not sent', async () => {
    await using api = await startServer();
    const retried = await api.call('POST', `${UNKNOWN}/retry`, json({ source: 'zoe' }));
    expect(retried.status).toBe(202);
    const found = await api.call('GET', retried.headers.location ?? '');
    expect(UNKNOWN).toContain(found.body.retryOf);
    const refused = await api.call('POST', `${QUEUED}/retry`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'command_not_retryable' } });
  });

  it('is resolved where it is unknown', async () => {
    await using api = await startServer();
    const body = { resolution: 'it was typed', source: 'zoe' };
    const resolved = await api.call('POST', `${UNKNOWN}/resolve`, json(body));
    expect(schemas.commandBody.parse(resolved.body)).toMatchObject({ resolution: 'it was typed' });
    const refused = await api.call('POST', `${QUEUED}/resolve`, json(body));
    expect(refused).toMatchObject({ status: 409, body: { code: 'command_not_unknown' } });
    const empty = await api.call('POST', `${UNKNOWN}/resolve`, json({ resolution: '' }));
    expect(empty.status).toBe(400);
  });

  it('is waited for as long as asked, until the server stops', async () => {
    const { monitor, waits } = patientMonitor();
    await using api = await startServer({ monitor });
    const answer = api.call('GET', `${QUEUED}?wait=30`);
    await expect.poll(() => waits.length).toBe(1);
    await api.server.close();
    expect(await answer).toMatchObject({ status: 200, body: { status: 'queued' } });
    expect(waits[0]?.withinMs).toBe(30_000);
  });

  it('is no longer waited for when the caller has gone', async () => {
    const { monitor, waits } = patientMonitor();
    await using api = await startServer({ monitor });
    const { socket } = await openConnection(api.port);
    const path = `${QUEUED}?wait=60`;
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`,
    );
    await expect.poll(() => waits.length).toBe(1);
    expect(waits[0]?.signal.aborted).toBe(false);
    socket.destroy();
    await expect.poll(() => waits[0]?.signal.aborted).toBe(true);
  });

  it.each(['?wait=61', '?wait=x', '?wait=-1'])('refuses %s', async (query) => {
    await using api = await startServer();
    expect(await api.call('GET', `${QUEUED}${query}`)).toMatchObject({ status: 400 });
  });
});

/** A monitor whose commands end only when nobody waits for them any more. */
const patientMonitor = () => {
  const waits: { withinMs: number; signal: AbortSignal }[] = [];
  const { commands } = createFakeMonitor();
  const ended: CommandDesk['ended'] = async (id, options) => {
    waits.push(options);
    await once(options.signal, 'abort');
    return commands.get(id);
  };
  return { waits, monitor: withDesk({ ended }) };
};

/** A monitor whose desk does some things differently. */
const withDesk = (desk: Partial<CommandDesk>) => {
  const monitor = createFakeMonitor();
  return createFakeMonitor({ commands: { ...monitor.commands, ...desk } });
};
