import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Inspector } from '../../../actors/ports.ts';
import { machineBody, machinesBody, problemBody } from '../../../src/http/schemas.ts';
import { createFakeMonitor } from './fake-monitor.ts';
import { startServer, TOKEN } from './start.ts';

describe('the machines', () => {
  it('are listed', async () => {
    await using api = await startServer();
    const { body } = await api.call('GET', '/api/machines');
    const { machines, count } = machinesBody.parse(body);
    expect(machines.map(({ id }) => id)).toEqual(['session']);
    expect(count).toBe(1);
  });

  it('are defined', async () => {
    await using api = await startServer();
    const { body } = await api.call('GET', '/api/machines/session');
    expect(body).toMatchObject({ id: 'session', states: { activity: {} } });
  });

  it('are drawn, and lit where an agent is', async () => {
    await using api = await startServer();
    const plain = await api.call('GET', '/api/machines/session.svg');
    expect(plain.headers['content-type']).toBe('image/svg+xml');
    expect(plain.headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'unsafe-inline'",
    );
    expect(plain.text).toMatch(/^<svg [^>]*>\n<title>The session machine<\/title>/);
    const lit = await api.call('GET', '/api/machines/session.svg?session=shop-api');
    expect(lit.text).toContain('<g id="session.activity.working" class="state leaf active">');
  });

  it.each([
    ['/api/machines/door', 404, 'machine_not_found'],
    ['/api/machines/door.svg', 404, 'machine_not_found'],
    ['/api/machines/__proto__', 404, 'machine_not_found'],
    ['/api/machines/session.svg?session=none', 404, 'session_not_found'],
    ['/api/machines/command.svg?session=shop-api', 400, 'invalid_field'],
    ['/api/machines?all=1', 400, 'invalid_field'],
    ['/api/agents/none/machine', 404, 'session_not_found'],
  ])('are refused at %s', async (path, status, code) => {
    await using api = await startServer();
    const answer = await api.call('GET', path);
    expect(answer.status).toBe(status);
    expect(problemBody.parse(answer.body).code).toBe(code);
  });

  it('of an agent tells where it is and what may come', async () => {
    await using api = await startServer();
    const { body } = await api.call('GET', '/api/agents/shop-api/machine');
    expect(machineBody.parse(body)).toMatchObject({ session: 'shop-api', next: ['clock.ticked'] });
  });
});

describe('/api/inspect', () => {
  const opened: WebSocket[] = [];
  afterEach(() => {
    for (const socket of opened.splice(0)) socket.terminate();
  });

  /** An inspector that says how many look, and tells them what it is told to. */
  const start = async () => {
    const viewers = new Set<(message: string) => void>();
    const inspector: Inspector = {
      join: (viewer) => {
        viewer('{"type":"@xstate.actor"}');
        viewers.add(viewer);
        return () => viewers.delete(viewer);
      },
    };
    const api = await startServer({
      monitor: createFakeMonitor({ inspector }),
      limits: { stallMs: 60_000 },
    });
    const socket = new WebSocket(`ws://127.0.0.1:${api.port}/api/inspect`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    opened.push(socket);
    const told: string[] = [];
    socket.on('message', (data) => told.push(String(data)));
    await vi.waitFor(() => expect(told).toEqual(['{"type":"@xstate.actor"}']));
    const tell = (message: string) => {
      for (const viewer of viewers) viewer(message);
    };
    return { api, viewers, socket, told, tell };
  };

  it('tells what lives, then what happens, until it is left', async () => {
    const { api, viewers, socket, told, tell } = await start();
    await using _api = api;
    tell('{"type":"@xstate.event"}');
    await vi.waitFor(() => expect(told).toHaveLength(2));
    socket.send('anything');
    socket.close();
    await vi.waitFor(() => expect(viewers.size).toBe(0));
  });

  it('tells one that does not keep up no more, and all anew once it has read', async () => {
    const { api, viewers, socket, told, tell } = await start();
    await using _api = api;
    socket.pause();
    await vi.waitFor(() => {
      for (let times = 0; times < 100; times += 1) tell(`"${'x'.repeat(10_000)}"`);
      expect(viewers.size).toBe(0);
    }, 10_000);
    socket.resume();
    await vi.waitFor(() => expect(viewers.size).toBe(1), 10_000);
    await vi.waitFor(() => expect(told.slice(1)).toContain('{"type":"@xstate.actor"}'));
  });
});
