import { existsSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
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
