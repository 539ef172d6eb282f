import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Way } from './access.ts';
import { isBounded } from './bounds.ts';

const PROBE_MS = 1000;

/** What listens at a place of this machine. */
export type Answer =
  | { is: 'nothing' }
  /** Something that takes connections and is no Redis that may be used; `detail` says why. */
  | { is: 'silent'; detail: string }
  | {
      is: 'redis';
      /** Where it keeps its data; null where it does not say. */
      folder: string | null;
      pid: number;
      port: number;
      /** True where it is known to keep to the bounds of a private one. */
      isBounded: boolean;
    };

/** Asks what listens there, for a second at most. */
export const probe = async (way: Way): Promise<Answer> => {
  const client = new Redis({
    ...way,
    lazyConnect: true,
    retryStrategy: () => null,
    enableReadyCheck: false,
    protocol: 2, // The greeting of 3 hides the error of a server that wants a password.
  });
  let failure: string | null = null; // Why a connection was lost; what was asked only hears that it was.
  client.on('error', (error) => {
    failure = error.message;
  });
  const silence = delay(PROBE_MS, undefined, { ref: false }).then(() => {
    throw new Error('it does not answer');
  });
  try {
    return await Promise.race([ask(client), silence]);
  } catch (error) {
    const detail = failure ?? (error instanceof Error ? error.message : String(error));
    return /ECONNREFUSED|ENOENT/.test(detail) ? { is: 'nothing' } : { is: 'silent', detail };
  } finally {
    client.disconnect();
  }
};

const ask = async (client: Redis): Promise<Answer> => {
  await client.connect();
  const told = await client.info('server');
  const numberOf = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(told)?.[1]);
  const [pid, port] = [numberOf('process_id'), numberOf('tcp_port')];
  const folder = await readFolder(client);
  return { is: 'redis', pid, port, folder, isBounded: await isBounded(client).catch(() => false) };
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
