import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Bus, Check, Clock, Log, Outbox, Part, RelayStatus } from '../../actors/ports.ts';
import { withNextStep } from './advice.ts';
import { createBus } from './bus.ts';
import { namesFor } from './names.ts';
import { startRedisServer } from './server.ts';

const DEFAULT_PORT = 6379;

export interface RedisConnection {
  readonly bus: Bus;
  /** Where the relay says how it gets on. */
  report(status: RelayStatus): void;
  /** The seq of the last event in the stream. */
  relayed(): number;
  /** Resolves when the stream has every committed event, or after `withinMs`. */
  relayedAll(withinMs: number): Promise<void>;
  check(): Check;
  /** Lets go of Redis, and ends it if it is a private one. */
  stop(): Promise<void>;
}

/** Redis, wherever it comes from: found, named by `config.redisUrl`, or started here. */
export const createRedis = (options: {
  config: {
    redisUrl: string | null;
    redisPassword: string | null;
    redisPrefix: string;
    dataDir: string;
  };
  host: string;
  outbox: Outbox;
  clock: Clock;
  log: Log;
  /** A Redis that is started here. */
  part: Part;
  /** Where a local Redis is looked for, and a private one started. */
  port?: number;
}): RedisConnection => {
  const { config, host, outbox, clock, log, part, port = DEFAULT_PORT } = options;
  const { redisUrl: url, redisPassword: password, redisPrefix: prefix } = config;
  const folder = join(config.dataDir, 'redis');
  const names = namesFor(prefix);
  const server = startRedisServer({ url, password, names, folder, port, clock, log, part });
  const epoch = () => outbox.epoch;
  const bus = createBus({ url, follow: server.follow, prefix, epoch, host, clock, log });
  let status: RelayStatus = { state: 'degraded', lastRelayed: 0, detail: 'not begun' };
  let waiting: (() => void)[] = [];

  return {
    bus,
    report: (next) => {
      status = next;
      if (next.lastRelayed < outbox.last()) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    relayed: () => status.lastRelayed,
    relayedAll: async (withinMs) => {
      await setImmediate(); // What was recorded in this turn is committed at its end.
      if (status.state !== 'relaying' || status.lastRelayed >= outbox.last()) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      const timer = clock.setTimeout(resolve, withinMs);
      await promise;
      clock.clearTimeout(timer);
    },
    check: () => {
      const found = server.check();
      if (status.state === 'relaying' || found.status !== 'ok') return found;
      const why = withNextStep(status.detail, server.isPrivate());
      return { status: 'degraded', detail: `${found.detail}: ${why}` };
    },
    stop: async () => {
      await bus.close();
      await server.stop();
    },
  };
};
