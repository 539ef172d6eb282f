/**
 * What an agent runs as a hook where it cannot post by itself:
 * `node post.ts <socket> <agent> [payload]`. Posts what it is given, on standard input or as its last
 * argument, to the monitor's unix socket. Whatever comes of it, the agent goes on as it would.
 */

import { request } from 'node:http';
import { text } from 'node:stream/consumers';

const WITHIN_MS = 2_000;

const post = (socketPath: string, agent: string, payload: string): Promise<void> =>
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
          ...(agent === '' ? {} : { 'X-Agent-Monitor-Agent': agent }),
          'X-Agent-Monitor-Pane': TMUX_PANE,
          'X-Agent-Monitor-Tmux': TMUX,
        },
        timeout: WITHIN_MS,
      },
      // Also where it is cut off: that has no end.
      (answer) => answer.resume().once('close', resolve),
    );
    posting.once('timeout', () => posting.destroy());
    // No monitor is running, or not this one any more: nothing that an agent should hear of.
    posting.once('error', () => resolve());
    posting.end(payload);
  });

const [, , socketPath = '', ...rest] = process.argv;
const given = rest.findLast((argument) => argument.startsWith('{'));
// Earlier versions of the monitor installed it without the agent.
const agent = rest.find((argument) => argument !== given) ?? '';
await post(socketPath, agent, given ?? (await text(process.stdin)));
