import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Log } from '../../actors/ports.ts';
import type { Caller } from './admission.ts';
import { Refusal } from './errors.ts';
import { answerRaw } from './raw.ts';

/** Takes over an admitted upgrade request; false where nothing is served at its path. */
export type TakeUpgrade = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  caller: Caller,
) => boolean;

/** A bounded HTTP server. `met` is told of each connection before anything is read from it. */
export const createListener = (options: {
  answer: RequestListener;
  limits: {
    maxHeaderBytes: number;
    headersMs: number;
    requestMs: number;
    maxConnections: number;
  };
  met(socket: Socket): void;
  admit(request: IncomingMessage, answer: Duplex): Promise<Caller | null>;
  takeUpgrade: TakeUpgrade;
  log: Log;
}): Server => {
  const { limits } = options;
  /** The answer that a connection is busy with, or was last. */
  const answers = new WeakMap<Duplex, ServerResponse>();
  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
      // A missing one is refused with all other wrong ones.
      requireHostHeader: false,
      // Other upgrades, such as curl's to HTTP/2, are offers that a server may pass over.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      answers.set(request.socket, response);
      options.answer(request, response);
    },
  );
  server.maxConnections = limits.maxConnections;
  server.on('connection', options.met);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = answers.get(socket);
    const underWay = answer?.headersSent === true && !answer.writableFinished;
    if (underWay || error.code === 'ECONNRESET') socket.destroy();
    else if (socket.writable) answerRaw(socket, refusalOf(error.code));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    options
      .admit(request, socket)
      .then((caller) => {
        if (caller === null || !options.takeUpgrade(request, socket, head, caller)) {
          throw new Refusal('No WebSocket is served here.', { code: 'not_found' });
        }
      })
      .catch((error: unknown) => {
        if (!(error instanceof Refusal)) options.log.error({ err: error }, 'an upgrade failed');
        answerRaw(socket, error);
      });
  });
  return server;
};

const refusalOf = (code: string | undefined): Refusal => {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Refusal('The headers are too long.', { code: 'headers_too_large' });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Refusal('The request did not arrive in time.', { code: 'request_timeout' });
  }
  return new Refusal('This is not valid HTTP.', { code: 'bad_request' });
};
