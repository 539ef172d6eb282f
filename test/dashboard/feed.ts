/** A feed over a real WebSocket, and the other side of it, which says what the test says. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Batch, Message } from '../../dashboard/src/monitor/messages.ts';
import { createFeed, type Feed } from '../../dashboard/src/monitor/socket-feed.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

export const CONNECTED: Message = {
  ...{ type: 'connected', version: '1.0.0', scope: 'full', epoch: 'e', seq: 0 },
};

export interface TestFeed extends AsyncDisposable {
  feed: Feed;
  clock: ManualClock;
  /** For how long it was waited, by the clock, before each new connection. */
  waits: number[];
  /** Where each connection was asked for. */
  asked: string[];
  /** What was said by the feed, over all connections. */
  said: unknown[];
  /** Tells it over the newest connection, and waits until that is heard. */
  tell(...messages: (Message | Batch)[]): Promise<void>;
  /** Ends the newest connection, and waits until the feed waits before the next one. */
  lose(): Promise<void>;
  /** Waits until there were so many connections. */
  connections(count: number): Promise<void>;
  isLoggedOut: boolean;
  loginsAsked: number;
  /** What listeners have thrown. */
  reported: unknown[];
}

/** Connected once, and told nothing yet. */
export const startFeed = async ({ random = () => 1 } = {}): Promise<TestFeed> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: WebSocket[] = [];
  const clock = createManualClock();
  const test = {
    ...{ waits: [], asked: [], said: [], reported: [] },
    isLoggedOut: false,
    loginsAsked: 0,
  } as Pick<TestFeed, 'waits' | 'asked' | 'said' | 'reported' | 'isLoggedOut' | 'loginsAsked'>;
  server.on('connection', (socket, { url = '' }) => {
    test.asked.push(url);
    socket.on('message', (data) => test.said.push(JSON.parse(String(data))));
    sockets.push(socket);
  });
  const feed = createFeed({
    origin: () => `http://127.0.0.1:${port}`,
    time: {
      ...clock,
      setTimeout: (act, ms) => {
        if (feed.link.peek().status === 'lost' && ms < 10_000) test.waits.push(ms);
        return clock.setTimeout(act, ms);
      },
    },
    random,
    isLoggedOut: async () => test.isLoggedOut,
    logIn: () => {
      test.loginsAsked += 1;
    },
    report: (error) => test.reported.push(error),
  });
  const connections = async (count: number): Promise<void> => {
    while (sockets.length < count) await once(server, 'connection');
  };
  feed.connect();
  await connections(1);
  return Object.assign(test, {
    ...{ feed, clock, connections },
    tell: async (...messages: Message[]) => {
      const heard = hearing(feed, messages.length);
      for (const message of messages) sockets.at(-1)?.send(JSON.stringify(message));
      await heard;
    },
    lose: async () => {
      const before = test.waits.length;
      sockets.at(-1)?.close();
      await vi.waitUntil(() => test.waits.length > before);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.terminate();
      server.close();
      await once(server, 'close');
    },
  });
};

const hearing = (feed: Feed, count: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  const stop = feed.hear(() => {
    left -= 1;
    if (left === 0) resolve();
  });
  return promise.finally(stop);
};
