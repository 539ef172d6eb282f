import { Redis } from 'ioredis';
import type { Log } from '../../actors/ports.ts';
import type { Way } from './access.ts';

/** After this a command's outcome is unknown: Redis may still carry it out when it wakes. */
const COMMAND_TIMEOUT_MS = 1000;
const SILENT_SOCKET_MS = 5000;
const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_MAX_MS = 2000;

/**
 * A client that fails rather than waits: while Redis is away a command is refused at once, one that
 * gets no answer fails, and none is sent again by itself. It connects again for ever.
 */
export const createClient = (options: {
  /** Null: it connects to nothing before `lead`. */
  url: string | null;
  name: string;
  log: Log;
}): Redis => {
  const { url, name, log } = options;
  const client = new Redis(url ?? '', {
    lazyConnect: url === null,
    connectionName: `agent-monitor-${name}`,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: null, // Lost commands fail by the line above, not by being counted.
    commandTimeout: COMMAND_TIMEOUT_MS,
    socketTimeout: SILENT_SOCKET_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), RECONNECT_MAX_MS),
  });
  client.on('error', (err: Error) => log.debug({ err, name }, 'a connection to Redis failed'));
  return client;
};

/** Takes a client away from where it is connected, if it is, and on to another Redis. */
export const lead = (client: Redis, way: Way): void => {
  // The client reads them at each attempt to connect (ioredis 6.0).
  Object.assign(client.options, NOBODY, way);
  if (client.status !== 'wait') client.disconnect(true);
  else client.connect().catch(() => undefined); // `error` tells of it, and it tries again.
};

const NOBODY = { path: undefined, username: undefined, password: undefined };
