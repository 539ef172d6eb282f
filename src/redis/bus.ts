import type { Redis } from 'ioredis';
import type { Bus, Clock, Log, Stop } from '../../actors/ports.ts';
import type { Way } from './access.ts';
import { createClient, lead } from './client.ts';
import { createJobs } from './jobs.ts';
import { namesFor } from './names.ts';
import { createPublisher } from './publisher.ts';

export interface RedisBus extends Bus {
  close(): Promise<void>;
}

/** Redis as the place where events are told: stream, pub/sub channel and job queue. */
export const createBus = (options: {
  /** Null: wherever `follow` leads. */
  url: string | null;
  /** Calls back with the way to Redis, once there is one and whenever it becomes another. */
  follow?: (listener: (way: Way) => void) => Stop;
  /** Goes before every name in Redis; empty for none. */
  prefix: string;
  /** The epoch of the events; it may change while the program runs. */
  epoch: () => string;
  host: string;
  clock: Clock;
  log: Log;
}): RedisBus => {
  const { url, follow, prefix, epoch, host, clock, log } = options;
  const names = namesFor(prefix);
  // Each has a connection of its own: a thousand jobs do not keep one event waiting.
  const publishing = createClient({ url, name: 'publisher', log });
  const queueing = createClient({ url, name: 'jobs', log });
  const unfollow = follow?.((way) => {
    lead(publishing, way);
    lead(queueing, way);
  });
  const publisher = createPublisher({ client: publishing, names, epoch, host, clock, log });
  const jobs = createJobs({ client: queueing, names, log });
  return {
    streamLength: publisher.streamLength,
    position: publisher.position,
    append: publisher.append,
    enqueue: jobs.enqueue,
    onReady: (listener) => {
      const clients = [publishing, queueing];
      const stops = [
        onAllReady(clients, listener),
        publisher.onFree(() => {
          if (areReady(clients)) listener(true);
        }),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    close: async () => {
      unfollow?.();
      await publisher.close();
      await jobs.close();
      publishing.disconnect();
      queueing.disconnect();
    },
  };
};

const onAllReady = (clients: Redis[], listener: Parameters<Bus['onReady']>[0]): Stop => {
  let why = '';
  const ready = (): void => {
    if (!areReady(clients)) return;
    why = '';
    listener(true);
  };
  const failed = ({ message }: Error): void => {
    why = message;
  };
  // It follows each error that a connection ends with.
  const away = (): void => listener(false, why);
  for (const client of clients) client.on('ready', ready).on('error', failed).on('close', away);
  ready();
  return () => {
    for (const client of clients) {
      client.off('ready', ready).off('error', failed).off('close', away);
    }
  };
};

const areReady = (clients: Redis[]): boolean => clients.every(({ status }) => status === 'ready');
