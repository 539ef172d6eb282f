/**
 * What an agent runs as a hook where it cannot post by itself:
 * `node post.ts <socket> [payload]`. Posts what it is given, on standard input or as its last
 * argument, to the monitor's unix socket. Whatever comes of it, the agent goes on as it would.
 */

import { request } from 'node:http';
import { text } from 'node:stream/consumers';

const WITHIN_MS = 2_000;

const post = (socketPath: string, payload: string): Promise<void> =>
  new Promise((resolve) => {
    const { TMUX_PANE = '', TMUX = '' } = process.env;
    const posting = request(
      {
        socketPath,
        method: 'POST',
        path: '/api/hooks/claude-code',
        headers: {
          Host: 'localhost',
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(payload),
          'X-Agent-Monitor-Pane': TMUX_PANE,
          'X-Agent-Monitor-Tmux': TMUX,
        },
        timeout: WITHIN_MS,
      },
      (answer) => answer.resume().once('end', resolve),
    );
    posting.once('timeout', () => posting.destroy());
    // No monitor is running, or not this one any more: nothing that an agent should hear of.
    posting.once('error', () => resolve());
    posting.end(payload);
  });

const [, , socketPath = '', given] = process.argv;
await post(socketPath, given ?? (await text(process.stdin)));
