/** The monitor's REST API, asked over the unix socket in its data folder, else over its port. */

import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Failure, Refused } from './failure.ts';

export interface Api {
  /**
   * The answer's body.
   * @param mark a field that the monitor's answer has, by which it is known to be the monitor's.
   * @throws {Failure} where nobody answers, or not the monitor, or it refuses.
   */
  get<Body extends object>(path: string, mark: keyof Body & string): Promise<Body>;
  /** As `get`. */
  post<Body extends object>(path: string, body: object, mark: keyof Body & string): Promise<Body>;
  /**
   * Hands on each message of an event stream until it ends. `lastId` is the id of the last one had.
   * @throws {Failure} where it cannot be opened.
   */
  stream(
    path: string,
    lastId: string | null,
    heard: (message: Message) => Promise<void>,
  ): Promise<void>;
}

/** One server-sent message. `data` is empty where it only gives an id. */
export interface Message {
  event: string;
  id: string;
  data: string;
}

export const createApi = (place: { socketPath: string; host: string; port: number }): Api => {
  const open = async (
    method: string,
    path: string,
    options: Sent = {},
  ): Promise<IncomingMessage> => {
    try {
      return await send({ socketPath: place.socketPath }, method, path, options);
    } catch (error) {
      if (!isNobody(error)) throw broken(error);
    }
    try {
      const { host, port } = place;
      // Port 0 is a free one that only the monitor itself knows.
      if (port === 0) throw notRunning(place.socketPath);
      return await send({ host, port }, method, path, options);
    } catch (error) {
      throw isNobody(error)
        ? notRunning(`${place.socketPath} or port ${place.port}`)
        : broken(error);
    }
  };

  const ask = async <Body extends object>(
    method: string,
    path: string,
    { mark, ...sent }: Sent & { mark: keyof Body & string },
  ): Promise<Body> => {
    const answer = await open(method, path, sent);
    const body = await bodyOf(answer);
    if (!isFine(answer)) throw refused(answer, body);
    if (!(mark in body)) throw notOurs();
    return body as Body;
  };

  return {
    get: (path, mark) => ask('GET', path, { mark }),
    post: (path, body, mark) => ask('POST', path, { body: JSON.stringify(body), mark }),
    stream: async (path, lastId, heard) => {
      const headers = lastId === null ? {} : { 'Last-Event-ID': lastId };
      const answer = await open('GET', path, { headers });
      if (!isFine(answer)) throw refused(answer, await bodyOf(answer));
      if (!answer.headers['content-type']?.startsWith('text/event-stream')) {
        answer.destroy();
        throw notOurs();
      }
      for await (const message of messagesOf(answer)) await heard(message);
    },
  };
};

interface Sent {
  headers?: Record<string, string>;
  body?: string;
}

/** More than the longest wait for a command's end, and than three heartbeats of an event stream. */
const SILENCE_MS = 75_000;

const send = async (
  to: { socketPath: string } | { host: string; port: number },
  method: string,
  path: string,
  { headers, body }: Sent,
): Promise<IncomingMessage> => {
  const outgoing = request({
    ...to,
    method,
    path,
    headers: {
      Host: 'localhost',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    agent: false,
    timeout: SILENCE_MS,
  });
  outgoing.once('timeout', () => outgoing.destroy(new Error('it does not answer')));
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
};

const isFine = ({ statusCode = 500 }: IncomingMessage): boolean => statusCode < 400;

/** What the API answers is always an object, and bounded by a screen's scrollback. */
const bodyOf = async (answer: IncomingMessage): Promise<object> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  } catch (error) {
    throw broken(error);
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

async function* messagesOf(answer: IncomingMessage): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of answer) {
      const blocks = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) yield messageOf(block);
    }
  } catch (error) {
    throw broken(error);
  }
}

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

const notRunning = (where: string): Failure =>
  new Failure(
    `no monitor answers at ${where}. Start it with \`npm start\`; if it runs with another data ` +
      'folder, set AGENT_MONITOR_DATA_DIR as it has it',
  );

/** Something else may answer on the port, now or later. */
const notOurs = (): Failure =>
  new Refused('what answers is not the monitor; check API_PORT and AGENT_MONITOR_DATA_DIR');

const broken = (error: unknown): Error =>
  error instanceof Failure
    ? error
    : new Failure(`the monitor broke off: ${(error as Error).message}. Its log may say why`, {
        cause: error,
      });

interface Problem {
  code?: string;
  title?: string;
  detail?: string;
  errors?: { path: string; message: string }[];
}

const refused = ({ statusCode: status = 500 }: IncomingMessage, problem: Problem): Failure => {
  if (problem.code === undefined) return notOurs();
  const { code, detail, title, errors = [] } = problem;
  const fields = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  // What the API says of its own calls, the command line says in its own words.
  const told = detail?.replace(/; GET \/api\/agents lists them$/, '') ?? title;
  const what = fields || (told ?? `the monitor answered ${status}`);
  const next = AFTER_REFUSAL[code];
  const message = next ? `${what.replace(/\.$/, '')}. ${next}` : what;
  return status >= 500 ? new Failure(message) : new Refused(message);
};

/** What a person can do, by the code of the refusal. */
const AFTER_REFUSAL: Record<string, string> = {
  session_not_found: '`agent-monitor list` shows the sessions that are watched',
  pane_gone: '`agent-monitor list` shows the sessions that are there',
  dialog_stale: '`agent-monitor show <session>` shows the dialog that is open now',
  choice_unknown: '`agent-monitor show <session>` shows the options',
  unauthorized: 'Run this as the user that runs the monitor',
  queue_full: 'Wait until some are sent, and try again',
  stopping: 'Try again when it has started',
};
