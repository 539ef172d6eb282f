import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startServer, TOKEN } from '../src/http/start.ts';

const run = promisify(execFile);

/** As people type it; the token stands for the user where the system cannot tell who calls. */
const curl = async (...args: string[]): Promise<unknown> => {
  const bearer = process.platform === 'linux' ? [] : ['-H', `Authorization: Bearer ${TOKEN}`];
  const { stdout } = await run('curl', ['-sf', '--max-time', '20', ...bearer, ...args]);
  return JSON.parse(stdout);
};

describe('the calls that clients of the original interface make', () => {
  it('all answer with the fields that these clients read', async () => {
    await using api = await startServer();
    const base = `http://localhost:${api.port}`;

    expect(await curl(`${base}/health`)).toMatchObject({ status: expect.any(String) });

    expect(await curl(`${base}/api/agents`)).toMatchObject({
      agents: [
        {
          session: 'shop-api',
          state: 'working',
          progress: 40,
          indicators: { filesWritten: 0, filesRead: 0, contemplationTime: 0 },
        },
        { session: 'café ☕ /1' },
      ],
    });

    expect(await curl(`${base}/api/agents/shop-api`)).toMatchObject({
      session: 'shop-api',
      state: 'working',
    });

    expect(await curl(`${base}/api/agents/shop-api/output?lines=100`)).toMatchObject({
      session: 'shop-api',
      output: expect.stringMatching(/line 200$/),
      lines: 100,
    });

    const body = '{ "command": "Continue with implementation", "source": "zoe" }';
    const json = ['-H', 'Content-Type: application/json', '-d', body];
    expect(await curl('-X', 'POST', ...json, `${base}/api/agents/shop-api/command`)).toMatchObject({
      success: true,
      session: 'shop-api',
      jobId: expect.any(String),
    });

    expect(await curl(`${base}/api/agents/shop-api/commands?limit=50`)).toMatchObject({
      session: 'shop-api',
      commands: [{ command: 'Continue with implementation', source: 'zoe' }, {}, {}],
    });

    expect(await curl(`${base}/api/stats`)).toMatchObject({ agents: { total: 2 } });

    expect(await curl('-X', 'POST', `${base}/api/agents/shop-api/kill`)).toEqual({
      success: true,
      session: 'shop-api',
    });
    expect(api.monitor.calls).toEqual([
      expect.stringMatching(/Continue with implementation.* for zoe by /),
      expect.stringMatching(/^kill shop-api by /),
    ]);
  });

  it.each([
    ['no body', []],
    ['a content type without a body', ['-H', 'Content-Type: application/json']],
    ['an empty body', ['-d', '']],
    ['an empty object', ['-H', 'Content-Type: application/json', '-d', '{}']],
  ])('kill with %s', async (_what, args) => {
    await using api = await startServer();
    const url = `http://localhost:${api.port}/api/agents/shop-api/kill`;
    expect(await curl('-X', 'POST', ...args, url)).toEqual({ success: true, session: 'shop-api' });
    expect(api.monitor.calls).toHaveLength(1);
  });
});
