import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations, refusalsOf } from '../../../src/http/operations.ts';
import { createServer } from '../../../src/http/server.ts';
import { openTokens } from '../../../src/http/tokens.ts';
import { createRecordedPart } from '../../support/parts.ts';
import { createRecordedLog } from '../../support/recorded-log.ts';
import { createFakeMonitor, type FakeMonitor } from './fake-monitor.ts';

export const TOKEN = 'A'.repeat(43);
export const READ_TOKEN = 'R'.repeat(43);

type ServerOptions = Parameters<typeof createServer>[0];
type Options = Partial<Omit<ServerOptions, 'config' | 'monitor'>> & {
  monitor?: FakeMonitor;
  config?: Partial<ServerOptions['config']>;
};

/** A listening server on a free port and a socket of its own, over a monitor in memory. */
export const startServer = async (options: Options = {}) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'am-http-'));
  const log = createRecordedLog();
  const monitor = options.monitor ?? createFakeMonitor();
  const config = { apiHost: '127.0.0.1', apiPort: 0, allowedHosts: [], dataDir, ...options.config };
  const parts = { port: createRecordedPart(), socket: createRecordedPart() };
  writeFileSync(join(dataDir, 'token'), TOKEN, { mode: 0o600 });
  writeFileSync(join(dataDir, 'token-read'), READ_TOKEN, { mode: 0o600 });
  const tokens = openTokens({ dataDir, log });
  const server = createServer({ tokens, log, parts, ...options, monitor, config });
  const { port, socket } = await server.listen();
  return {
    server,
    monitor,
    port,
    socketPath: socket ?? '',
    dataDir,
    log,
    /** Asks over TCP; the token goes along unless other headers are given. */
    call: (method: string, path: string, sent: Sent = {}) => call(port, method, path, sent),
    raw: (text: string) => raw(port, text),
    [Symbol.asyncDispose]: async () => {
      await server.close();
      tokens.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

export interface Sent {
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  socketPath?: string;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  body: Record<string, unknown>;
}

/** One request on a connection of its own. */
const call = (port: number, method: string, path: string, sent: Sent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { headers = { authorization: `Bearer ${TOKEN}` }, body, socketPath } = sent;
    const to = socketPath === undefined ? { host: '127.0.0.1', port } : { socketPath };
    const outgoing = request({ ...to, method, path, headers, agent: false }, async (incoming) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const isJson = /json/.test(incoming.headers['content-type'] ?? '') && text !== '';
      const { statusCode: status = 0, headers: answered } = incoming;
      const body = isJson ? JSON.parse(text) : {};
      const surprise = surpriseIn(method, path, body);
      if (surprise === null) resolve({ status, headers: answered, text, body });
      else reject(new Error(surprise));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });

/** A refusal of the caller that the API's document does not know of; null for all else. */
const surpriseIn = (method: string, path: string, { code, status }: Answer['body']) => {
  if (typeof code !== 'string' || Number(status) >= 500) return null;
  const [asked = ''] = path.split('?', 1);
  const call = CALLS.find((one) => one.method === method && one.at.test(asked));
  if (!call || call.refusals.has(code)) return null;
  return `${method} ${asked} was refused with ${code}, which its description does not have`;
};

const CALLS = operations([])
  // What is more particular comes first.
  .sort((one, other) => other.path.length - one.path.length)
  .map((operation) => ({
    method: operation.method.toUpperCase(),
    at: new RegExp(`^${operation.path.replaceAll('.', '\\.').replace(/:\w+/, '[^/]+')}$`),
    refusals: new Set<string>(refusalsOf(operation)),
  }));

/** Sends bytes as they are and answers all that comes back until the server closes. */
export const raw = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
  });

/** A raw connection whose received text can be waited for. */
export const openConnection = async (
  port: number,
  localAddress = '127.0.0.1',
): Promise<Connection> => {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  const until = (wanted: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (!text.includes(wanted)) return;
        socket.off('data', look);
        socket.off('close', closed);
        resolve(text);
      };
      const closed = () => reject(new Error(`closed before "${wanted}" came, after: ${text}`));
      socket.on('data', look);
      socket.once('close', closed);
      look();
    });
  return { socket, until, received: () => text };
};

export interface Connection {
  socket: Socket;
  until(wanted: string): Promise<string>;
  received(): string;
}
