import { type WebSocket, WebSocketServer } from 'ws';
import type { Log, Monitor } from '../../actors/ports.ts';
import type { TakeUpgrade } from './listener.ts';
import { checkedQuery } from './request.ts';
import { CLOSE, type SocketClient, serveSocket } from './socket-client.ts';
import { socketQuery } from './socket-messages.ts';

const PATHS = new Set(['/ws', '/']);
const MAX_MESSAGE_BYTES = 64 * 1024;

/** The live feed over WebSockets, at `/ws` and at `/`, for any number of clients. */
export interface Sockets {
  takeUpgrade: TakeUpgrade;
  close(): void;
}

/** A client that does not read is told no more, and dropped after `stallMs`. */
export const createSockets = (options: {
  monitor: Monitor;
  log: Log;
  heartbeatMs: number;
  stallMs: number;
}): Sockets => {
  const { monitor, log, heartbeatMs, stallMs } = options;
  const clients = new Map<WebSocket, SocketClient>();
  // Compressing small messages costs more than it saves, and memory for each client.
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const stop = monitor.subscribe((events) => {
    for (const client of clients.values()) client.committed(events);
  });
  const heartbeat = setInterval(() => {
    for (const client of clients.values()) client.beat();
  }, heartbeatMs);
  heartbeat.unref();

  return {
    takeUpgrade: (request, socket, head) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      if (!PATHS.has(pathname)) return false;
      const { after, epoch = null } = checkedQuery(socketQuery, Object.fromEntries(searchParams));
      const from = after === undefined ? null : { epoch, seq: after };
      server.handleUpgrade(request, socket, head, (webSocket) => {
        clients.set(webSocket, serveSocket({ socket: webSocket, monitor, log, from, stallMs }));
        webSocket.once('close', () => clients.delete(webSocket));
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
