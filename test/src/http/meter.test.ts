import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createMetrics } from '../../../src/metrics/metrics.ts';
import { readExposition } from '../../support/exposition.ts';
import { openConnection, raw, startServer, TOKEN } from './start.ts';

/** A server whose figures can be read. */
const startMeasured = async (options: Parameters<typeof startServer>[0] = {}) => {
  const metrics = createMetrics('1.2.3');
  const api = await startServer({ meter: metrics.meters.http, ...options });
  const scrape = async () => readExposition(await metrics.text());
  const requests = async () =>
    (await scrape()).families
      .get('agent_monitor_http_request_duration_seconds')
      ?.samples.filter(({ name }) => name.endsWith('_count'))
      .map(({ labels: { method, route, status }, value }) => [method, route, status, value]);
  return { ...api, scrape, requests };
};

const headers = { authorization: `Bearer ${TOKEN}` };

it('counts requests by the route that took them, whatever they asked for', async () => {
  await using api = await startMeasured();
  for (const session of ['shop-api', 'nobody', 'someone'])
    await api.call('GET', `/api/agents/${session}`);
  for (let n = 0; n < 20; n += 1) await api.call('GET', `/nothing/${n}?n=${n}`);
  await api.call('DELETE', '/api/stats');
  await api.call('PURGE', '/api/stats');
  await api.call('POST', '/api/agents/shop-api/command', {
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(await api.requests()).toEqual([
    ['GET', '/api/agents/:session', '200', 1],
    ['GET', '/api/agents/:session', '404', 2],
    ['GET', 'none', '404', 20],
    ['DELETE', 'none', '405', 1],
    ['other', 'none', '501', 1],
    ['POST', '/api/agents/:session/command', '400', 1],
  ]);
  const { value } = await api.scrape();
  expect(value('agent_monitor_commands_total', { outcome: 'rejected' })).toBe(1);
});

it('counts who is refused at the door, by why', async () => {
  await using api = await startMeasured();
  await api.call('GET', '/api/agents', { headers: { authorization: 'Bearer wrong' } });
  await api.call('GET', '/api/agents', { headers: { ...headers, origin: 'https://example.com' } });
  await api.call('GET', '/health', { headers: { host: 'example.com' } });
  await raw(
    api.port,
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nAuthorization: Bearer wrong\r\n\r\n',
  );
  await api.call('POST', '/api/login', {
    headers: { ...headers, 'content-type': 'application/json' },
    body: '{"secret":"guessed"}',
  });
  const { families } = await api.scrape();
  const counted = families.get('agent_monitor_auth_failures_total')?.samples ?? [];
  expect(Object.fromEntries(counted.map(({ labels, value }) => [labels.reason, value]))).toEqual({
    unauthorized: 3,
    foreign_origin: 1,
    wrong_host: 1,
  });
});

it('knows how many read along, and why one was cut off', async () => {
  await using api = await startMeasured();
  const reading = async (channel: string) =>
    (await api.scrape()).value(`agent_monitor_${channel}_clients`);
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}/ws`, { headers });
  await once(socket, 'open');
  const stream = await openConnection(api.port);
  stream.socket.write(
    `GET /api/events/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  await stream.until('retry:');
  expect([await reading('ws'), await reading('sse')]).toEqual([1, 1]);
  // It is answered when it begins, not when it ends.
  expect(await api.requests()).toEqual([['GET', '/api/events/stream', '200', 1]]);

  // Not 60: these may come in two seconds, half in each.
  for (let n = 0; n < 200; n += 1) socket.send('{"type":"ping"}');
  stream.socket.destroy();
  await vi.waitFor(
    async () => expect([await reading('ws'), await reading('sse')]).toEqual([0, 0]),
    20_000,
  );
  const { value, families } = await api.scrape();
  const reason = 'too_many_messages';
  expect(value('agent_monitor_ws_dropped_total', { reason })).toBe(1);
  // Who leaves was not cut off.
  expect(families.get('agent_monitor_sse_dropped_total')?.samples).toEqual([]);
});

it('counts those that read nothing', async () => {
  await using api = await startMeasured({ limits: { stallMs: 50 } });
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}/ws`, { headers });
  await once(socket, 'open');
  socket.pause();
  const stream = await openConnection(api.port);
  stream.socket.write(
    `GET /api/events/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  await stream.until('retry:');
  stream.socket.pause();
  const reason = 'stalled';
  await vi.waitFor(async () => {
    api.monitor.commit({ output: 'x'.repeat(200_000) });
    const { value } = await api.scrape();
    expect(value('agent_monitor_ws_dropped_total', { reason })).toBe(1);
    expect(value('agent_monitor_sse_dropped_total', { reason })).toBe(1);
  }, 20_000);
  socket.terminate();
  stream.socket.destroy();
});

it('is asked as everything else is', async () => {
  await using api = await startServer();
  const answered = await api.call('GET', '/metrics');
  expect(answered.status).toBe(200);
  expect(answered.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(readExposition(answered.text).value('fake_up')).toBe(1);
  const stranger = { headers: { authorization: 'Bearer wrong' } };
  expect((await api.call('GET', '/metrics', stranger)).status).toBe(401);
  expect((await api.call('GET', '/metrics?x=1')).status).toBe(400);
});
