// What an agent runs as a hook: `node post.js <socket> <agent> [payload]`. Posts what it is given, on
// standard input or as its last argument, to the monitor's unix socket. Whatever comes of it, the agent
// goes on as it would. The agent waits for it at each of its calls, so it is started as fast as Node.js
// can: no TypeScript, and none of node:http.

import { connect } from 'node:net';

const WITHIN_MS = 2_000;

const [, , socketPath = '', ...rest] = process.argv;
const given = rest.findLast((argument) => argument.startsWith('{'));
// Earlier versions of the monitor installed it without the agent.
const agent = rest.find((argument) => argument !== given) ?? '';

const allInput = async () => {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** What may stand in a header. */
const plain = (text) => text.replace(/[^\x20-\x7e]/g, '');

const payload = given === undefined ? await allInput() : Buffer.from(given);
const { TMUX_PANE = '', TMUX = '' } = process.env;
const head = [
  'POST /api/hooks/claude-code HTTP/1.1',
  'Host: localhost',
  'Connection: close',
  'Content-Type: application/json',
  `Content-Length: ${payload.length}`,
  ...(agent === '' ? [] : [`X-Agent-Monitor-Agent: ${plain(agent)}`]),
  `X-Agent-Monitor-Pane: ${plain(TMUX_PANE)}`,
  `X-Agent-Monitor-Tmux: ${plain(TMUX)}`,
];

const socket = connect(socketPath);
socket.setTimeout(WITHIN_MS, () => socket.destroy());
// No monitor is running, or not this one any more: nothing that an agent should hear of.
socket.on('error', () => socket.destroy());
socket.write(`${head.join('\r\n')}\r\n\r\n`);
socket.write(payload);
// Until it is answered, so that the next hook does not overtake this one; the answer decides nothing.
socket.resume();
