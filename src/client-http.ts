/** How the client's requests go to the monitor: over its unix socket, else over its port. */

import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { whoHears } from './own-port.ts';

/**
 * Where a monitor is, and how long it is waited for. The socket is tried first: it needs no token.
 * Without one, the port is used only where this user's program, or root's, is seen to listen there.
 */
export interface Place {
  socketPath?: string;
  /** 0, a free one that only the monitor itself knows, counts as none. */
  port?: number;
  host?: string;
  /** For those who are not the monitor's user. */
  token?: string;
  /** After so long without a word a request, or a stream, is taken for broken off. */
  silenceMs?: number;
  /** From one try to follow again to the next. */
  retryMs?: number;
}

/** One server-sent message. `data` is empty where it only gives an id. */
export interface Message {
  event: string;
  id: string;
  data: string;
}

/** What the API, or its absence, answered to a call. */
export class ApiError extends Error {
  /** The API's own, such as `session_not_found`; or `empty_name`, `not_running`, `not_the_monitor`, `broken_off`. */
  readonly code: string;
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  readonly detail: string;
  /** Which fields were wrong. */
  readonly errors: readonly { path: string; message: string }[];
  constructor(
    code: string,
    detail: string,
    options: { status?: number; errors?: ApiError['errors'] } & ErrorOptions = {},
  ) {
    super(detail, options);
    this.code = code;
    this.detail = detail;
    this.status = options.status ?? null;
    this.errors = options.errors ?? [];
  }

  /** It answers, and will answer the same again: it is no use to try once more. */
  get isLasting(): boolean {
    if (this.code === 'not_the_monitor' || this.code === 'empty_name') return true;
    return this.status !== null && this.status < 500 && this.code !== 'queue_full';
  }
}

export interface Sent {
  headers?: Record<string, string>;
  body?: object | undefined;
  signal?: AbortSignal | undefined;
}

/** @throws {ApiError} where nobody answers, or it refuses. */
export const ask = async (
  place: Place,
  method: string,
  path: string,
  sent: Sent,
): Promise<object> => {
  const answer = await open(place, method, path, sent);
  const body = await bodyOf(answer);
  if (!isFine(answer)) throw refused(answer, body);
  return body;
};

/** @throws {ApiError} where it cannot be opened, and where it breaks off. */
export async function* listen(place: Place, path: string, sent: Sent): AsyncGenerator<Message> {
  const answer = await open(place, 'GET', path, sent);
  if (!isFine(answer)) throw refused(answer, await bodyOf(answer));
  if (!answer.headers['content-type']?.startsWith('text/event-stream')) {
    answer.destroy();
    throw notOurs();
  }
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of answer) {
      const blocks = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) yield messageOf(block);
    }
  } catch (error) {
    throw brokenOff(error);
  }
}

/** Something else may answer on the port, now or later. */
export const notOurs = (): ApiError =>
  new ApiError('not_the_monitor', 'what answers is not the monitor');

const open = async (
  { socketPath, port = 0, host = '127.0.0.1', token, silenceMs: timeout = SILENCE_MS }: Place,
  method: string,
  path: string,
  sent: Sent,
): Promise<IncomingMessage> => {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const doors = [
    ...(socketPath === undefined ? [] : [{ socketPath }]),
    ...(port === 0 ? [] : [{ host, port }]),
  ];
  for (const door of doors) {
    try {
      const isSurelyOurs = 'socketPath' in door || token !== undefined;
      const to = isSurelyOurs ? door : await throughOwnPort(door, timeout, sent.signal);
      return await send({ ...to, timeout }, method, path, {
        ...sent,
        headers: { ...headers, ...sent.headers },
      });
    } catch (error) {
      if (!isNobody(error)) throw brokenOff(error);
    }
  }
  const tried = [socketPath, port === 0 ? undefined : `port ${port}`];
  const where = tried.filter((door) => door !== undefined).join(' or ');
  throw new ApiError('not_running', `no monitor answers at ${where}`);
};

/** More than the longest wait for a command's end, and than three heartbeats of an event stream. */
const SILENCE_MS = 75_000;

/** @throws {ApiError} where somebody else may hear what is said there. */
const throughOwnPort = async (
  { host, port }: { host: string; port: number },
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<{ createConnection: () => Socket }> => {
  const socket = connect({ host, port, timeout, ...(signal === undefined ? {} : { signal }) });
  await once(socket, 'connect');
  // What goes wrong meanwhile is told when it is used.
  socket.on('error', () => socket.destroy());
  const who = await whoHears(socket);
  if (who === 'own') return { createConnection: () => socket };
  socket.destroy();
  const why = who === 'another' ? 'belongs to another user' : "may be anybody's";
  throw new ApiError(
    'not_the_monitor',
    `what listens on port ${port} of ${host} ${why}, so nothing is said to it without a token`,
  );
};

const send = async (
  to: Pick<RequestOptions, 'socketPath' | 'host' | 'port' | 'timeout' | 'createConnection'>,
  method: string,
  path: string,
  { headers, body, signal }: Sent,
): Promise<IncomingMessage> => {
  const outgoing = request({
    ...{ ...to, method, path },
    // An agent would open a connection of its own.
    ...(to.createConnection === undefined ? { agent: false } : {}),
    ...(signal === undefined ? {} : { signal }),
    headers: {
      Host: 'localhost',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
  });
  outgoing.once('timeout', () => outgoing.destroy(new Error('it does not answer')));
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  // It may still fall silent: then whoever reads the answer is told so.
  outgoing.on('error', (error) => answer.destroy(error));
  return answer;
};

const isFine = ({ statusCode = 500 }: IncomingMessage): boolean => statusCode < 400;

/** What the API answers is always an object, and bounded by a screen's scrollback. */
const bodyOf = async (answer: IncomingMessage): Promise<object> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  } catch (error) {
    throw brokenOff(error);
  }
  const body = parsed(Buffer.concat(chunks).toString());
  if (typeof body !== 'object' || body === null) throw notOurs();
  return body;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is, it is told as what it is not: the monitor's.
    return null;
  }
};

const messageOf = (block: string): Message => {
  const message: Message = { event: '', id: '', data: '' };
  for (const line of block.split('\n')) {
    const [, field, value] = /^(event|id|data): (.*)$/.exec(line) ?? [];
    if (field !== undefined) message[field as keyof Message] += value;
  }
  return message;
};

const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTSOCK', 'EACCES', 'ENOTDIR']);

const isNobody = (error: unknown): boolean =>
  NOBODY.has((error as NodeJS.ErrnoException).code ?? '') ||
  // A path too long for a unix socket: the monitor opens none either.
  (error as NodeJS.ErrnoException).code === 'EINVAL';

const brokenOff = (error: unknown): Error => {
  const { name, message } = error as Error;
  // The caller himself has ended it, and is told so in the words that he knows.
  if (error instanceof ApiError || name === 'AbortError') return error as Error;
  return new ApiError('broken_off', `the monitor broke off: ${message}`, { cause: error });
};

interface Problem {
  code?: string;
  title?: string;
  detail?: string;
  errors?: { path: string; message: string }[];
}

const refused = ({ statusCode: status = 500 }: IncomingMessage, problem: Problem): ApiError => {
  const { code, detail, title, errors = [] } = problem;
  if (code === undefined) return notOurs();
  return new ApiError(code, detail ?? title ?? `it answered ${status}`, { status, errors });
};
