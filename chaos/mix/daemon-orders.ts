/** What is done to a daemon from within: its clock is set, its threads end or hang. */

import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface DaemonOrders {
  /** What the daemon's environment must have. */
  readonly env: Record<string, string>;
  /** Sets the clock of whatever runs under that pid, and of each that is started later. */
  setClock(pid: number, offMs: number): Promise<boolean>;
  /** Ends the threads that run just now, as one does whose memory is full. */
  endThreads(pid: number): Promise<boolean>;
  /** Until it is said otherwise no thread answers any more. */
  hangThreads(hang: boolean): void;
}

const PRELOADED = new URL('daemon-preload.ts', import.meta.url).href;
const OBEYED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 10;

export const createOrders = (folder: string): DaemonOrders => {
  mkdirSync(folder);
  const file = (name: string): string => join(folder, name);

  /** False where nobody obeys. It must have said that it is ready: before that the signal kills it. */
  const give = async (pid: number, order: string): Promise<boolean> => {
    write(file('order'), order);
    process.kill(pid, 'SIGUSR2');
    const end = performance.now() + OBEYED_WITHIN_MS;
    while (existsSync(file('order')) && performance.now() < end) await delay(LOOK_EVERY_MS);
    return !existsSync(file('order'));
  };

  return {
    env: { NODE_OPTIONS: `--import=${PRELOADED}`, CHAOS_ORDERS: folder },
    setClock: async (pid, offMs) => {
      write(file('clock'), String(offMs));
      return give(pid, 'clock');
    },
    endThreads: (pid) => give(pid, 'threads'),
    hangThreads: (hang) => {
      if (hang) write(file('hang'), '');
      else rmSync(file('hang'), { force: true });
    },
  };
};

/** Nobody reads half of it. */
const write = (file: string, text: string): void => {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
};
