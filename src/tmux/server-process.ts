/** What the system knows of the tmux server's process and its children, where it has a /proc. */

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

/** True for a running process that calls itself a tmux server; false where there is no /proc. */
export const isTmuxServer = (pid: number): boolean =>
  isRunning(pid) && readProc(pid, 'comm') === 'tmux: server\n';

/** The soft limit of open files of a process; where that is secret, what Unix systems start with. */
export const maxFilesOf = (pid: number): number => {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readProc(pid, 'limits') ?? '')?.[1];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft ?? DEFAULT_MAX_FILES);
};

/**
 * How a process ended that its parent has not collected, as a shell would say it; else null. tmux
 * 3.3a knows that a pane is dead before it knows how its program ended, and on a busy machine may
 * overlook for long that one did.
 */
export const statusOfUncollected = (pid: number): number | null => {
  const stat = readProc(pid, 'stat') ?? '';
  // The second field is the name in parentheses and may hold anything.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const waitStatus = Number(fields.at(-1));
  if (state !== 'Z' || !Number.isInteger(waitStatus)) return null;
  const signal = waitStatus & 0x7f;
  return signal === 0 ? waitStatus >> 8 : 128 + signal;
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
