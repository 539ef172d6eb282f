import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Where a private Redis writes its pid; nobody else can write into its folder. */
export const pidFile = (folder: string): string => join(folder, 'redis.pid');

/** The pid that the private Redis of this folder wrote down, where it still has it. */
export const ownPid = (folder: string): number | null => {
  const pid = readPid(folder);
  return pid !== null && isRedisIn(pid, folder) ? pid : null;
};

/**
 * True where this process is a redis-server working in the folder. Without /proc nothing more can be
 * told than that there is a process of another.
 */
export const isRedisIn = (pid: number, folder: string): boolean => {
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === process.pid) return false;
  if (!existsSync('/proc/self/cmdline')) return isThere(pid);
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes('redis-server') && isSame(readlinkSync(`/proc/${pid}/cwd`), folder);
  } catch {
    return false; // It has ended, or is another user's.
  }
};

/** True where that redis-server is there no more, and whatever listened for it has gone with it. */
export const hasEnded = (pid: number, folder: string): boolean =>
  !isRedisIn(pid, folder) && !isEnding(pid);

/**
 * A process that ends forgets its command first, and lets go of its sockets with the last of its
 * threads, when the first one may be a zombie already.
 */
const isEnding = (pid: number): boolean => {
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '') return false; // The pid is another's.
    const isZombie = /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return !isZombie || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false; // It has gone, or there is no /proc.
  }
};

/** True for two paths of one folder that exists. */
export const isSame = (found: string, folder: string): boolean => {
  try {
    return realpathSync(found) === realpathSync(folder);
  } catch {
    return false; // One of them does not exist here, so they are not the same.
  }
};

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // It has ended, or is another user's.
  }
};

const readPid = (folder: string): number | null => {
  try {
    return Number(readFileSync(pidFile(folder), 'utf8'));
  } catch {
    return null; // None was written, or it ended in order.
  }
};
