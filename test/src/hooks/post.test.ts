import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PROGRAM = join(import.meta.dirname, '../../../src/hooks/post.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'am-post-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs it against a monitor that answers like this; answers what it said, and its status. */
const post = async (
  answer: (asked: IncomingMessage, response: ServerResponse) => void,
  { args = ['codex'], input = '{}' } = {},
) => {
  const socket = join(folder, 'api.sock');
  const server = createServer(answer).listen(socket);
  await once(server, 'listening');
  const env = { ...process.env, TMUX_PANE: '%7', TMUX: '/tmp/default,12,0' };
  const child = spawn(process.execPath, [PROGRAM, socket, ...args], { env });
  child.stdin.end(input);
  const ended = once(child, 'exit');
  const said = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [status] = await ended;
  server.close();
  return [...said, status];
};

it('says whose hook it is, and which pane it runs in', async () => {
  let heard: object = {};
  await post((asked, response) => {
    heard = asked.headers;
    response.end('{}');
  });
  expect(heard).toMatchObject({
    'x-agent-monitor-agent': 'codex',
    'x-agent-monitor-pane': '%7',
    'x-agent-monitor-tmux': '/tmp/default,12,0',
  });
});

it.each([
  { title: 'its input', args: ['codex'], input: '{"a": 1}' },
  { title: 'its last argument', args: ['codex', '{"a": 1}'], input: '' },
  { title: 'its only argument, as it was installed once', args: ['{"a": 1}'], input: '' },
])('posts $title', async ({ args, input }) => {
  let body = '';
  const run = post(
    (asked, response) => {
      asked.on('data', (chunk) => {
        body += chunk;
      });
      asked.once('end', () => response.end('{}'));
    },
    { args, input },
  );
  expect(await run).toEqual(['', '', 0]);
  expect(body).toBe('{"a": 1}');
});

it('says nothing of an answer that is cut off', async () => {
  const run = post((_, response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('{');
    setImmediate(() => response.destroy());
  });
  expect(await run).toEqual(['', '', 0]);
});
