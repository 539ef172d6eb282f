/** A model that says what the walk tells it to, on this machine only. */

import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic } from './anthropic.ts';
import { chat } from './chat.ts';
import type { Call, Dialect, Json, Tool } from './dialect.ts';
import { gemini } from './gemini.ts';
import { responses } from './responses.ts';

/** One question of the agent to its model, held open until it is answered. */
export interface Question {
  tools: Tool[];
  think(text: string): void;
  say(text: string): void;
  call(call: Call): void;
  end(): void;
  /** Refuses to answer; only before anything was said. */
  fail(status: number, message: string): void;
}

/** One turn of the conversation: the questions that hold its prompt. */
export interface Turn {
  /** The next question, or null where none comes in time. */
  next(ms: number): Promise<Question | null>;
  /** From now on every question is answered with a few words. */
  close(): void;
}

export interface ModelServer extends AsyncDisposable {
  url: string;
  /** What the agent tried to reach beyond this machine, through the proxy it was given; refused. */
  refused: ReadonlySet<string>;
  /** Requests that could not be answered here. */
  unknown: ReadonlySet<string>;
  /** Begins a turn whose prompt holds `marker`. Questions without it are answered with a few words. */
  turn(marker: string): Turn;
}

/** Questions that agents ask beside the conversation, though they repeat its prompt. */
const ASIDE =
  /single-line task title|title generator|generate a (?:short |concise )?(?:title|\w+ title)|suggestion mode/i;

const DIALECTS: readonly Dialect[] = [anthropic, chat, responses, gemini];

export const startModelServer = async (): Promise<ModelServer> => {
  const refused = new Set<string>();
  const unknown = new Set<string>();
  let open: { marker: string; take(question: Question): void } | null = null;
  let count = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { host, pathname } = new URL(request.url ?? '/', `http://${own()}`);
    if (host !== own()) {
      refused.add(host);
      return send(response, 403, { error: 'nothing leaves this machine' });
    }
    const text = await textOf(request);
    const dialect = DIALECTS.find(({ path }) => path.test(pathname));
    if (dialect === undefined || request.method !== 'POST') {
      const known = KNOWN.find(([path]) => path.test(pathname));
      if (known === undefined) unknown.add(`${request.method} ${pathname}`);
      return send(response, known === undefined ? 404 : 200, known?.[1] ?? {});
    }
    const body = JSON.parse(text) as Json;
    count += 1;
    const id = `canary${count}`;
    if (!dialect.streams(pathname, body)) {
      return send(response, 200, dialect.whole(id, FEW_WORDS));
    }
    const question = questionOf(dialect, id, body, response);
    const isOfTurn = open !== null && question.tools.length > 0 && text.includes(open.marker);
    if (isOfTurn && !ASIDE.test(text.slice(-ASIDE_LENGTH))) return open?.take(question);
    question.say(FEW_WORDS);
    question.end();
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      unknown.add(`${request.method} ${request.url}: ${String(error)}`);
      response.destroy();
    });
  });
  const own = (): string => `127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on('connect', (request, socket) => {
    socket.on('error', () => socket.destroy()); // The agent may have hung up already.
    const host = request.url ?? '';
    if (host === own()) {
      // Gemini CLI 0.38 and Qwen Code 0.15 go through the proxy even to this machine.
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      server.emit('connection', socket);
      return;
    }
    refused.add(host);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://${own()}`,
    refused,
    unknown,
    turn: (marker) => {
      const turn = createTurn();
      const mine = { marker, take: turn.take };
      open = mine;
      return {
        next: turn.next,
        close: () => {
          if (open === mine) open = null;
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

/** What agents ask for beside answers, and need to start. */
const KNOWN: readonly (readonly [RegExp, Json])[] = [
  [/\/count_tokens$/, { input_tokens: 1200 }],
  [/:countTokens$/, { totalTokens: 1200 }],
  [/\/models$/, { object: 'list', data: [{ id: 'scripted-model', object: 'model' }], models: [] }],
  [/^\/$/, {}],
];

const FEW_WORDS = 'A short answer';
const ASIDE_LENGTH = 20_000;

/** Questions wait for whoever asks for them, and whoever asks waits for questions. */
const createTurn = () => {
  const waiting: Question[] = [];
  let wake: ((question: Question) => void) | null = null;
  return {
    take: (question: Question): void => {
      if (wake) wake(question);
      else waiting.push(question);
    },
    next: async (ms: number): Promise<Question | null> => {
      const first = waiting.shift();
      if (first) return first;
      const { promise, resolve } = Promise.withResolvers<Question | null>();
      const timer = setTimeout(() => resolve(null), ms);
      wake = resolve;
      const question = await promise;
      clearTimeout(timer);
      wake = null;
      return question;
    },
  };
};

const questionOf = (
  dialect: Dialect,
  id: string,
  body: Json,
  response: ServerResponse,
): Question => {
  const encoder = dialect.encoder(id);
  let isOpen = false;
  const write = (text: string): void => {
    if (response.destroyed) return; // The agent was interrupted and has hung up.
    if (!isOpen) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
      response.write(encoder.open());
      isOpen = true;
    }
    response.write(text);
  };
  return {
    tools: dialect.tools(body),
    think: (text) => write(encoder.think(text)),
    say: (text) => write(encoder.say(text)),
    call: (call) => write(encoder.call(call)),
    end: () => {
      write(encoder.close());
      response.end();
    },
    fail: (status, message) => send(response, status, dialect.failure(status, message)),
  };
};

const send = (response: ServerResponse, status: number, body: Json): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};
