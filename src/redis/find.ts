import type { Access, Way } from './access.ts';
import { isSame, ownPid } from './owned.ts';
import { type Answer, probe } from './probe.ts';

/** What is there in place of a Redis that would be started. */
export type Found =
  | { is: 'nothing' }
  /** Something that takes connections and cannot be used. */
  | { is: 'silent'; detail: string }
  /** A Redis that somebody else runs. */
  | { is: 'foreign' }
  /**
   * One that an earlier run left behind. `isAsWanted` where it can be used as it is; else it was
   * started with other settings, or by a version that knew no users.
   */
  | { is: 'own'; way: Way; pid: number; isAsWanted: boolean }
  /** One of those that does not let the monitor in, for now. */
  | { is: 'shut'; way: Way; pid: number; detail: string };

/**
 * Looks for a Redis: in the folder of the private one first, and by its port. Only in the folder it is
 * sure who listens, so only there it is asked in the monitor's own name.
 */
export const findRedis = async (options: {
  folder: string;
  port: number;
  access: Access;
}): Promise<Found> => {
  const { folder, port, access } = options;
  if (access.isThere()) {
    const found = await findOwn(options);
    if (found.is !== 'nothing') return found;
  }
  const way = { host: '127.0.0.1', port };
  const found = await probe(way);
  if (found.is === 'silent') return { is: 'silent', detail: notForUs(port, found.detail) };
  if (found.is === 'nothing') return found;
  const { pid } = found;
  return isOwn(found, folder) ? { is: 'own', way, pid, isAsWanted: false } : { is: 'foreign' };
};

const findOwn = async (options: {
  folder: string;
  port: number;
  access: Access;
}): Promise<Found> => {
  const { folder, port, access } = options;
  const way = access.way();
  const found = await probe(way);
  if (found.is === 'redis') {
    const isAsWanted = found.port === port && found.isBounded && access.isAsWanted();
    return { is: 'own', way, pid: found.pid, isAsWanted };
  }
  if (found.is === 'nothing') return found;
  const pid = ownPid(folder);
  if (pid === null) return { is: 'silent', detail: notKnown(folder, found.detail) };
  if (found.detail.startsWith('WRONGPASS')) return { is: 'own', way, pid, isAsWanted: false };
  return { is: 'shut', way, pid, detail: notLetIn(folder, found.detail) };
};

export const notLetIn = (folder: string, why: string): string =>
  `the private Redis in ${folder} does not let the monitor in: ${why}; where that lasts it is ended and started anew`;

const notKnown = (folder: string, why: string): string =>
  `what listens in ${folder} does not let the monitor in, and redis.pid there does not name it: ${why}`;

const notForUs = (port: number, detail: string): string =>
  `port ${port} is taken by something that is no Redis for us: ${detail}`;

/** What a server says of itself on the network is not enough: its pid is to be signalled. */
const isOwn = (found: Extract<Answer, { is: 'redis' }>, folder: string): boolean =>
  found.folder !== null && isSame(found.folder, folder) && ownPid(folder) === found.pid;
