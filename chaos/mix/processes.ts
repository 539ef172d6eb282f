/** What Linux tells of running processes. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** False for one that has ended and only waits to be noticed. */
export const isRunning = (pid: number): boolean => {
  const state = statusOf(pid, 'State');
  return state !== null && !/^[ZX]/.test(state);
};

/** Bytes in memory now. */
export const memoryOf = (pid: number): number =>
  Number.parseInt(statusOf(pid, 'VmRSS') ?? '0', 10) * 1024;

export const parentOf = (pid: number): number => Number.parseInt(statusOf(pid, 'PPid') ?? '0', 10);

/** Zombies are children too: they have to be noticed. */
export const childrenOf = (pid: number): number[] =>
  namesIn(`/proc/${pid}/task`)
    .flatMap((thread) => readIfThere(`/proc/${pid}/task/${thread}/children`)?.split(' ') ?? [])
    .flatMap((child) => (child.trim() === '' ? [] : [Number(child)]));

/** What each open descriptor stands for. */
export const descriptorsOf = (pid: number): string[] =>
  namesIn(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // It was closed meanwhile.
    }
  });

const statusOf = (pid: number, field: string): string | null => {
  const status = readIfThere(`/proc/${pid}/status`);
  return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(status ?? '')?.[1] ?? null;
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return []; // The process has ended.
  }
};

const readIfThere = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null; // The process has ended.
  }
};
