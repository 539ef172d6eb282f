/** What the system knows of the tmux server's process, where it has a /proc. */

import { readFileSync } from 'node:fs';

/** False for a process that has ended but was not yet collected by its parent. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !/^State:\s+[ZX]/m.test(readProc(pid, 'status') ?? '');
};

/** The soft limit of open files of a process; where that is secret, what Unix systems start with. */
export const maxFilesOf = (pid: number): number => {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readProc(pid, 'limits') ?? '')?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft ?? DEFAULT_MAX_FILES);
};

const DEFAULT_MAX_FILES = 256;

const readProc = (pid: number, file: string): string | null => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // No /proc, no such process any more, or one of another user: nothing is known.
    return null;
  }
};
