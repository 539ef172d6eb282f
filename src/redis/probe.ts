import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

const PROBE_MS = 1000;

/** What listens on a port of this machine. */
export type Found =
  | { is: 'nothing' }
  /** Something that takes connections and is no Redis that may be used; `detail` says why. */
  | { is: 'silent'; detail: string }
  /** `folder` is where it keeps its data; null where it does not say. */
  | { is: 'redis'; folder: string | null; pid: number };

/** Asks what listens there, for a second at most. */
export const probe = async (port: number): Promise<Found> => {
  const client = new Redis({
    port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: () => null,
    enableReadyCheck: false,
    protocol: 2, // The greeting of 3 hides the error of a server that wants a password.
  });
  let failure = 'it does not answer';
  client.on('error', (error) => {
    failure = error.message;
  });
  const silence = delay(PROBE_MS, undefined, { ref: false }).then(() => {
    throw new Error(failure);
  });
  try {
    return await Promise.race([ask(client), silence]);
  } catch (error) {
    if (failure.includes('ECONNREFUSED')) return { is: 'nothing' };
    return { is: 'silent', detail: error instanceof Error ? error.message : failure };
  } finally {
    client.disconnect();
  }
};

const ask = async (client: Redis): Promise<Found> => {
  await client.connect();
  const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  return { is: 'redis', pid, folder: await readFolder(client) };
};

/** CONFIG may be forbidden: then nobody can tell whose it is. */
const readFolder = async (client: Redis): Promise<string | null> => {
  try {
    const [, folder] = (await client.config('GET', 'dir')) as string[];
    return folder ?? null;
  } catch {
    return null;
  }
};
