import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlreadyRunning } from '../../../actors/errors.ts';
import { listenOnSocket } from '../../../src/http/unix-socket.ts';
import { startServer } from './start.ts';

let dir = '';
let servers: Server[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'am-socket-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true, force: true });
});

const newServer = (): Server => {
  const server = createServer((socket) => socket.end());
  servers.push(server);
  return server;
};

describe('listenOnSocket', () => {
  it('makes the socket for this user alone and leaves the umask as it was', async () => {
    const before = process.umask(0o022);
    const path = join(dir, 's');
    await listenOnSocket(newServer(), path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(process.umask(before)).toBe(0o022);
  });

  it('replaces a socket that nobody answers on', async () => {
    const path = join(dir, 's');
    await leaveStaleSocket(path);
    expect(existsSync(path)).toBe(true);
    const server = newServer();
    await listenOnSocket(server, path);
    expect(server.listening).toBe(true);
  });

  it('leaves a socket alone on which another answers', async () => {
    const path = join(dir, 's');
    await listenOnSocket(newServer(), path);
    const second = newServer();
    await expect(listenOnSocket(second, path)).rejects.toBeInstanceOf(AlreadyRunning);
    expect(second.listening).toBe(false);
    expect(existsSync(path)).toBe(true);
  });

  it('removes no file that is not a socket', async () => {
    const path = join(dir, 's');
    writeFileSync(path, 'precious');
    await expect(listenOnSocket(newServer(), path)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(existsSync(path)).toBe(true);
  });
});

describe('the API on its socket', () => {
  it('needs neither uid nor token, and names its caller so', async () => {
    await using api = await startServer({ readTable: async () => '' });
    const { socketPath } = api;
    const answer = await api.call('POST', '/api/agents/shop-api/restart', {
      headers: {},
      socketPath,
    });
    expect(answer.status).toBe(200);
    expect(api.monitor.calls).toEqual(['restart shop-api by socket']);
  });

  it('checks the host and the origin all the same', async () => {
    await using api = await startServer();
    const { socketPath } = api;
    const ask = (headers: Record<string, string>) =>
      api.call('GET', '/api/agents', { headers, socketPath });
    expect((await ask({ host: 'evil.example' })).status).toBe(421);
    expect((await ask({ host: 'localhost', origin: 'http://evil.example' })).status).toBe(403);
  });

  it('is gone when the server has closed', async () => {
    const api = await startServer();
    expect(existsSync(api.socketPath)).toBe(true);
    await api.server.close();
    expect(existsSync(api.socketPath)).toBe(false);
    await api[Symbol.asyncDispose]();
  });
});

/** What a killed process leaves: a socket file whose listener is gone. */
const leaveStaleSocket = async (path: string): Promise<void> => {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
};
