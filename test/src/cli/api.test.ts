import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Api, createApi } from '../../../src/cli/api.ts';
import { Failure } from '../../../src/cli/failure.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-api-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What asks a server that answers every call like this. */
const asking = async (status: number, body: string, type = 'application/json'): Promise<Api> => {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return createApi({ socketPath: join(folder, 'api.sock'), host: '127.0.0.1', port });
};

const NOT_OURS = /^what answers is not the monitor; check API_PORT and AGENT_MONITOR_DATA_DIR$/;

describe('an answer that is not the monitor’s', () => {
  it.each([
    { status: 200, body: '<html>\u001b[2Jhello</html>' },
    { status: 200, body: '' },
    { status: 200, body: 'null' },
    { status: 200, body: '[]' },
    { status: 200, body: '{}' },
    { status: 404, body: 'null' },
    { status: 404, body: '"no"' },
    { status: 502, body: '<h1>Bad gateway</h1>' },
  ])('is told as such: $status $body', async ({ status, body }) => {
    const api = await asking(status, body);
    const got = api.get<{ agents: [] }>('/api/agents', 'agents');
    await expect(got).rejects.toThrow(NOT_OURS);
    await expect(got).rejects.toBeInstanceOf(Failure);
    await expect(api.post<{ id: string }>('/api/x', {}, 'id')).rejects.toThrow(NOT_OURS);
  });

  it.each([
    { status: 200, body: '{}' },
    { status: 503, body: 'null' },
  ])('is no stream of events: $status $body', async ({ status, body }) => {
    const api = await asking(status, body);
    await expect(api.stream('/api/events/stream', null, async () => {})).rejects.toThrow(NOT_OURS);
  });
});

it('tells a refusal in the words of the monitor, with the next step', async () => {
  const problem = { code: 'session_not_found', title: 'Not found', detail: 'no session "x".' };
  const api = await asking(404, JSON.stringify(problem), 'application/problem+json');
  await expect(api.get<{ session: string }>('/api/agents/x', 'session')).rejects.toThrow(
    'no session "x". `agent-monitor list` shows the sessions that are watched',
  );
});
