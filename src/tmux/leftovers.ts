/** Remembers our tmux clients on disk, so that the next start can end those that outlived us. */

import type { ChildProcess } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Log } from '../../actors/ports.ts';

export interface Leftovers {
  /** Keeps the child on record from now until it exits. */
  track(child: ChildProcess): void;
}

/** Keeps no record; for where nobody will come to reap. */
export const NO_LEFTOVERS: Leftovers = { track: () => {} };

/**
 * The record is a line `<boot id> <pid> <start time>` per client, and is whole at any moment.
 * Without /proc there is no start time to tell a process by, and nothing is recorded: there the
 * closed stdin must do.
 */
export const createLeftovers = (file: string, log: Log): Leftovers => {
  const lines = new Map<number, string>();
  const write = (): void => {
    const draft = `${file}.new`;
    const text = [...lines.values()].map((line) => `${line}\n`).join('');
    try {
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, file);
    } catch (error) {
      // Watching goes on: the record matters only if this process is killed and a client is not.
      log.warn({ err: error }, 'cannot record the tmux clients');
      dropDraft(draft, log);
    }
  };

  return {
    track: (child) => {
      const { pid } = child;
      const line = pid === undefined ? null : identify(pid);
      if (pid === undefined || line === null) return;
      lines.set(pid, line);
      write();
      child.once('exit', () => {
        lines.delete(pid);
        write();
      });
    },
  };
};

/**
 * Kills the clients on record that still run, told by pid, start time and boot; answers their
 * pids. To be called before the first client of this life is started.
 */
export const reapLeftovers = (file: string, log: Log): number[] => {
  const killed: number[] = [];
  for (const line of readLines(file, log)) {
    const pid = Number(line.split(' ')[1]);
    if (!Number.isSafeInteger(pid) || pid <= 1 || identify(pid) !== line) continue;
    if (kill(pid)) killed.push(pid);
  }
  return killed;
};

const readLines = (file: string, log: Log): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    // A client that is left over does little harm; a monitor that does not start is of no use.
    if (!isMissing(error)) log.warn({ err: error }, 'the record of tmux clients cannot be read');
    return [];
  }
};

/** It is empty where the disk is full, and would lie there until one can be written. */
const dropDraft = (draft: string, log: Log): void => {
  try {
    rmSync(draft, { force: true });
  } catch (error) {
    log.warn({ err: error }, 'a draft of the record of tmux clients cannot be removed');
  }
};

/** Null where the process is gone, if only its parent has not noticed, or there is no /proc. */
const identify = (pid: number): string | null => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold anything.
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTime = fields[18];
    return 'ZX'.includes(state) ? null : `${boot} ${pid} ${startTime}`;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
};

const kill = (pid: number): boolean => {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    throw error;
  }
};

/** ESRCH: the process ended while its file was being read. */
const isMissing = (error: unknown): boolean => ['ENOENT', 'ESRCH'].includes(codeOf(error));

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
