import { type ParsedUrlQuery, parse } from 'node:querystring';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Log, Monitor } from '../../actors/ports.ts';
import type { TakeUpgrade } from './listener.ts';
import type { DropReason, HttpMeter } from './meter.ts';
import { CLOSE, type PacedSocket } from './paced-socket.ts';
import { checkedQuery } from './request.ts';
import { type SocketClient, serveSocket } from './socket-client.ts';
import { serveInspector } from './socket-inspector.ts';
import { socketQuery } from './socket-messages.ts';
import type { Scope } from './token.ts';

const FEED_PATHS = new Set(['/ws', '/']);
const INSPECT_PATH = '/api/inspect';
const MAX_MESSAGE_BYTES = 64 * 1024;

/** The live feed at `/ws` and at `/`, and the live actors at `/api/inspect`. */
export interface Sockets {
  takeUpgrade: TakeUpgrade;
  close(): void;
}

type Client = Pick<PacedSocket, 'beat' | 'close'> & Partial<Pick<SocketClient, 'committed'>>;

/** A client that does not read is told no more, and dropped after `stallMs`. */
export const createSockets = (options: {
  monitor: Monitor;
  log: Log;
  meter: HttpMeter;
  heartbeatMs: number;
  stallMs: number;
}): Sockets => {
  const { monitor, log, meter, heartbeatMs, stallMs } = options;
  const clients = new Map<WebSocket, Client>();
  const counted = () => meter.reading('ws', clients.size);
  const dropped = (reason: DropReason) => meter.dropped('ws', reason);
  // Compressing small messages costs more than it saves, and memory for each client.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const stop = monitor.subscribe((events) => {
    for (const client of clients.values()) client.committed?.(events);
  });
  const heartbeat = setInterval(() => {
    for (const client of clients.values()) client.beat();
  }, heartbeatMs);
  heartbeat.unref();

  const serving = (
    path: string,
    query: ParsedUrlQuery,
    scope: Scope,
  ): ((socket: WebSocket) => Client) | null => {
    if (path === INSPECT_PATH) {
      return (socket: WebSocket) =>
        serveInspector({ socket, inspector: monitor.inspector, log, stallMs, dropped });
    }
    if (!FEED_PATHS.has(path)) return null;
    const { after, epoch = null, batch } = checkedQuery(socketQuery, query);
    const from = after === undefined ? null : { epoch, seq: after };
    return (socket: WebSocket) =>
      serveSocket({ socket, monitor, log, scope, from, batch, stallMs, dropped });
  };

  return {
    takeUpgrade: (request, socket, head, caller) => {
      const [path = '', ...query] = (request.url ?? '').split('?');
      const serve = serving(path, parse(query.join('?')), caller.scope ?? 'full');
      if (!serve) return false;
      server.handleUpgrade(request, socket, head, (webSocket) => {
        clients.set(webSocket, serve(webSocket));
        counted();
        webSocket.once('close', () => {
          clients.delete(webSocket);
          counted();
        });
      });
      return true;
    },
    close: () => {
      stop();
      clearInterval(heartbeat);
      for (const client of clients.values()) client.close(CLOSE.goingAway, 'the monitor stops');
    },
  };
};
