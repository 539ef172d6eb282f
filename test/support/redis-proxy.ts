/** What stands between a client and its Redis, and can hold up or delay what Redis answers. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface RedisProxy extends AsyncDisposable {
  readonly url: string;
  /** It takes connections and what is sent, and never answers: a half-open connection. */
  hold(): void;
  /** Each answer takes so long; 0 lets them through at once. Connections that were held are ended. */
  pass(delayMs?: number): void;
}

export const startRedisProxy = async (redis: { port: number }): Promise<RedisProxy> => {
  const sockets = new Set<Socket>();
  let delayMs: number | null = 0;

  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined); // It closes, which is all that matters.
    socket.once('close', () => sockets.delete(socket));
  };
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };

  const server = createServer((client) => {
    track(client);
    if (delayMs === null) return;
    const upstream = connect(redis.port, '127.0.0.1');
    track(upstream);
    client.on('data', (data) => {
      if (delayMs !== null) upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (delayMs === 0) client.write(data);
      else if (delayMs !== null) setTimeout(() => client.write(data), delayMs);
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port was given');

  return {
    url: `redis://127.0.0.1:${address.port}`,
    hold: () => {
      delayMs = null;
    },
    pass: (ms = 0) => {
      if (delayMs === null) endAll();
      delayMs = ms;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      endAll();
      await closed;
    },
  };
};
